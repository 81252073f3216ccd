import { DerError, type DerReader, derTags } from "./reader.js";

/** Registered object identifiers have at most some 30 bytes. */
const maxBytes = 128;

/** Reads the next value, an object identifier, in dotted notation. */
export function readObjectIdentifier(reader: DerReader, what: string): string {
  const { content } = reader.next(what, derTags.objectIdentifier);
  if (content.length === 0 || content.length > maxBytes) {
    throw new DerError(`${what} has ${content.length} bytes; from 1 to ${maxBytes} are read.`);
  }
  const arcs: bigint[] = [];
  let arc: bigint | undefined;
  for (const byte of content) {
    // DER has no leading zeros in an arc, so that each identifier has one encoding.
    if (arc === undefined && byte === 0x80) throw new DerError(`${what} has a number with zeros in front.`);
    arc = ((arc ?? 0n) << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = undefined;
  }
  if (arc !== undefined) throw new DerError(`${what} is cut short.`);
  // The first two arcs are encoded as one number (X.690, 8.19.4).
  const [first, ...rest] = arcs as [bigint, ...bigint[]];
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}
