// The bytes of HTTP/2, frame by frame and field by field, as they were read off the wire.
import { FrameType, frameHeadBytes, HeaderFields, HpackDecoder, http2ErrorCodeName, readFrameHead } from "@apns/h2";
import type { AnnotatedBytes } from "../../page/protocol.js";
import { FieldWriter, hexOf } from "./field-writer.js";
import { splitHeaderBlock } from "./header-block.js";
import type { Direction } from "./tap.js";

const prefaceBytes = 24;
const usualTableBytes = 4096;
/** No encoder of ours or of the simulator's goes beyond. */
const largestTableBytes = 65_536;

/** Reads one direction of a connection, and says what each byte is. */
export class Http2Annotator {
  readonly #direction: Direction;
  readonly #hpack = new HpackDecoder(usualTableBytes, largestTableBytes);
  #bytes: Buffer = Buffer.alloc(0);
  #expectsPreface: boolean;

  constructor(direction: Direction) {
    this.#direction = direction;
    this.#expectsPreface = direction === "sent";
    this.#hpack.setTableLimit(largestTableBytes);
  }

  /** @returns the frames that are complete now */
  receive(bytes: Buffer): AnnotatedBytes[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: AnnotatedBytes[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): AnnotatedBytes | undefined {
    const fields = new FieldWriter();
    if (this.#expectsPreface) {
      if (this.#bytes.length < prefaceBytes) return undefined;
      this.#expectsPreface = false;
      fields.add(prefaceBytes, "preface", "PRI * HTTP/2.0 … SM", "Says once per connection: this is HTTP/2.");
      return this.#take(prefaceBytes, "Connection preface", "connection", fields);
    }
    if (this.#bytes.length < frameHeadBytes) return undefined;
    const head = readFrameHead(this.#bytes, 0);
    const end = frameHeadBytes + head.length;
    if (this.#bytes.length < end) return undefined;
    const payload = this.#bytes.subarray(frameHeadBytes, end);
    const kind = kinds[head.type] ?? { name: `type ${head.type}`, meaning: "Not known to HTTP/2 as of today." };
    fields.add(3, "length", String(head.length), "Bytes behind this head of nine.");
    fields.add(1, "type", `${head.type}, ${kind.name}`, kind.meaning);
    fields.add(1, "flags", `0x${head.flags.toString(16).padStart(2, "0")}`, flagsText(head.type, head.flags));
    fields.add(4, "stream", String(head.streamId), streamText(head.streamId));
    if (head.type === FrameType.HEADERS) this.#addHeaders(fields, payload);
    else addPayload[head.type]?.(fields, payload);
    const isAck = (head.type === FrameType.SETTINGS || head.type === FrameType.PING) && (head.flags & 1) !== 0;
    const title = isAck ? `${kind.name} frame, an acknowledgement` : `${kind.name} frame`;
    return this.#take(end, title, head.streamId === 0 ? "connection" : "notification", fields);
  }

  #take(length: number, title: string, about: AnnotatedBytes["about"], { fields }: FieldWriter): AnnotatedBytes {
    const hex = hexOf(this.#bytes.subarray(0, length));
    this.#bytes = this.#bytes.subarray(length);
    return { direction: this.#direction, title, about, hex, fields };
  }

  #addHeaders(fields: FieldWriter, block: Buffer): void {
    const decoded = new HeaderFields();
    this.#hpack.decode(block, 0, block.length, decoded);
    let index = 0;
    for (const { length, how, isField } of splitHeaderBlock(block)) {
      const [name, value] = isField ? [decoded.name(index), decoded.value(index)] : ["table size", ""];
      if (isField) index++;
      const bytes = `${length} ${length === 1 ? "byte" : "bytes"}`;
      fields.add(length, name, value, `${headerMeanings[name] ?? ""} Here ${bytes}: ${how}.`.trim());
    }
  }
}

/** What stands behind the head of a frame, by its type. */
const addPayload: Readonly<Record<number, (fields: FieldWriter, payload: Buffer) => void>> = {
  [FrameType.DATA]: (fields, payload) => fields.add(payload.length, "body", payload.toString(), "JSON."),
  [FrameType.SETTINGS]: (fields, payload) => {
    for (let offset = 0; offset < payload.length; offset += 6) {
      const id = payload.readUInt16BE(offset);
      const { name, meaning } = settings[id] ?? { name: `setting ${id}`, meaning: "" };
      fields.add(6, name, payload.readUInt32BE(offset + 2).toLocaleString("en-US"), meaning);
    }
  },
  [FrameType.WINDOW_UPDATE]: (fields, payload) =>
    fields.add(4, "increment", payload.readUInt32BE(0).toLocaleString("en-US"), "So many more bytes are welcome."),
  [FrameType.PING]: (fields) => fields.add(8, "data", "any", "Comes back as it is."),
  [FrameType.RST_STREAM]: (fields, payload) => addErrorCode(fields, payload.readUInt32BE(0)),
  [FrameType.GOAWAY]: (fields, payload) => {
    fields.add(4, "last stream", String(payload.readUInt32BE(0)), "The last request that may have been looked at.");
    addErrorCode(fields, payload.readUInt32BE(4));
    fields.add(payload.length - 8, "debug data", payload.toString("utf8", 8), "Why, in APNs' words.");
  },
};

function addErrorCode(fields: FieldWriter, code: number): void {
  fields.add(4, "error code", `${code}, ${http2ErrorCodeName(code)}`, "Why, in HTTP/2's words.");
}

const kinds: Readonly<Record<number, { readonly name: string; readonly meaning: string }>> = {
  [FrameType.DATA]: { name: "DATA", meaning: "The body of a request or an answer." },
  [FrameType.HEADERS]: { name: "HEADERS", meaning: "Opens a request, or its answer." },
  [FrameType.RST_STREAM]: { name: "RST_STREAM", meaning: "Ends one request before its time." },
  [FrameType.SETTINGS]: { name: "SETTINGS", meaning: "What this side can take." },
  [FrameType.PING]: { name: "PING", meaning: "Are you there?" },
  [FrameType.GOAWAY]: { name: "GOAWAY", meaning: "Ends the connection in order." },
  [FrameType.WINDOW_UPDATE]: { name: "WINDOW_UPDATE", meaning: "How much more may be sent to this side." },
};

const settings: Readonly<Record<number, { readonly name: string; readonly meaning: string }>> = {
  1: { name: "header table size", meaning: "Bytes of headers that are remembered, so as to be sent as a number." },
  2: { name: "server push", meaning: "0: no answers that were not asked for." },
  3: { name: "max concurrent streams", meaning: "Requests that may be open at a time: the stream limit." },
  4: { name: "initial window", meaning: "Bytes of one body that may come unasked." },
  5: { name: "largest frame", meaning: "Bytes." },
  6: { name: "largest header list", meaning: "Bytes." },
};

const headerMeanings: Readonly<Record<string, string>> = {
  ":method": "Every notification is a POST.",
  ":scheme": "TLS, always.",
  ":authority": "Apple's server, here its stand-in.",
  ":path": "Which phone, and which app on it: the device token.",
  ":status": "200: Apple took it. Anything else: it did not, and the body says why.",
  authorization: "The sender's pass, signed with the team's key and good for an hour.",
  "apns-topic": "Which app.",
  "apns-push-type": "What kind of notification.",
  "apns-priority": "10: at once; 5: when it suits the battery.",
  "apns-expiration": "Until when Apple keeps trying; 0: once.",
  "apns-collapse-id": "Notifications with the same id replace each other on the phone.",
  "apns-id": "The number of this one notification; the answer repeats it.",
  "apns-unique-id": "For Apple's delivery log; the development environment only.",
};

function flagsText(type: number, flags: number): string {
  const names =
    type === FrameType.SETTINGS || type === FrameType.PING
      ? [...((flags & 1) !== 0 ? ["ACK: yours has come"] : [])]
      : [
          ...((flags & 1) !== 0 ? ["END_STREAM: nothing follows"] : []),
          ...((flags & 4) !== 0 ? ["END_HEADERS: all headers are here"] : []),
        ];
  return names.length === 0 ? "None." : `${names.join("; ")}.`;
}

function streamText(streamId: number): string {
  return streamId === 0 ? "0 is the connection itself." : "Which request this belongs to; many are open at a time.";
}
