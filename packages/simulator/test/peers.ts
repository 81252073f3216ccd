// Plain peers: node:http2 and raw sockets with hex, nothing of this family's own.
import { createPrivateKey, sign } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, constants, type IncomingHttpHeaders } from "node:http2";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/index.ts";

/** A simulator that is closed when the test ends. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const apple = await startSimulator(options);
  onTestFinished(() => apple.close());
  return apple;
}

/** The token of the facts: 00 01 02 … 1f. */
export const deviceToken: string = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");

export interface TokenParts {
  readonly key?: string;
  readonly header?: object;
  readonly claims?: object;
  readonly signature?: "raw" | "der";
}

/** A provider token, signed by hand. */
export function providerToken(apple: Simulator, parts: TokenParts = {}): string {
  const { keyId, teamId, signingKey } = apple.credentials;
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = encode(parts.header ?? { alg: "ES256", kid: keyId });
  const claims = encode({ iss: teamId, iat: Math.floor(Date.now() / 1000), ...parts.claims });
  const dsaEncoding = parts.signature === "der" ? "der" : "ieee-p1363";
  const key = createPrivateKey(parts.key ?? signingKey);
  return `bearer ${header}.${claims}.${sign("sha256", Buffer.from(`${header}.${claims}`), { key, dsaEncoding }).toString("base64url")}`;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly reason: string | undefined;
}

export interface PushRequest {
  readonly token?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[] | undefined>;
  readonly body?: string | Buffer;
}

/** A connection of node:http2, with a certificate or without. */
export async function http2(
  apple: Simulator,
  tls: { cert?: string; key?: string } = {},
  service: "http2" | "channels" = "http2",
): Promise<Http2Peer> {
  const { host, port, ca, servername } = apple[service];
  const session = connectHttp2(`https://${host}:${port}`, { ca: ca as string, servername, ...tls });
  session.on("error", () => {});
  onTestFinished(() => void session.destroy());
  const peer = new Http2Peer(apple, session, tls.cert === undefined);
  await once(session, "remoteSettings");
  return peer;
}

export class Http2Peer {
  readonly session: ClientHttp2Session;
  readonly goAways: { code: number; lastStreamId: number; text: string }[] = [];
  readonly limits: number[] = [];
  readonly closed: Promise<void>;
  readonly #apple: Simulator;
  readonly #authorization: string | undefined;

  constructor(apple: Simulator, session: ClientHttp2Session, withToken: boolean) {
    this.session = session;
    this.#apple = apple;
    this.#authorization = withToken ? providerToken(apple) : undefined;
    this.closed = new Promise((resolve) => session.once("close", () => resolve()));
    session.on("goaway", (code, lastStreamId, data) => {
      this.goAways.push({ code, lastStreamId, text: data === undefined ? "" : Buffer.from(data).toString() });
    });
    session.on("remoteSettings", ({ maxConcurrentStreams }) => void this.limits.push(maxConcurrentStreams!));
  }

  /** Sends a push that is right in every respect, save for what is asked for. */
  push(request: PushRequest = {}): Promise<Response> {
    const headers: Record<string, string | string[] | undefined> = {
      ":method": request.method ?? "POST",
      ":path": request.path ?? `/3/device/${request.token ?? deviceToken}`,
      authorization: this.#authorization,
      "apns-topic": this.#apple.credentials.topic,
      "apns-push-type": "alert",
      ...request.headers,
    };
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
    return this.request(headers, request.body ?? '{"aps":{"alert":"Hi"}}');
  }

  /** Any other request, with the authorization of this connection. */
  ask(
    method: string,
    path: string,
    headers: Record<string, string | string[] | undefined> = {},
    body: string | Buffer = "",
  ): Promise<Response> {
    const all: Record<string, string | string[] | undefined> = {
      ":method": method,
      ":path": path,
      authorization: this.#authorization,
      ...headers,
    };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    return this.request(all, body);
  }

  request(headers: Record<string, string | string[] | undefined>, body: string | Buffer): Promise<Response> {
    const stream = this.session.request(headers, { endStream: false });
    return new Promise((resolve, reject) => {
      let answered: IncomingHttpHeaders = {};
      let text = "";
      stream.setEncoding("utf8");
      stream.on("response", (received) => {
        answered = received;
      });
      stream.on("data", (chunk: string) => {
        text += chunk;
      });
      stream.on("error", reject);
      stream.on("close", () => {
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) reject(new Error(`reset with ${stream.rstCode}`));
        else if (answered[":status"] === undefined) reject(new Error("closed without an answer"));
        else {
          const parsed = text === "" ? {} : (JSON.parse(text) as { reason?: string });
          resolve({ status: Number(answered[":status"]), headers: answered, body: text, reason: parsed.reason });
        }
      });
      stream.end(body);
    });
  }
}

/** A raw TLS connection to the gateway or the feedback service. */
export async function legacy(
  apple: Simulator,
  options: ConnectionOptions & { service?: "gateway" | "feedback" } = {},
): Promise<LegacyPeer> {
  const { service = "gateway", ...rest } = options;
  const { host, port, ca, servername } = apple[service];
  const complete: ConnectionOptions = {
    host,
    port,
    ca: ca as string,
    servername,
    ...apple.credentials.tls,
    allowHalfOpen: true,
    ...rest,
  } as ConnectionOptions;
  const socket = connectTls(complete);
  onTestFinished(() => void socket.destroy());
  const peer = new LegacyPeer(socket);
  await once(socket, "secureConnect");
  return peer;
}

export class LegacyPeer {
  readonly socket: TLSSocket;
  /** Each chunk as it came. */
  readonly chunks: Buffer[] = [];
  error: NodeJS.ErrnoException | undefined;
  /** Everything read, once the other side has ended. */
  readonly ended: Promise<string>;
  /** The connection is gone, and `error` says if it was by one. */
  readonly closed: Promise<void>;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => void this.chunks.push(chunk));
    socket.on("error", (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    this.ended = new Promise((resolve) => {
      const done = () => resolve(this.hex);
      socket.once("end", done);
      socket.once("close", done);
    });
  }

  get hex(): string {
    return Buffer.concat(this.chunks).toString("hex");
  }

  /** Writes bytes given as hex; blanks and line breaks are for reading only. */
  send(hex: string): void {
    this.socket.write(Buffer.from(hex.replace(/\s/g, ""), "hex"));
  }

  /** Resolves when so many bytes were read. */
  async read(bytes: number): Promise<string> {
    while (this.hex.length < bytes * 2) await once(this.socket, "data");
    return this.hex;
  }
}

/** A frame of command 1 as hex. */
export function enhanced(identifier: number, token: string = deviceToken, payload = '{"aps":{"alert":"Hi"}}'): string {
  const u16 = (value: number) => value.toString(16).padStart(4, "0");
  const body = Buffer.from(payload).toString("hex");
  return `01${identifier.toString(16).padStart(8, "0")}6553f100${u16(token.length / 2)}${token}${u16(body.length / 2)}${body}`;
}

/** Waits until something is so; the deadline is the test's own. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
