// Huffman code (RFC 7541 section 5.2 and appendix B). The decoder is a state machine that takes four bits a step: no
// code is shorter than five bits, so a step completes at most one symbol. Two table look-ups an octet, no branches on
// code lengths.
import { huffmanCodes, huffmanLengths } from "./huffman-table.js";

const EMITS = 0x1_0000; // the step completes the symbol in bits 8..15
const FAILS = 0x2_0000; // the step completes EOS, which must not be encoded (section 5.2)

/** For 256 inner nodes × 16 nibbles: next node in bits 0..7, symbol in bits 8..15, flags above. */
const steps = new Uint32Array(256 * 16);
/** Nodes at which a string may end: those that up to seven ones lead to from the root (the padding of section 5.2). */
const mayEnd = new Uint8Array(256);

buildSteps();

function buildSteps(): void {
  // Children of each inner node: an inner node as its number, a leaf as ~symbol.
  const zero: number[] = [0];
  const one: number[] = [0];
  for (let symbol = 0; symbol < 257; symbol++) {
    let node = 0;
    const code = huffmanCodes[symbol]!;
    for (let bit = huffmanLengths[symbol]! - 1; bit >= 0; bit--) {
      const children = (code >>> bit) & 1 ? one : zero;
      if (bit === 0) children[node] = ~symbol;
      else if (children[node]! > 0) node = children[node]!;
      else {
        const created = zero.push(0) - 1;
        one.push(0);
        children[node] = created;
        node = created;
      }
    }
  }
  for (let node = 0; node < zero.length; node++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      let at = node;
      let entry = 0;
      for (let bit = 3; bit >= 0; bit--) {
        const next = ((nibble >>> bit) & 1 ? one : zero)[at]!;
        if (next < 0) {
          const symbol = ~next;
          if (symbol === 256) entry |= FAILS;
          else entry |= EMITS | (symbol << 8);
          at = 0;
        } else at = next;
      }
      steps[(node << 4) | nibble] = entry | at;
    }
  }
  for (let node = 0, depth = 0; depth <= 7; depth++) {
    mayEnd[node] = 1;
    node = one[node]!;
  }
}

/** In place of a length: the string is no valid Huffman code (RFC 7541 section 5.2). */
export const HUFFMAN_INVALID = -1;
/** Flag of a length: the decoded string has an octet that no field value may have (RFC 9113 section 8.2.1). */
export const HUFFMAN_FORBIDDEN = 0x4000_0000;

/**
 * Checks a Huffman string without decoding it. Returns the decoded length, perhaps with {@link HUFFMAN_FORBIDDEN} set;
 * or {@link HUFFMAN_INVALID}.
 */
export function measureHuffman(source: Uint8Array, start: number, end: number): number {
  let node = 0;
  let length = 0;
  let flags = 0;
  for (let i = start; i < end; i++) {
    const octet = source[i]!;
    const high = steps[(node << 4) | (octet >>> 4)]!;
    const low = steps[((high & 0xff) << 4) | (octet & 15)]!;
    node = low & 0xff;
    flags |= high | low;
    if (high & EMITS) {
      length++;
      if (high >>> 8 < 0x10e && isForbidden((high >>> 8) & 0xff)) flags |= HUFFMAN_FORBIDDEN;
    }
    if (low & EMITS) {
      length++;
      if (low >>> 8 < 0x10e && isForbidden((low >>> 8) & 0xff)) flags |= HUFFMAN_FORBIDDEN;
    }
  }
  if (flags & FAILS || mayEnd[node] === 0) return HUFFMAN_INVALID;
  return length | (flags & HUFFMAN_FORBIDDEN);
}

function isForbidden(octet: number): boolean {
  return octet === 0 || octet === 10 || octet === 13;
}

/**
 * Decodes a string that {@link measureHuffman} has found valid into `target`; returns the offset after the last octet.
 */
export function decodeHuffman(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
): number {
  let node = 0;
  for (let i = start; i < end; i++) {
    const octet = source[i]!;
    const high = steps[(node << 4) | (octet >>> 4)]!;
    if (high & EMITS) target[offset++] = high >>> 8;
    const low = steps[((high & 0xff) << 4) | (octet & 15)]!;
    if (low & EMITS) target[offset++] = low >>> 8;
    node = low & 0xff;
  }
  return offset;
}

/** Octets of a Latin-1 string in Huffman code. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += huffmanLengths[text.charCodeAt(i)]!;
  return (bits + 7) >>> 3;
}

/**
 * Writes a Latin-1 string in Huffman code at `offset`; returns the offset after it. For strings that are encoded once
 * and kept.
 */
export function encodeHuffman(text: string, target: Uint8Array, offset: number): number {
  let pending = 0;
  let pendingBits = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i);
    let code = huffmanCodes[symbol]!;
    let bits = huffmanLengths[symbol]!;
    // Up to 7 bits are pending, and 7 + 30 do not fit into 32: a long code is written in two parts.
    if (bits > 16) {
      pending = (pending << (bits - 16)) | (code >>> 16);
      pendingBits += bits - 16;
      while (pendingBits >= 8) {
        pendingBits -= 8;
        target[offset++] = pending >>> pendingBits;
      }
      pending &= 0xff;
      code &= 0xffff;
      bits = 16;
    }
    pending = (pending << bits) | code;
    pendingBits += bits;
    while (pendingBits >= 8) {
      pendingBits -= 8;
      target[offset++] = pending >>> pendingBits;
    }
    pending &= 0xff;
  }
  if (pendingBits > 0) target[offset++] = (pending << (8 - pendingBits)) | (0xff >>> pendingBits);
  return offset;
}
