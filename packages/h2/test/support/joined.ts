import {
  ClientConnection,
  type ClientConnectionOptions,
  type Connection,
  type Http2Error,
  type RequestFailure,
  readFrameHead,
  ServerConnection,
  type ServerConnectionOptions,
} from "../../src/index.ts";

export interface Response {
  context: unknown;
  httpStatus: number;
  headers: Record<string, string>;
  body: string;
}

export interface Request {
  streamId: number;
  headers: Record<string, string>;
  body: string;
}

/** A client and a server joined in memory; everything that is reported is kept. */
export class Pair {
  responses: Response[] = [];
  failures: { context: unknown; failure: RequestFailure }[] = [];
  requests: Request[] = [];
  resets: { streamId: number; error: Http2Error }[] = [];
  clientErrors: Http2Error[] = [];
  serverErrors: Http2Error[] = [];
  goAways: { lastStreamId: number; http2ErrorCode: number; debugData: string }[] = [];
  log: string[] = [];
  now = 0;
  onRequest: ((request: Request) => void) | undefined;
  readonly client: ClientConnection;
  readonly server: ServerConnection;

  constructor(clientOptions: ClientConnectionOptions = {}, serverOptions: ServerConnectionOptions = {}) {
    this.client = new ClientConnection(clientOptions, {
      onResponse: (context, httpStatus, headers, body) =>
        this.responses.push({
          context,
          httpStatus,
          headers: Object.fromEntries(headers),
          body: Buffer.from(body).toString(),
        }),
      onRequestFailed: (context, failure) => this.failures.push({ context, failure }),
      onConnectionError: (error) => this.clientErrors.push(error),
      onGoAway: (frame) => this.goAways.push({ ...frame, debugData: Buffer.from(frame.debugData).toString() }),
      onDrained: () => this.log.push("client drained"),
      onPingAck: (ms) => this.log.push(`client ping ${ms}`),
      onSettings: (settings) => this.log.push(`client sees limit ${settings.maxConcurrentStreams}`),
      onSettingsAck: () => this.log.push("client settings acknowledged"),
      onCapacity: () => this.log.push("capacity"),
    });
    this.server = new ServerConnection(serverOptions, {
      onRequest: (streamId, headers, body) => {
        const request = { streamId, headers: Object.fromEntries(headers), body: Buffer.from(body).toString("latin1") };
        this.requests.push(request);
        this.onRequest?.(request);
      },
      onStreamReset: (streamId, error) => this.resets.push({ streamId, error }),
      onConnectionError: (error) => this.serverErrors.push(error),
      onDrained: () => this.log.push("server drained"),
    });
  }

  /** Carries octets to and fro until both are silent. */
  settle(): this {
    while (this.client.hasOutput || this.server.hasOutput) {
      carry(this.client, this.server, this.now);
      carry(this.server, this.client, this.now);
    }
    return this;
  }
}

/** Carries what one side has to say to the other; returns it. */
export function carry(from: Connection, to: Connection, now = 0): number {
  let bytes = 0;
  for (let output = from.takeOutput(); output !== undefined; output = from.takeOutput()) {
    bytes += output.length;
    to.receive(output, now);
    from.outputWritten();
  }
  return bytes;
}

/** All a machine has queued, taken. */
export function drain(connection: Connection): Buffer {
  const parts: Buffer[] = [];
  for (let output = connection.takeOutput(); output !== undefined; output = connection.takeOutput()) {
    parts.push(Buffer.from(output));
    connection.outputWritten();
  }
  return Buffer.concat(parts);
}

export interface RawFrame {
  type: number;
  flags: number;
  streamId: number;
  payload: Buffer;
}

/** The plain way to cut octets into frames; `skip` octets of preface go before. */
export function framesOf(octets: Buffer, skip = 0): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let offset = skip; offset < octets.length; ) {
    const { length, type, flags, streamId } = readFrameHead(octets, offset);
    frames.push({ type, flags, streamId, payload: octets.subarray(offset + 9, offset + 9 + length) });
    offset += 9 + length;
  }
  return frames;
}

export const requestFields = [
  { name: ":method", value: "POST" },
  { name: ":scheme", value: "https" },
  { name: ":authority", value: "api.push.apple.com" },
  { name: "authorization", value: `bearer ${"abc.".repeat(50)}` },
  { name: "apns-topic", value: "com.example.app" },
  { name: "apns-push-type", value: "alert" },
];

export function postTemplate(client: ClientConnection) {
  return client.createTemplate({ fields: requestFields, pathPrefix: "/3/device/", variable: "apns-id" });
}

export function okTemplate(server: ServerConnection) {
  return server.createTemplate({
    fields: [{ name: ":status", value: "200" }],
    variables: ["apns-id", "apns-unique-id"],
  });
}
