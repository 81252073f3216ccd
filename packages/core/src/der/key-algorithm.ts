import { type Curve, curves } from "./curves.js";
import { bitLength, readUnsigned } from "./integer.js";
import { readObjectIdentifier } from "./object-identifier.js";
import { DerError, DerReader, type DerValue, derTags, outerSequence } from "./reader.js";

/** The kind and size of a key. */
export type KeyAlgorithm =
  | { readonly type: "rsa" | "rsa-pss"; readonly modulusBits: number }
  | { readonly type: "ec"; readonly curve: Curve["name"] }
  | { readonly type: "ed25519" | "ed448" | "x25519" | "x448" }
  | OtherAlgorithm;

/** An algorithm that APNs does not use. Such a key must not be given to Node, whose native code trusts its parameters. */
export interface OtherAlgorithm {
  readonly type: "other";
  /** Such as `DSA`; the object identifier of an algorithm without a name here. */
  readonly name: string;
}

/** The algorithm of a key, as its AlgorithmIdentifier has it. */
export type Family =
  | { readonly type: "rsa" | "rsa-pss" }
  | { readonly type: "ec"; readonly curve: Curve }
  | { readonly type: "ed25519" | "ed448" | "x25519" | "x448"; readonly sizeBytes: number }
  | OtherAlgorithm;

const families: Readonly<Record<string, Family>> = {
  "1.2.840.113549.1.1.1": { type: "rsa" },
  "1.2.840.113549.1.1.10": { type: "rsa-pss" },
  "1.3.101.110": { type: "x25519", sizeBytes: 32 },
  "1.3.101.111": { type: "x448", sizeBytes: 56 },
  "1.3.101.112": { type: "ed25519", sizeBytes: 32 },
  "1.3.101.113": { type: "ed448", sizeBytes: 57 },
  "1.2.840.10040.4.1": { type: "other", name: "DSA" },
  "1.2.840.113549.1.3.1": { type: "other", name: "DH" },
  "1.2.840.10046.2.1": { type: "other", name: "DH" },
};
const ecPublicKey = "1.2.840.10045.2.1";

/** OpenSSL's limits (OPENSSL_RSA_MAX_MODULUS_BITS and _PUBEXP_BITS), and a lower one that every real key exceeds. */
const modulusBits = { least: 512, most: 16_384 };
const maxExponentBits = 64;

/** Reads the AlgorithmIdentifier (RFC 5280, section 4.1.1.2) of a key. */
export function readFamily(reader: DerReader, what: string): Family {
  const identifier = reader.sequence(what);
  const oid = readObjectIdentifier(identifier, what);
  if (oid !== ecPublicKey) return families[oid] ?? { type: "other", name: oid };
  const family = readCurve(identifier.next(`${what}'s curve`), what);
  identifier.end(what);
  return family;
}

/** Reads the parameters of an EC key: a named curve, or (X9.62) explicit parameters. */
export function readCurve({ tag, encoded }: DerValue, what: string): Extract<Family, { type: "ec" | "other" }> {
  if (tag !== derTags.objectIdentifier) return { type: "other", name: "EC on a curve of its own" };
  const oid = readObjectIdentifier(new DerReader(encoded), `${what}'s curve`);
  const curve = curves[oid];
  return curve === undefined ? { type: "other", name: `EC on the curve ${oid}` } : { type: "ec", curve };
}

/**
 * Describes a public key.
 * @param der a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7)
 * @throws {DerError} if the key is malformed
 */
export function describePublicKey(der: Uint8Array): KeyAlgorithm {
  const info = outerSequence(der, "the public key");
  const family = readFamily(info, "the public key's algorithm");
  const bits = readBitString(info.next("the public key's bits", derTags.bitString), "the public key");
  info.end("the public key");
  switch (family.type) {
    case "other":
      return family;
    case "rsa":
    case "rsa-pss": {
      const numbers = outerSequence(bits, "the RSA key");
      const algorithm = { type: family.type, modulusBits: readModulus(numbers).bits };
      readExponent(numbers);
      numbers.end("the RSA key");
      return algorithm;
    }
    case "ec":
      checkPoint(bits, family.curve);
      return { type: "ec", curve: family.curve.name };
    default:
      checkSize(bits, family.sizeBytes, `the ${family.type} key`);
      return { type: family.type };
  }
}

/** The content of a BIT STRING of whole bytes. */
export function readBitString({ content }: DerValue, what: string): Uint8Array {
  if (content[0] !== 0) throw new DerError(`${what} is not a string of whole bytes.`);
  return content.subarray(1);
}

/** Checks the encoding of a point (SEC 1, section 2.3.3). Whether the point lies on the curve is checked by Node. */
export function checkPoint(bytes: Uint8Array, { name, sizeBytes }: Curve): void {
  const form = bytes[0];
  const expected = form === 4 ? 2 * sizeBytes + 1 : form === 2 || form === 3 ? sizeBytes + 1 : -1;
  if (bytes.length !== expected)
    throw new DerError(`the ${name} key's public half is ${bytes.length} bytes, and no point.`);
}

export function checkSize(bytes: Uint8Array, sizeBytes: number, what: string): void {
  if (bytes.length !== sizeBytes) throw new DerError(`${what} has ${bytes.length} bytes in place of ${sizeBytes}.`);
}

export function readModulus(numbers: DerReader): { readonly bits: number; readonly bytes: number } {
  const modulus = readUnsigned(numbers, "the RSA key's modulus");
  const bits = bitLength(modulus);
  if (bits < modulusBits.least || bits > modulusBits.most || !isOdd(modulus)) {
    throw new DerError(
      `the RSA key's modulus has ${bits} bits; an odd number of ${modulusBits.least} to ${modulusBits.most} is read.`,
    );
  }
  return { bits, bytes: modulus.length };
}

/** The cost of verifying grows with the bits of the public exponent; the usual one, 65537, has 17. */
export function readExponent(numbers: DerReader): void {
  const exponent = readUnsigned(numbers, "the RSA key's public exponent");
  const bits = bitLength(exponent);
  if (bits < 2 || bits > maxExponentBits || !isOdd(exponent)) {
    throw new DerError(
      `the RSA key's public exponent has ${bits} bits; an odd number of 2 to ${maxExponentBits} is read.`,
    );
  }
}

function isOdd(number: Uint8Array): boolean {
  return (number.at(-1)! & 1) === 1;
}
