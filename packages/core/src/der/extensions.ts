import { readUnsigned } from "./integer.js";
import { readObjectIdentifier } from "./object-identifier.js";
import { DerError, DerReader, derTags, explicitTag, implicitTag, outerSequence } from "./reader.js";

/**
 * Reads the extensions of a certificate (RFC 5280, section 4.1.2.9): their content by object identifier, the first one if an
 * extension occurs twice. The extensions that TLS libraries parse must be well-formed.
 */
export function readExtensions(bytes: Uint8Array | undefined): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (bytes === undefined) return found;
  const list = outerSequence(bytes, "the certificate's extensions");
  while (!list.atEnd) {
    const extension = list.sequence("an extension");
    const oid = readObjectIdentifier(extension, "an extension's name");
    extension.optional("an extension's criticality", derTags.boolean);
    const { content } = extension.next("an extension's content", derTags.octetString);
    extension.end("an extension");
    shapes[oid]?.(content);
    if (!found.has(oid)) found.set(oid, content);
  }
  return found;
}

/** Checks of well-formedness, by object identifier. */
const shapes: Readonly<Record<string, (content: Uint8Array) => void>> = {
  "2.5.29.14": (content) => checkWhole(content, derTags.octetString, "the extension subjectKeyIdentifier"),
  "2.5.29.15": checkKeyUsage,
  "2.5.29.17": (content) => checkNames(content, "the extension subjectAltName"),
  "2.5.29.18": (content) => checkNames(content, "the extension issuerAltName"),
  "2.5.29.19": checkBasicConstraints,
  "2.5.29.31": (content) => checkSequences(content, "the extension cRLDistributionPoints"),
  "2.5.29.32": (content) => checkSequences(content, "the extension certificatePolicies"),
  "2.5.29.35": checkAuthorityKeyIdentifier,
  "2.5.29.37": checkPurposes,
  "1.3.6.1.5.5.7.1.1": (content) => checkSequences(content, "the extension authorityInfoAccess"),
};

function checkWhole(content: Uint8Array, tag: number, what: string): Uint8Array {
  const reader = new DerReader(content);
  const value = reader.next(what, tag);
  reader.end(what);
  return value.content;
}

function checkKeyUsage(content: Uint8Array): void {
  const [unusedBits, ...octets] = checkWhole(content, derTags.bitString, "the extension keyUsage");
  if (unusedBits === undefined || unusedBits > (octets.length === 0 ? 0 : 7)) {
    throw new DerError("the extension keyUsage is no string of bits.");
  }
}

/** Of GeneralName: 0, 3, 4 and 5 hold further values. */
const nameTags: ReadonlySet<number> = new Set([...[0, 3, 4, 5].map(explicitTag), ...[1, 2, 6, 7, 8].map(implicitTag)]);

function checkNames(content: Uint8Array, what: string): void {
  const names = outerSequence(content, what);
  while (!names.atEnd) {
    if (!nameTags.has(names.next(what).tag)) throw new DerError(`${what} holds something else than names.`);
  }
}

function checkBasicConstraints(content: Uint8Array): void {
  const what = "the extension basicConstraints";
  const constraints = outerSequence(content, what);
  const isAuthority = constraints.optional(what, derTags.boolean);
  if (isAuthority !== undefined && isAuthority.content.length !== 1) throw new DerError(`${what} is damaged.`);
  if (!constraints.atEnd) readUnsigned(constraints, what);
  constraints.end(what);
}

function checkSequences(content: Uint8Array, what: string): void {
  const list = outerSequence(content, what);
  while (!list.atEnd) list.sequence(what);
}

function checkAuthorityKeyIdentifier(content: Uint8Array): void {
  const what = "the extension authorityKeyIdentifier";
  const identifier = outerSequence(content, what);
  identifier.optional(what, implicitTag(0));
  identifier.optional(what, explicitTag(1));
  identifier.optional(what, implicitTag(2));
  identifier.end(what);
}

/** At least one purpose. `readObjectIdentifier` limits its length: a long one makes Node end the process (docs/decisions/0013). */
function checkPurposes(content: Uint8Array): void {
  const what = "the extension extKeyUsage";
  const purposes = outerSequence(content, what);
  do readObjectIdentifier(purposes, what);
  while (!purposes.atEnd);
}
