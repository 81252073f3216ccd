import { sendingRequests } from "../apple-pages.js";
import { InvalidArgumentError, type PayloadKeySize, PayloadTooLargeError } from "../errors.js";

/** A payload as the caller may give it: an object to encode, or JSON text or bytes that are sent verbatim. */
export type PayloadInput = object | string | Uint8Array;

const encoder = new TextEncoder();

/** Bytes of UTF-8 as they go on the wire. Bytes given are copied, so that a later change cannot alter what is sent. */
export function encodePayload(payload: PayloadInput): Uint8Array {
  // Not `slice`, which for a Buffer is no copy.
  if (payload instanceof Uint8Array) return new Uint8Array(payload);
  if (typeof payload === "string") return encoder.encode(payload);
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new InvalidArgumentError("payload", "is not an object, a JSON text or bytes.");
  }
  let text: string;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    throw new InvalidArgumentError("payload", `cannot be written as JSON: ${(cause as Error).message}.`, { cause });
  }
  return encoder.encode(text);
}

/** Throws if the encoded payload is empty or larger than `limitBytes`; `where` names the limit's owner in the message. */
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
 * The five keys that take the most room, largest first; those of `aps` and its `alert` are listed one by one. None if
 * the payload is anything but an object.
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

/** What the bytes say in JSON; nothing if they are none, as bytes given by the caller may be. */
function parsed(encoded: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(encoded));
  } catch {
    return undefined;
  }
}
