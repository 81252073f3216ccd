// Keys and values of held notifications in the database. Keys sort by app, then by sequence; values are JSON.
import type { HeldNotification, HoldEntry } from "./hold-store.js";

/** As many as the digits of the largest safe integer. */
const sequenceDigits = 16;

/** Between app and sequence. The name of an app is encoded so that it holds none. */
const separator = " ";

/**
 * In front of the keys of one kind. They begin with a byte that no topic holds, so that they never stand among feedback tuples.
 * A sublevel does the same, and costs twice as much per entry as all the rest of a write.
 */
const entryPrefix = "\0hold\0";
const tryingPrefix = "\0hold-trying\0";

interface KeyRange {
  readonly gt: string;
  readonly lt: string;
}

/** All keys of one kind: \x01 follows the \0 at the end of their prefix. */
function rangeOf(prefix: string): KeyRange {
  return { gt: prefix, lt: `${prefix.slice(0, -1)}\x01` };
}

export const entryRange: KeyRange = rangeOf(entryPrefix);
export const tryingRange: KeyRange = rangeOf(tryingPrefix);

export function keyOf(app: string, sequence: number): string {
  return `${entryPrefix}${encodeURIComponent(app)}${separator}${String(sequence).padStart(sequenceDigits, "0")}`;
}

export function readKey(key: string): { readonly app: string; readonly sequence: number } {
  const end = key.indexOf(separator);
  return { app: decodeURIComponent(key.slice(entryPrefix.length, end)), sequence: Number(key.slice(end + 1)) };
}

/** The key of the record that says which entries of an app are upstream. */
export function tryingKeyOf(app: string): string {
  return `${tryingPrefix}${encodeURIComponent(app)}`;
}

export function readTryingKey(key: string): string {
  return decodeURIComponent(key.slice(tryingPrefix.length));
}

/** One character of a value, in front of its JSON. */
const marks = { certain: "0", uncertain: "1" } as const;

export function encodeHeld(notification: HeldNotification, uncertain: boolean): string {
  const { payload, heldAt, ...plain } = notification;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("base64");
  const json = JSON.stringify({ ...plain, payload: text, heldAt: heldAt.getTime() });
  return `${uncertain ? marks.uncertain : marks.certain}${json}`;
}

/** The same value, as one that upstream may have processed. */
export function asUncertain(value: string): string {
  return `${marks.uncertain}${value.slice(1)}`;
}

export function decodeHeld(sequence: number, value: string): HoldEntry {
  const { payload, heldAt, ...plain } = JSON.parse(value.slice(1));
  const notification: HeldNotification = {
    // JSON has left out what is undefined.
    identifier: undefined,
    priority: undefined,
    expiration: undefined,
    ...plain,
    payload: Buffer.from(payload, "base64"),
    heldAt: new Date(heldAt),
  };
  return { notification, sequence, uncertain: value.startsWith(marks.uncertain), bytes: sizeOf(value) };
}

/** In bytes. */
export function sizeOf(value: string): number {
  return Buffer.byteLength(value);
}
