import { sendingRequests } from "../apple-pages.js";
import { InvalidArgumentError, type PayloadKeySize, PayloadTooLargeError } from "../errors.js";
import { writePooled } from "./byte-pool.js";
import { writeBytes, writeJson, writeUnescaped } from "./json-writer.js";

/** A payload: an object to encode, or JSON text or bytes that are sent verbatim. */
export type PayloadInput = object | string | Uint8Array;

const encoder = new TextEncoder();

/** The payload in UTF-8, as it is sent. Bytes are copied, so that later changes to them have no effect. */
export function encodePayload(payload: PayloadInput): Uint8Array {
  if (payload instanceof Uint8Array) {
    // Not by `slice`: that of a Buffer does not copy.
    return writePooled((target, offset) => writeBytes(target, offset, payload)) ?? new Uint8Array(payload);
  }
  if (typeof payload === "string") {
    return writePooled((target, offset) => writeUnescaped(target, offset, payload)) ?? encoder.encode(payload);
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new InvalidArgumentError("payload", "is not an object, a JSON text or bytes.");
  }
  return writePooled((target, offset) => writeJson(target, offset, payload)) ?? encodeByJson(payload);
}

/** For what the writer leaves to `JSON.stringify`. */
function encodeByJson(payload: object): Uint8Array {
  let text: string;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new InvalidArgumentError("payload", `cannot be written as JSON: ${(cause as Error).message}.`, { cause });
  }
  return encoder.encode(text);
}

/** Throws if the encoded payload is empty or larger than `limitBytes`; `where` is the owner of the limit, for the message. */
export function assertPayloadFits(encoded: Uint8Array, limitBytes: number, where: string): void {
  if (encoded.length === 0) {
    throw new InvalidArgumentError("payload", "is empty; APNs would answer PayloadEmpty.", { source: sendingRequests });
  }
  if (encoded.length > limitBytes) {
    throw new PayloadTooLargeError(encoded.length, limitBytes, where, largestKeys(parsed(encoded)));
  }
}

/** Size of a value as JSON, in bytes of UTF-8. */
export function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/**
 * The five largest values, largest first; those in `aps` and in its `alert` are listed one by one. Empty if the payload is not
 * an object.
 */
export function largestKeys(payload: unknown): PayloadKeySize[] {
  if (typeof payload !== "object" || payload === null || payload instanceof Uint8Array) return [];
  const found: PayloadKeySize[] = [];
  const visit = (node: object, path: string): void => {
    for (const [name, value] of Object.entries(node)) {
      const key = path === "" ? name : `${path}.${name}`;
      if ((key === "aps" || key === "aps.alert") && typeof value === "object" && value !== null) visit(value, key);
      else found.push({ key, sizeBytes: jsonBytes(value) });
    }
  };
  visit(payload, "");
  return found.sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, 5);
}

/** The parsed payload; `undefined` if the bytes, which may be the caller's own, are not JSON. */
function parsed(encoded: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(encoded));
  } catch {
    return undefined;
  }
}
