import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Endpoint } from "@apns/core";
import {
  encodeFrame,
  encodeGoAwayFrame,
  encodeRstStreamFrame,
  encodeSettingsFrame,
  encodeWindowUpdateFrame,
  FrameFlag,
  FrameType,
  frameHeadBytes,
  HeaderFields,
  HpackDecoder,
  readFrameHead,
  type Setting,
} from "@apns/h2";
import { testIdentities } from "@apns/testkit";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export interface RawRequest {
  readonly streamId: number;
  readonly path: string;
  /** Its END_STREAM has come. */
  complete: boolean;
  bodyBytes: number;
}

/** One connection of a peer that writes its frames by hand: it says what it is told to say, right or wrong. */
export class RawConnection {
  readonly index: number;
  readonly requests: RawRequest[] = [];
  /** Streams the client has reset. */
  readonly reset: number[] = [];
  readonly socket: TLSSocket;
  /** Whether the client resumed a TLS session. */
  readonly resumed: boolean;
  goAwayReceived = false;
  pings = 0;
  answersPings = true;
  readonly #tcp: Socket;
  readonly #decoder = new HpackDecoder(4096, 65_536);
  #input: Buffer = Buffer.alloc(0);
  #prefaceSeen = false;

  constructor(index: number, socket: TLSSocket, tcp: Socket) {
    this.index = index;
    this.socket = socket;
    this.resumed = socket.isSessionReused();
    this.#tcp = tcp;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  /** Resolves when so many requests have come, to their end unless their headers are enough. */
  async received(count: number, part: "whole" | "headers" = "whole"): Promise<void> {
    const enough = (): boolean =>
      this.requests.filter(({ complete }) => complete || part === "headers").length >= count;
    while (!enough()) await once(this.socket, "progress");
  }

  settings(settings: readonly Setting[] = []): void {
    this.write(encodeSettingsFrame({ ack: false, settings }));
  }

  /** A whole answer; with a reason there is a body. */
  answer(streamId: number, httpStatus = 200, reason?: string): void {
    this.headers(streamId, httpStatus, reason === undefined);
    if (reason !== undefined) this.data(streamId, JSON.stringify({ reason }), true);
  }

  headers(streamId: number, httpStatus: number, endStream: boolean): void {
    const flags = FrameFlag.END_HEADERS | (endStream ? FrameFlag.END_STREAM : 0);
    // :status as a literal without indexing, name of static entry 8
    const block = Buffer.from(`\x08\x03${httpStatus}`, "latin1");
    this.write(encodeFrame(FrameType.HEADERS, flags, streamId, block));
  }

  /** The headers of a 200 that ends its stream, with further fields as they are. */
  fields(streamId: number, fields: readonly (readonly [name: string, value: string])[]): void {
    const literal = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text, "latin1")]);
    const more = fields.map(([name, value]) => Buffer.concat([Buffer.of(0), literal(name), literal(value)]));
    const block = Buffer.concat([Buffer.from("\x08\x03200", "latin1"), ...more]);
    this.write(encodeFrame(FrameType.HEADERS, FrameFlag.END_HEADERS | FrameFlag.END_STREAM, streamId, block));
  }

  data(streamId: number, text: string, endStream: boolean): void {
    this.write(encodeFrame(FrameType.DATA, endStream ? FrameFlag.END_STREAM : 0, streamId, Buffer.from(text)));
  }

  goAway(lastStreamId: number, reason?: string, http2ErrorCode = 0): void {
    const debugData = Buffer.from(reason === undefined ? "" : JSON.stringify({ reason }));
    this.write(encodeGoAwayFrame({ lastStreamId, http2ErrorCode, debugData }));
  }

  resetStream(streamId: number, http2ErrorCode: number): void {
    this.write(encodeRstStreamFrame({ streamId, http2ErrorCode }));
  }

  window(streamId: number, increment: number): void {
    this.write(encodeWindowUpdateFrame({ streamId, increment }));
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** What is said in the call arrives in one piece. */
  together(say: () => void): void {
    this.socket.cork();
    say();
    this.socket.uncork();
  }

  /** TCP FIN, after what was written. */
  end(): void {
    this.socket.end();
  }

  /** TCP RST. */
  cut(): void {
    this.#tcp.resetAndDestroy();
  }

  /** Reads nothing more: the client's writes back up. */
  stopReading(): void {
    this.socket.pause();
    this.#tcp.pause();
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    if (!this.#prefaceSeen) {
      if (this.#input.length < preface.length) return;
      this.#prefaceSeen = true;
      this.#input = this.#input.subarray(preface.length);
    }
    while (this.#input.length >= frameHeadBytes) {
      const { length, type, flags, streamId } = readFrameHead(this.#input, 0);
      if (this.#input.length < frameHeadBytes + length) break;
      this.#frame(type, flags, streamId, this.#input.subarray(frameHeadBytes, frameHeadBytes + length));
      this.#input = this.#input.subarray(frameHeadBytes + length);
    }
    this.socket.emit("progress");
  }

  #frame(type: number, flags: number, streamId: number, payload: Buffer): void {
    const request = this.requests.find((entry) => entry.streamId === streamId);
    if (type === FrameType.HEADERS) {
      const fields = new HeaderFields();
      this.#decoder.decode(payload, 0, payload.length, fields);
      const complete = (flags & FrameFlag.END_STREAM) !== 0;
      this.requests.push({ streamId, path: fields.get(":path")!, complete, bodyBytes: 0 });
    } else if (type === FrameType.DATA) {
      request!.bodyBytes += payload.length;
      request!.complete = (flags & FrameFlag.END_STREAM) !== 0;
    } else if (type === FrameType.RST_STREAM) {
      this.reset.push(streamId);
    } else if (type === FrameType.GOAWAY) {
      this.goAwayReceived = true;
    } else if (type === FrameType.SETTINGS && (flags & FrameFlag.ACK) === 0) {
      this.write(encodeSettingsFrame({ ack: true, settings: [] }));
    } else if (type === FrameType.PING && (flags & FrameFlag.ACK) === 0) {
      this.pings++;
      if (this.answersPings) this.write(encodeFrame(FrameType.PING, FrameFlag.ACK, 0, payload));
    }
  }
}

export type RawScript = (connection: RawConnection) => void | Promise<void>;

/** A TLS server that hands each connection to a script. */
export class RawPeer {
  readonly connections: RawConnection[] = [];
  /** When each connection was made, on the monotonic clock. */
  readonly connectedAt: number[] = [];
  readonly endpoint: Endpoint;
  /** Agrees on no protocol with further connections: an alert that each attempt would meet again. */
  refusesFurther = false;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, endpoint: Endpoint, sockets: Set<Socket>) {
    this.#server = server;
    this.endpoint = endpoint;
    this.#sockets = sockets;
  }

  static async start(script: RawScript, options: TlsOptions = {}): Promise<RawPeer> {
    const { ca, server: identity } = await testIdentities();
    const server = createServer({
      ...identity,
      ca,
      requestCert: true,
      noDelay: true,
      ALPNCallback: () => (peer.refusesFurther ? undefined : "h2"),
      ...options,
    });
    const sockets = new Set<Socket>();
    const byPort = new Map<number, Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket.on("error", () => {}));
      byPort.set(socket.remotePort!, socket);
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const peer: RawPeer = new RawPeer(server, { host: "127.0.0.1", port, ca }, sockets);
    server.on("secureConnection", (socket) => {
      const connection = new RawConnection(peer.connections.length, socket, byPort.get(socket.remotePort!)!);
      peer.connections.push(connection);
      peer.connectedAt.push(performance.now());
      // A script that waits for progress on a socket that breaks is at its end; anything else it throws is the test's.
      Promise.resolve(script(connection)).catch((error: NodeJS.ErrnoException) => {
        if (error.syscall === undefined) throw error;
      });
    });
    return peer;
  }

  /** Requests of all connections, as the tail of their path. */
  get seen(): string[] {
    return this.connections.flatMap(({ requests }) => requests.map(({ path }) => path.replace("/3/device/", "")));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Answers everything with 200. */
export async function acceptAll(connection: RawConnection, settings: readonly Setting[] = []): Promise<void> {
  connection.settings(settings);
  const answered = new Set<number>();
  for (;;) {
    for (const { streamId, complete } of connection.requests) {
      if (!complete || answered.has(streamId)) continue;
      answered.add(streamId);
      connection.answer(streamId);
    }
    await once(connection.socket, "progress");
  }
}
