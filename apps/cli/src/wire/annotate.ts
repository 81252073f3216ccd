import { FrameFlag, FrameType, frameHeadBytes, type HeaderField, readFrameHead } from "@apns/h2";

/** A part of a frame, and what it means. */
export interface Annotated {
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  readonly meaning: string;
}

const commandNames = ["simple", "enhanced", "framed"] as const;

/** Every field of a legacy notification frame, as `@apns/binary/wire` lays it out. The frame must be whole. */
export function annotateFrame(frame: Uint8Array): Annotated[] {
  const reader = new Reader(frame);
  const command = reader.uint(1, "command", (value) => `${value} (${commandNames[value] ?? "unknown"})`);
  if (command === 2) {
    reader.uint(4, "frame length", (value) => `${value} bytes of items`);
    while (reader.left > 0) annotateItem(reader);
    return reader.fields;
  }
  if (command === 1) {
    reader.uint(4, "identifier", String);
    reader.uint(4, "expiry", instant);
  }
  reader.bytes(reader.uint(2, "token length", bytesOf), "device token", hex);
  reader.bytes(reader.uint(2, "payload length", bytesOf), "payload", utf8);
  return reader.fields;
}

function annotateItem(reader: Reader): void {
  const id = reader.uint(1, "item id", (value) => `${value} (${itemNames[value] ?? "unknown"})`);
  const length = reader.uint(2, "item length", bytesOf);
  const name = itemNames[id] ?? "item";
  if (name === "payload") reader.bytes(length, name, utf8);
  else if (name === "device token") reader.bytes(length, name, hex);
  else reader.uint(length, name, name === "expiry" ? instant : String);
}

const itemNames: Readonly<Record<number, string>> = {
  1: "device token",
  2: "payload",
  3: "identifier",
  4: "expiry",
  5: "priority",
};

/** The head of an HTTP/2 frame (RFC 9113, section 4.1), and its content as a whole. */
export function annotateHttp2Frame(frame: Uint8Array, headers: readonly HeaderField[]): Annotated[] {
  const { type, flags } = readFrameHead(frame, 0);
  const isHeaders = type === FrameType.HEADERS;
  const reader = new Reader(frame);
  const length = reader.uint(3, "length", bytesOf);
  reader.uint(1, "type", (value) => `${value} (${isHeaders ? "HEADERS" : "DATA"})`);
  reader.uint(1, "flags", () => flagNames(flags, isHeaders));
  reader.uint(4, "stream", String);
  const content = isHeaders ? () => `${headers.length} header fields, compressed (HPACK)` : utf8;
  reader.bytes(Math.min(length, frame.length - frameHeadBytes), isHeaders ? "header block" : "payload", content);
  return reader.fields;
}

function flagNames(flags: number, isHeaders: boolean): string {
  const names = [
    ...(flags & FrameFlag.END_STREAM ? ["END_STREAM"] : []),
    ...(isHeaders && flags & FrameFlag.END_HEADERS ? ["END_HEADERS"] : []),
  ];
  return names.length === 0 ? "none" : names.join(", ");
}

/** Every byte with its offset, sixteen on a line, beside the field it belongs to. */
export function asHexDump(bytes: Uint8Array, fields: readonly Annotated[]): string[] {
  const lines: string[] = [];
  for (const { offset, length, name, meaning } of fields) {
    for (let at = 0; at < length || at === 0; at += 16) {
      const row = bytes.subarray(offset + at, offset + Math.min(at + 16, length));
      const digits = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      const note = at === 0 ? `${name}: ${meaning}` : "";
      lines.push(`  ${(offset + at).toString(16).padStart(4, "0")}  ${digits.padEnd(47)}  ${note}`.trimEnd());
    }
  }
  return lines;
}

class Reader {
  readonly fields: Annotated[] = [];
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  uint(length: number, name: string, meaning: (value: number) => string): number {
    let value = 0;
    for (const byte of this.#bytes.subarray(this.#offset, this.#offset + length)) value = value * 256 + byte;
    this.#add(length, name, meaning(value));
    return value;
  }

  bytes(length: number, name: string, meaning: (bytes: Uint8Array) => string): void {
    this.#add(length, name, meaning(this.#bytes.subarray(this.#offset, this.#offset + length)));
  }

  #add(length: number, name: string, meaning: string): void {
    this.fields.push({ offset: this.#offset, length, name, meaning });
    this.#offset += length;
  }
}

function bytesOf(value: number): string {
  return `${value} bytes`;
}

function instant(seconds: number): string {
  return seconds === 0 ? "0 (a single attempt)" : `${seconds} (${new Date(seconds * 1000).toISOString()})`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
