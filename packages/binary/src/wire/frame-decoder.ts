import { Buffer } from "node:buffer";
import { checkInteger, checkOneOf } from "@apns/core/internal";
import {
  type FrameCommand,
  framedHeaderBytes,
  frameItemIds,
  itemHeaderBytes,
  type NotificationFrame,
} from "./frame.js";
import { readUint16, readUint32 } from "./integers.js";

/** A frame that was read. Its bytes are views into the chunk it came in: copy them before the chunk is overwritten. */
export interface DecodedFrame extends NotificationFrame {
  readonly kind: "frame";
  /** Lower-case hexadecimal, read straight from the wire: cheaper than from `deviceToken`. */
  readonly deviceTokenText: string;
  /** The whole frame as it came, command byte included. */
  readonly raw: Uint8Array;
}

/** What can be wrong with a frame as such; whether a device token is known is not the codec's business. */
export type FrameProblemKind =
  /** The first byte is not 0, 1 or 2. */
  | "unknownCommand"
  /** A device token longer than `maxDeviceTokenBytes`. */
  | "deviceTokenTooLong"
  /** A payload longer than `maxPayloadBytes`. */
  | "payloadTooLong"
  /** Command 2 announces more than `maxFrameBytes`. */
  | "frameTooLong"
  /** An item of command 2 reaches beyond its frame. */
  | "itemOverrun"
  /** Identifier or expiry is not 4 bytes long, or priority not 1. */
  | "itemLength"
  /** The same item twice; see `duplicateItem`. */
  | "duplicateItem"
  /** An item that is not 1 to 5; see `unknownItem`. */
  | "unknownItem";

/** A frame that cannot be read. Nothing after it can be either: the decoder has stopped. */
export interface FrameProblem {
  readonly kind: "problem";
  readonly problem: FrameProblemKind;
  /** The status code that fits: 5, 7 or 128. */
  readonly statusCode: number;
  /** The identifier of the frame, if it was read before the problem was met. */
  readonly identifier: number | undefined;
  /** The command byte of the frame. */
  readonly command: number;
  /** One sentence for people. */
  readonly message: string;
}

export type FrameEvent = DecodedFrame | FrameProblem;

export interface FrameDecoderOptions {
  /** The longest device token let through, in bytes. A longer one gets status code 5. @default 255 */
  readonly maxDeviceTokenBytes?: number;
  /** The longest payload let through, in bytes. A longer one gets status code 7. @default 8192 (8 KiB) */
  readonly maxPayloadBytes?: number;
  /** The longest content of a command 2 frame, in bytes; bounds what is held in memory. @default 16_384 (16 KiB) */
  readonly maxFrameBytes?: number;
  /** What an item other than 1 to 5 is. Apple's answer is not known. @default "problem" */
  readonly unknownItem?: "problem" | "skip";
  /** What a repeated item is: a problem, or the last one counts. Apple's answer is not known. @default "problem" */
  readonly duplicateItem?: "problem" | "last";
}

/**
 * Reads notification frames as a gateway does: any mix of commands, cut or joined anywhere, the items of command 2 in any
 * order. An absent device token or payload item reads as an empty one.
 *
 * Never throws, whatever the bytes: what cannot be read is one `FrameProblem`, after which the decoder reads nothing
 * more, as a gateway discards everything behind a bad frame. Holds at most one incomplete frame.
 */
