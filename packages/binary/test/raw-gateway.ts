// A gateway for tests, written from Apple's page with offsets and hexadecimal text. It shares no code with the codec it
// judges, and does only what its script says.
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureVersion, TLSSocket } from "node:tls";
import { testIdentities } from "@apns/testkit";

/** A frame of command 0 or 1, or of command 2 as this package's transport lays it out, cut up by offsets. */
export interface RawFrame {
  readonly command: number;
  readonly identifier: number;
  readonly expiry: number | undefined;
  readonly priority: number | undefined;
  readonly token: string;
  readonly payload: string;
  /** Position on its connection, from 0. */
  readonly index: number;
}

export interface RawConnection {
  /** Position among the connections of its gateway, from 0. */
  readonly number: number;
  readonly socket: TLSSocket;
  /** The TCP socket underneath. */
  readonly raw: Socket;
  readonly frames: RawFrame[];
  /** No frame is handed to the script any more; what comes is discarded. */
  discard(): void;
}

/** How a connection is ended, after the bytes if there are any. */
export type Ending = "fin" | "rst" | "open";

export interface Script {
  /** A connection was secured. */
  opened?(connection: RawConnection): void;
  /** Every frame, in order, the empty ones of barriers included. */
  frame?(frame: RawFrame, connection: RawConnection): void;
}

export interface RawGateway {
  readonly port: number;
  readonly connections: RawConnection[];
  script: Script;
  close(): Promise<void>;
}

/** Starts one on a port of its own. */
export async function startRawGateway(script: Script, version: SecureVersion = "TLSv1.2"): Promise<RawGateway> {
  const { ca, server: identity } = await testIdentities();
  const secureContext = createSecureContext({
    ...identity,
    ca,
    minVersion: version,
    maxVersion: version,
    ...(version < "TLSv1.2" ? { ciphers: "DEFAULT:@SECLEVEL=0" } : {}),
  });
  const sockets = new Set<Socket>();
  const server: Server = createServer((raw) => {
    sockets.add(raw);
    raw.on("close", () => sockets.delete(raw));
    raw.on("error", () => {});
    // Or a reset throws away what Nagle's algorithm holds back.
    raw.setNoDelay(true);
    const socket = new TLSSocket(raw, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false });
    socket.on("error", () => {});
    // A gateway sends its answer and closes while the sender is still writing.
    socket.allowHalfOpen = true;
    socket.once("secure", () => serve(raw, socket, gateway));
  });
  const gateway: RawGateway = {
    port: await listen(server),
    connections: [],
    script,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return gateway;
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function serve(raw: Socket, socket: TLSSocket, gateway: RawGateway): void {
  let held: Buffer = Buffer.alloc(0);
  let discarding = false;
  const connection: RawConnection = {
    number: gateway.connections.length,
    socket,
    raw,
    frames: [],
    discard: () => {
      discarding = true;
      held = Buffer.alloc(0);
    },
  };
  gateway.connections.push(connection);
  socket.on("data", (chunk: Buffer) => {
    if (discarding) return;
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let offset = 0;
    for (;;) {
      const cut = cutFrame(held, offset, connection.frames.length);
      if (cut === undefined) break;
      offset = cut.end;
      connection.frames.push(cut.frame);
      gateway.script.frame?.(cut.frame, connection);
      if (discarding) return;
    }
    held = held.subarray(offset);
  });
  // Our side stays open after the sender's FIN, for the script to end; left alone it ends as well.
  socket.on("end", () => setTimeout(() => socket.end(), 50));
  gateway.script.opened?.(connection);
}

function cutFrame(bytes: Buffer, at: number, index: number): { frame: RawFrame; end: number } | undefined {
  const command = bytes[at];
  if (command === 0 || command === 1) {
    const tokenAt = at + (command === 1 ? 11 : 3);
    if (bytes.length < tokenAt) return undefined;
    const payloadAt = tokenAt + bytes.readUInt16BE(tokenAt - 2) + 2;
    if (bytes.length < payloadAt) return undefined;
    const end = payloadAt + bytes.readUInt16BE(payloadAt - 2);
    if (bytes.length < end) return undefined;
    const frame: RawFrame = {
      command,
      identifier: command === 1 ? bytes.readUInt32BE(at + 1) : 0,
      expiry: command === 1 ? bytes.readUInt32BE(at + 5) : undefined,
      priority: undefined,
      token: bytes.toString("hex", tokenAt, payloadAt - 2),
      payload: bytes.toString("utf8", payloadAt, end),
      index,
    };
    return { frame, end };
  }
  if (command === undefined) return undefined;
  if (command !== 2) throw new Error(`the transport wrote command ${command}`);
  if (bytes.length < at + 5) return undefined;
  const end = at + 5 + bytes.readUInt32BE(at + 1);
  if (bytes.length < end) return undefined;
  const items = new Map<number, Buffer>();
  for (let offset = at + 5; offset < end; ) {
    const length = bytes.readUInt16BE(offset + 1);
    items.set(bytes[offset]!, bytes.subarray(offset + 3, offset + 3 + length));
    offset += 3 + length;
  }
  const frame: RawFrame = {
    command,
    identifier: items.get(3)?.readUInt32BE(0) ?? 0,
    expiry: items.get(4)?.readUInt32BE(0),
    priority: items.get(5)?.[0],
    token: items.get(1)?.toString("hex") ?? "",
    payload: items.get(2)?.toString("utf8") ?? "",
    index,
  };
  return { frame, end };
}

/** The six bytes, as Apple prints them. */
export function sixBytes(statusCode: number, identifier: number): string {
  return `08${statusCode.toString(16).padStart(2, "0")}${identifier.toString(16).padStart(8, "0")}`;
}

/**
 * Sends bytes (hexadecimal) in pieces of the sizes given, each in a TLS record of its own, and then ends the connection.
 * Everything that comes in meanwhile is discarded, as a gateway does after a bad frame.
 */
export async function answer(
  connection: RawConnection,
  hex: string,
  ending: Ending,
  sizes: readonly number[] = [hex.length / 2],
): Promise<void> {
  connection.discard();
  const { socket, raw } = connection;
  let bytes = Buffer.from(hex, "hex");
  for (const size of sizes) {
    const piece = bytes.subarray(0, size);
    bytes = bytes.subarray(size);
    if (piece.length > 0) await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    if (bytes.length > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (ending === "fin") socket.end();
  else if (ending === "rst") raw.resetAndDestroy();
}

/** Accepts everything but `bad`, whose status code it gives; answers barriers; ends with FIN. */
export function faithful(bad: ReadonlyMap<string, number> = new Map()): Script & { readonly accepted: RawFrame[] } {
  const accepted: RawFrame[] = [];
  return {
    accepted,
    frame: (frame, connection) => {
      const statusCode = frame.token === "" ? 2 : bad.get(frame.token);
      if (statusCode === undefined) accepted.push(frame);
      else void answer(connection, sixBytes(statusCode, frame.identifier), "fin");
    },
  };
}
