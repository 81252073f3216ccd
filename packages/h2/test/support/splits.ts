/** The ways one input can arrive: whole, byte by byte, and cut in two at every offset. */
export function* splits(input: Uint8Array): Generator<{ title: string; chunks: Uint8Array[] }> {
  yield { title: "whole", chunks: [input] };
  yield { title: "byte by byte", chunks: [...input].map((octet) => Uint8Array.of(octet)) };
  for (let at = 1; at < input.length; at++) {
    yield { title: `cut at ${at}`, chunks: [input.subarray(0, at), input.subarray(at)] };
  }
}

/** Octets from hexadecimal text; blanks are ignored. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ""), "hex");
}