export class FrameDecoder {
  readonly #limits: Limits;
  #held: Uint8Array = new Uint8Array(512);
  #heldBytes = 0;
  #stopped = false;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: FrameDecoderOptions = {}) {
    this.#limits = {
      deviceToken: checkInteger("maxDeviceTokenBytes", options.maxDeviceTokenBytes ?? 255, 1, 0xffff),
      payload: checkInteger("maxPayloadBytes", options.maxPayloadBytes ?? 8192, 1, 0xffff),
      frame: checkInteger("maxFrameBytes", options.maxFrameBytes ?? 16_384, 1, 0x7fff_ffff),
      skipUnknown: checkOneOf("unknownItem", options.unknownItem ?? "problem", ["problem", "skip"]) === "skip",
      lastCounts: checkOneOf("duplicateItem", options.duplicateItem ?? "problem", ["problem", "last"]) === "last",
    };
  }

  /** Whether a problem was met: nothing is read any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Bytes of an incomplete frame that are held. At the end of a stream: how much was cut off. */
  get pendingBytes(): number {
    return this.#heldBytes;
  }

  /** Takes bytes from a provider and returns the frames they complete, and at most one problem, at the end. */
  receive(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    let offset = 0;
    while (!this.#stopped && offset < chunk.length) {
      if (this.#heldBytes > 0) {
        offset = this.#continueHeld(chunk, offset, events);
        continue;
      }
      const size = measure(chunk, offset, chunk.length, this.#limits);
      if (typeof size === "number" && size > 0 && offset + size <= chunk.length) {
        this.#read(chunk, offset, size, events);
        offset += size;
      } else if (typeof size === "number") {
        this.#hold(chunk, offset, chunk.length - offset);
        break;
      } else {
        this.#stop(size, events);
      }
    }
    return events;
  }

  /** Adds to an incomplete frame what it is known to need; returns the offset behind what was taken. */
  #continueHeld(chunk: Uint8Array, offset: number, events: FrameEvent[]): number {
    const needed = measure(this.#held, 0, this.#heldBytes, this.#limits);
    if (typeof needed !== "number") {
      this.#stop(needed, events);
      return offset;
    }
    const taken = Math.min(Math.abs(needed) - this.#heldBytes, chunk.length - offset);
    this.#hold(chunk, offset, taken);
    const size = measure(this.#held, 0, this.#heldBytes, this.#limits);
    if (typeof size !== "number") {
      this.#stop(size, events);
    } else if (size === this.#heldBytes) {
      // A copy, because the next incomplete frame will overwrite what is held.
      this.#read(this.#held.slice(0, size), 0, size, events);
      this.#heldBytes = 0;
    }
    return offset + taken;
  }

  #hold(chunk: Uint8Array, offset: number, length: number): void {
    const total = this.#heldBytes + length;
    if (total > this.#held.length) {
      const larger = new Uint8Array(Math.max(total, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(chunk.subarray(offset, offset + length), this.#heldBytes);
    this.#heldBytes = total;
  }

  #read(bytes: Uint8Array, offset: number, size: number, events: FrameEvent[]): void {
    const command = bytes[offset]!;
    if (command === 2) {
      const event = readItems(bytes, offset, size, this.#limits);
      if (event.kind === "problem") this.#stop(event, events);
      else events.push(event);
      return;
    }
    const frame = new FrameView(bytes, offset, size, command as FrameCommand);
    if (command === 1) {
      frame.identifier = readUint32(bytes, offset + 1);
      frame.expiry = readUint32(bytes, offset + 5);
    }
    const tokenAt = offset + (command === 1 ? 11 : 3);
    const tokenLength = readUint16(bytes, tokenAt - 2);
    frame.setToken(tokenAt, tokenLength);
    frame.setPayload(tokenAt + tokenLength + 2, readUint16(bytes, tokenAt + tokenLength));
    events.push(frame);
  }

  #stop(problem: FrameProblem, events: FrameEvent[]): void {
    this.#stopped = true;
    this.#heldBytes = 0;
    events.push(problem);
  }
}

interface Limits {
  readonly deviceToken: number;
  readonly payload: number;
  readonly frame: number;
  readonly skipUnknown: boolean;
  readonly lastCounts: boolean;
}

/**
 * Size of the frame at `start` if positive; if negative, so many bytes of it must be there before more can be said.
 * Every length is checked as soon as it can be read, so that nobody waits for 4 GiB that were only announced.
 */
function measure(bytes: Uint8Array, start: number, end: number, limits: Limits): number | FrameProblem {
  const length = end - start;
  const command = bytes[start]!;
  if (command === 2) {
    if (length < framedHeaderBytes) return -framedHeaderBytes;
    const items = readUint32(bytes, start + 1);
    if (items <= limits.frame) return framedHeaderBytes + items;
    return problem("frameTooLong", 128, command, undefined, `${items} bytes of items, at most ${limits.frame} taken.`);
  }
  if (command > 2) {
    return problem("unknownCommand", 128, command, undefined, `${command} is not a command; 0, 1 and 2 are.`);
  }
  const head = command === 1 ? 11 : 3;
  if (length < head) return -head;
  const tokenLength = readUint16(bytes, start + head - 2);
  const identifier = command === 1 ? readUint32(bytes, start + 1) : undefined;
  if (tokenLength > limits.deviceToken) {
    const message = `a device token of ${tokenLength} bytes, at most ${limits.deviceToken} taken.`;
    return problem("deviceTokenTooLong", 5, command, identifier, message);
  }
  const payloadAt = head + tokenLength + 2;
  if (length < payloadAt) return -payloadAt;
  const payloadLength = readUint16(bytes, start + payloadAt - 2);
  if (payloadLength <= limits.payload) return payloadAt + payloadLength;
  const message = `a payload of ${payloadLength} bytes, at most ${limits.payload} taken.`;
  return problem("payloadTooLong", 7, command, identifier, message);
}

/** Reads a complete command 2 frame, items in any order. */
function readItems(bytes: Uint8Array, start: number, size: number, limits: Limits): FrameView | FrameProblem {
  const frame = new FrameView(bytes, start, size, 2);
  const end = start + size;
  let offset = start + framedHeaderBytes;
  let seen = 0;
  const fail = (kind: FrameProblemKind, statusCode: number, message: string): FrameProblem =>
    problem(kind, statusCode, 2, frame.identifier, message);
  while (offset < end) {
    const itemId = bytes[offset]!;
    if (offset + itemHeaderBytes > end) return fail("itemOverrun", 128, `item ${itemId} has no length.`);
    const length = readUint16(bytes, offset + 1);
    offset += itemHeaderBytes;
    if (offset + length > end) {
      return fail("itemOverrun", 128, `item ${itemId} is ${length} bytes long, but ${end - offset} are left.`);
    }
    if (itemId < 1 || itemId > 5) {
      if (!limits.skipUnknown) return fail("unknownItem", 128, `item ${itemId} is not defined.`);
      offset += length;
      continue;
    }
    if ((seen & (1 << itemId)) !== 0 && !limits.lastCounts) {
      return fail("duplicateItem", 128, `item ${itemId} stands there twice.`);
    }
    seen |= 1 << itemId;
    const wanted = itemId === frameItemIds.priority ? 1 : 4;
    if (itemId === frameItemIds.deviceToken) {
      if (length > limits.deviceToken) {
        const message = `a device token of ${length} bytes, at most ${limits.deviceToken} taken.`;
        return fail("deviceTokenTooLong", 5, message);
      }
      frame.setToken(offset, length);
    } else if (itemId === frameItemIds.payload) {
      if (length > limits.payload) {
        return fail("payloadTooLong", 7, `a payload of ${length} bytes, at most ${limits.payload} taken.`);
      }
      frame.setPayload(offset, length);
    } else if (length !== wanted) {
      return fail("itemLength", 128, `item ${itemId} is ${length} bytes long instead of ${wanted}.`);
    } else if (itemId === frameItemIds.identifier) {
      frame.identifier = readUint32(bytes, offset);
    } else if (itemId === frameItemIds.expiry) {
      frame.expiry = readUint32(bytes, offset);
    } else {
      frame.priority = bytes[offset]!;
    }
    offset += length;
  }
  return frame;
}

function problem(
  kind: FrameProblemKind,
  statusCode: number,
  command: number,
  identifier: number | undefined,
  message: string,
): FrameProblem {
  return { kind: "problem", problem: kind, statusCode, identifier, command, message };
}

/** A decoded frame that cuts its views only when asked: three views for each of a million frames are what would cost. */
class FrameView implements DecodedFrame {
  readonly kind = "frame";
  readonly command: FrameCommand;
  identifier: number | undefined = undefined;
  expiry: number | undefined = undefined;
  priority: number | undefined = undefined;
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  readonly #size: number;
  #tokenAt = 0;
  #tokenLength = 0;
  #payloadAt = 0;
  #payloadLength = 0;

  constructor(bytes: Uint8Array, offset: number, size: number, command: FrameCommand) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#size = size;
    this.command = command;
  }

  setToken(offset: number, length: number): void {
    this.#tokenAt = offset;
    this.#tokenLength = length;
  }

  setPayload(offset: number, length: number): void {
    this.#payloadAt = offset;
    this.#payloadLength = length;
  }

  get deviceToken(): Uint8Array {
    return this.#bytes.subarray(this.#tokenAt, this.#tokenAt + this.#tokenLength);
  }

  get deviceTokenText(): string {
    const bytes = this.#bytes;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return buffer.toString("hex", this.#tokenAt, this.#tokenAt + this.#tokenLength);
  }

  get payload(): Uint8Array {
    return this.#bytes.subarray(this.#payloadAt, this.#payloadAt + this.#payloadLength);
  }

  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#offset, this.#offset + this.#size);
  }
}
