// A sender that is nothing but octets: requests framed and packed by hand, and what comes back, frame by frame.
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { frameHeadBytes, readFrameHead } from "@apns/h2";
import { onTestFinished } from "vitest";
import type { Simulator } from "../src/index.ts";
import { deviceToken } from "./peers.ts";

export interface RawPeer {
  readonly socket: TLSSocket;
  /** Everything read so far. */
  readonly octets: () => Buffer;
  /** The other side has ended, in order or not. */
  readonly ended: Promise<void>;
}

/** Opens so many streams in one write, all HEADERS ahead of all DATA; with a certificate, unless there is an authorization. */
export async function rawHttp2(apple: Simulator, streams: number, authorization?: string): Promise<RawPeer> {
  const { host, port, ca, servername } = apple.http2;
  const tls = authorization === undefined ? apple.credentials.tls : {};
  const socket = connect({ host, port, ca: ca as string, servername, ALPNProtocols: ["h2"], ...tls });
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  await once(socket, "secureConnect");
  const ids = Array.from({ length: streams }, (_, index) => 2 * index + 1);
  const block = Buffer.concat([
    literal(":method", "POST"),
    literal(":scheme", "https"),
    literal(":path", `/3/device/${deviceToken}`),
    ...(authorization === undefined ? [] : [literal("authorization", authorization)]),
    literal("apns-topic", apple.credentials.topic),
  ]);
  socket.write(
    Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      frame(4, 0, 0),
      ...ids.map((id) => frame(1, 4, id, block)),
      ...ids.map((id) => frame(0, 1, id, Buffer.from("{}"))),
    ]),
  );
  return { socket, octets: () => Buffer.concat(chunks), ended };
}

export function frame(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 7541, 6.2.2: a literal without indexing whose name is spelt out. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), length(name), Buffer.from(name), length(value), Buffer.from(value)]);
}

/** RFC 7541, 5.1, with a prefix of seven bits. */
function length(text: string): Buffer {
  const rest = text.length - 127;
  if (rest < 0) return Buffer.from([text.length]);
  return Buffer.from(rest < 128 ? [127, rest] : [127, 128 | (rest & 127), rest >>> 7]);
}

export interface Frame {
  readonly type: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** The whole frames; what is left of a cut one is left out. */
export function framesOf(octets: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + frameHeadBytes <= octets.length; ) {
    const head = readFrameHead(octets, at);
    const end = at + frameHeadBytes + head.length;
    if (end > octets.length) break;
    frames.push({ type: head.type, streamId: head.streamId, payload: octets.subarray(at + frameHeadBytes, end) });
    at = end;
  }
  return frames;
}
