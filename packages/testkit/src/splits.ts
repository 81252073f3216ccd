/** Bytes cut into chunks, as by a network. */
export interface Split {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** The same bytes whole, byte by byte, and cut in two at every offset. A decoder must treat them alike. */
export function* everySplit(bytes: Uint8Array): Generator<Split> {
  yield { name: "whole", chunks: [bytes] };
  yield { name: "byte by byte", chunks: [...bytes].map((byte) => Uint8Array.of(byte)) };
  for (let offset = 1; offset < bytes.length; offset++) {
    yield { name: `cut at ${offset}`, chunks: [bytes.subarray(0, offset), bytes.subarray(offset)] };
  }
}

/** Bytes from hexadecimal text; white space is ignored. */
export function fromHex(text: string): Buffer {
  const digits = text.replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Buffer.from(digits, "hex");
}
