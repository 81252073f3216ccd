import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkOneOf } from "@apns/core/internal";
import { type FrameCommand, framedHeaderBytes, frameItemIds, itemHeaderBytes } from "./frame.js";
import { writeUint16, writeUint32 } from "./integers.js";

/** What `encodeFrame` writes. Nothing here is judged: an empty device token is how a barrier is made. */
export interface FrameInput {
  readonly command: FrameCommand;
  /** 0 to 2^32 - 1. Command 1 always carries one; command 2 leaves the item out without it. @default 0 in command 1 */
  readonly identifier?: number | undefined;
  /** UNIX seconds, 0 to 2^32 - 1. As for `identifier`. @default 0 in command 1 */
  readonly expiry?: number | undefined;
  /** Raw bytes, at most 65,535. */
  readonly deviceToken: Uint8Array;
  /** At most 65,535 bytes. */
  readonly payload: Uint8Array;
  /** 0 to 255. Command 2 only; left out without it. */
  readonly priority?: number | undefined;
  /** Command 2 only: the ids of `frameItemIds` in the order wanted. @default [1, 2, 3, 4, 5] */
  readonly itemOrder?: readonly number[] | undefined;
}

const usualItemOrder: readonly number[] = Object.values(frameItemIds);

/**
 * The bytes of one notification frame.
 * @throws {InvalidArgumentError} naming the field that the command cannot carry
 */
export function encodeFrame(frame: FrameInput): Uint8Array {
  const bytes = new Uint8Array(check(frame));
  write(bytes, 0, frame);
  return bytes;
}

/**
 * Writes one notification frame into `target` and returns the offset behind it.
 * @throws {InvalidArgumentError} naming the field that the command cannot carry, or `target` if the frame does not fit
 */
export function writeFrame(target: Uint8Array, offset: number, frame: FrameInput): number {
  const size = check(frame);
  if (offset + size > target.length) {
    throw new InvalidArgumentError("target", `${target.length - offset} bytes are left, but the frame has ${size}.`);
  }
  return write(target, offset, frame);
}

/** Checks all fields and returns the size of the frame in bytes. */
function check(frame: FrameInput): number {
  const command = checkOneOf("command", frame.command, [0, 1, 2] as const);
  const { deviceToken, payload } = frame;
  checkInteger("deviceToken.length", deviceToken.length, 0, 0xffff);
  checkInteger("payload.length", payload.length, 0, 0xffff);
  if (frame.identifier !== undefined) {
    refuseIn(command === 0, "identifier", "command 0 has no identifier; use command 1 or 2.");
    checkInteger("identifier", frame.identifier, 0, 0xffff_ffff);
  }
  if (frame.expiry !== undefined) {
    refuseIn(command === 0, "expiry", "command 0 has no expiry; use command 1 or 2.");
    checkInteger("expiry", frame.expiry, 0, 0xffff_ffff);
  }
  if (frame.priority !== undefined) {
    refuseIn(command !== 2, "priority", `command ${command} has no priority and means 10; use command 2.`);
    checkInteger("priority", frame.priority, 0, 0xff);
  }
  if (command === 0) return 5 + deviceToken.length + payload.length;
  if (command === 1) return 13 + deviceToken.length + payload.length;
  return framedHeaderBytes + itemsBytes(frame);
}

function refuseIn(refused: boolean, field: string, problem: string): void {
  if (refused) throw new InvalidArgumentError(field, problem);
}

function itemsBytes(frame: FrameInput): number {
  let size = 0;
  for (const itemId of frame.itemOrder ?? usualItemOrder) {
    checkOneOf("itemOrder", itemId, usualItemOrder);
    const length = itemBytes(frame, itemId);
    if (length !== undefined) size += itemHeaderBytes + length;
  }
  return size;
}

/** Length of an item's content; `undefined` if the frame has no such item. */
function itemBytes(frame: FrameInput, itemId: number): number | undefined {
  switch (itemId) {
    case frameItemIds.deviceToken:
      return frame.deviceToken.length;
    case frameItemIds.payload:
      return frame.payload.length;
    case frameItemIds.identifier:
      return frame.identifier === undefined ? undefined : 4;
    case frameItemIds.expiry:
      return frame.expiry === undefined ? undefined : 4;
    default:
      return frame.priority === undefined ? undefined : 1;
  }
}

function write(target: Uint8Array, start: number, frame: FrameInput): number {
  let offset = start;
  target[offset++] = frame.command;
  if (frame.command === 2) return writeItems(target, offset, frame);
  if (frame.command === 1) {
    writeUint32(target, offset, frame.identifier ?? 0);
    writeUint32(target, offset + 4, frame.expiry ?? 0);
    offset += 8;
  }
  writeUint16(target, offset, frame.deviceToken.length);
  target.set(frame.deviceToken, offset + 2);
  offset += 2 + frame.deviceToken.length;
  writeUint16(target, offset, frame.payload.length);
  target.set(frame.payload, offset + 2);
  return offset + 2 + frame.payload.length;
}

function writeItems(target: Uint8Array, start: number, frame: FrameInput): number {
  let offset = start + 4;
  for (const itemId of frame.itemOrder ?? usualItemOrder) {
    const length = itemBytes(frame, itemId);
    if (length === undefined) continue;
    target[offset] = itemId;
    writeUint16(target, offset + 1, length);
    offset += itemHeaderBytes;
    if (itemId === frameItemIds.deviceToken) target.set(frame.deviceToken, offset);
    else if (itemId === frameItemIds.payload) target.set(frame.payload, offset);
    else if (itemId === frameItemIds.identifier) writeUint32(target, offset, frame.identifier!);
    else if (itemId === frameItemIds.expiry) writeUint32(target, offset, frame.expiry!);
    else target[offset] = frame.priority!;
    offset += length;
  }
  writeUint32(target, start, offset - start - 4);
  return offset;
}
