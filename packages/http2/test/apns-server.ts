import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Endpoint } from "@apns/core";
import { testIdentities } from "@apns/testkit";

/** One request as the server saw it. */
export interface SeenRequest {
  readonly headers: IncomingHttpHeaders;
  readonly deviceToken: string;
  readonly payload: string;
  readonly stream: ServerHttp2Stream;
  readonly session: ServerHttp2Session;
  /** Which connection it came on, from 0. */
  readonly connection: number;
  /** Order of arrival, from 0. */
  readonly index: number;
}

export interface ScriptedServerOptions {
  readonly maxConcurrentStreams?: number;
  /** What to do with a request; not answering leaves it open. */
  readonly onRequest: (request: SeenRequest) => void;
  readonly onSession?: (session: ServerHttp2Session, connection: number) => void;
  readonly requestCert?: boolean;
}

/** A server that does what a test tells it, and nothing of its own. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  readonly sessions: ServerHttp2Session[] = [];
  /** The TCP sockets under the connections, in the same order. */
  readonly sockets: Socket[] = [];
  mostConcurrent = 0;
  readonly endpoint: Endpoint;
  readonly #server: Http2SecureServer;

  private constructor(server: Http2SecureServer, endpoint: Endpoint) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  static async start(options: ScriptedServerOptions): Promise<ScriptedServer> {
    const { ca, server: identity } = await testIdentities();
    const server = createSecureServer({
      ...identity,
      ...(options.requestCert ? { requestCert: true, ca } : {}),
      settings: { maxConcurrentStreams: options.maxConcurrentStreams ?? 1000 },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const scripted = new ScriptedServer(server, { host: "127.0.0.1", port, ca });
    server.on("connection", (socket: Socket) => scripted.sockets.push(socket));
    server.on("session", (session) => {
      const connection = scripted.sessions.push(session) - 1;
      session.on("error", () => {});
      options.onSession?.(session, connection);
    });
    server.on("stream", (stream, headers) => scripted.#onStream(stream, headers, options));
    return scripted;
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ScriptedServerOptions): void {
    const session = stream.session as ServerHttp2Session;
    const connection = this.sessions.indexOf(session);
    openStreams.set(session, (openStreams.get(session) ?? 0) + 1);
    this.mostConcurrent = Math.max(this.mostConcurrent, openStreams.get(session)!);
    stream.on("error", () => {});
    stream.on("close", () => openStreams.set(session, openStreams.get(session)! - 1));
    let payload = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      payload += text;
    });
    stream.on("end", () => {
      const deviceToken = String(headers[":path"]).replace("/3/device/", "");
      const index = this.requests.length;
      const request = { headers, deviceToken, payload, stream, session, connection, index };
      this.requests.push(request);
      options.onRequest(request);
    });
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const openStreams = new WeakMap<ServerHttp2Session, number>();

/** Answers 200, as APNs does. */
export function accept(request: SeenRequest, apnsId = "07C0F2E2-7CE0-71EC-D0D6-E7089220F778"): void {
  request.stream.respond({ ":status": 200, "apns-id": apnsId }, { endStream: true });
}

/** Answers with a reason. */
export function refuse(
  request: SeenRequest,
  httpStatus: number,
  reason: string,
  more: { readonly timestamp?: number; readonly headers?: Record<string, string> } = {},
): void {
  request.stream.respond({ ":status": httpStatus, "apns-id": "A", ...more.headers });
  request.stream.end(
    JSON.stringify({ reason, ...(more.timestamp === undefined ? {} : { timestamp: more.timestamp }) }),
  );
}
