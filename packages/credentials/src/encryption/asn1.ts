// ASN.1 as node-forge has it (binary strings, untyped trees), in Buffers and with checks. It reads BER as well, because
// some tools write .p12 files with indefinite lengths and octet strings in pieces.
import type forge from "node-forge";
import { asn1 } from "./forge.js";

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
const { SEQUENCE, SET, OCTETSTRING, INTEGER, OID, NULL, BMPSTRING } = asn1.Type;

/** One value; node-forge's own type, spelled out so that our declarations do not ask users for its. */
export interface Asn1Node {
  readonly tagClass: number;
  readonly type: number;
  readonly constructed: boolean;
  readonly composed: boolean;
  /** Bytes as a binary string (a BMPString's as text), or the values within. */
  readonly value: string | Asn1Node[];
}

/** @throws {Error} if the bytes are not exactly one value */
export function parseAsn1(bytes: Uint8Array): Asn1Node {
  return asn1.fromDer(Buffer.from(bytes).toString("latin1"), true);
}

export function serializeAsn1(node: Asn1Node): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), "latin1");
}

/** The values in a SEQUENCE, a SET or an explicit tag. */
export function children(node: Asn1Node | undefined): Asn1Node[] {
  if (node === undefined || !Array.isArray(node.value)) throw new RangeError("ASN.1: a value holds no others.");
  return node.value;
}

/** An OCTET STRING, whole or in pieces, under its own tag or an implicit one. */
export function octetsOf(node: Asn1Node | undefined): Buffer {
  if (node === undefined || (node.tagClass === UNIVERSAL && node.type !== OCTETSTRING)) {
    throw new RangeError("ASN.1: an octet string is missing.");
  }
  return Array.isArray(node.value) ? Buffer.concat(node.value.map(octetsOf)) : Buffer.from(node.value, "latin1");
}

export function oidOf(node: Asn1Node | undefined): string {
  if (node?.type !== OID || Array.isArray(node.value)) throw new RangeError("ASN.1: an object identifier is missing.");
  return asn1.derToOid(node.value);
}

export function isInteger(node: Asn1Node | undefined): boolean {
  return node?.tagClass === UNIVERSAL && node.type === INTEGER;
}

/** A number from 0 to 2^32 - 1: versions, iterations and key lengths. */
export function integerOf(node: Asn1Node | undefined): number {
  if (node === undefined || !isInteger(node) || Array.isArray(node.value)) {
    throw new RangeError("ASN.1: a number is missing.");
  }
  const value = BigInt(`0x0${Buffer.from(node.value, "latin1").toString("hex")}`);
  if (value > 0xffff_ffffn) throw new RangeError("ASN.1: a number is too large.");
  return Number(value);
}

/** The text of a BMPString; undefined if it is something else. */
export function bmpStringOf(node: Asn1Node | undefined): string | undefined {
  return node?.type === BMPSTRING && typeof node.value === "string" ? node.value : undefined;
}

export const sequence = (...values: Asn1Node[]): Asn1Node => asn1.create(UNIVERSAL, SEQUENCE, true, values);
export const setOf = (...values: Asn1Node[]): Asn1Node => asn1.create(UNIVERSAL, SET, true, values);
export const explicit = (tag: number, value: Asn1Node): Asn1Node =>
  asn1.create(CONTEXT_SPECIFIC, tag as forge.asn1.Type, true, [value]);
export const implicitOctets = (tag: number, bytes: Uint8Array): Asn1Node =>
  asn1.create(CONTEXT_SPECIFIC, tag as forge.asn1.Type, false, Buffer.from(bytes).toString("latin1"));
export const octets = (bytes: Uint8Array): Asn1Node =>
  asn1.create(UNIVERSAL, OCTETSTRING, false, Buffer.from(bytes).toString("latin1"));
export const oid = (value: string): Asn1Node => asn1.create(UNIVERSAL, OID, false, asn1.oidToDer(value).getBytes());
export const integer = (value: number): Asn1Node =>
  asn1.create(UNIVERSAL, INTEGER, false, asn1.integerToDer(value).getBytes());
export const bmpString = (value: string): Asn1Node => asn1.create(UNIVERSAL, BMPSTRING, false, value);
export const nullValue = (): Asn1Node => asn1.create(UNIVERSAL, NULL, false, "");
