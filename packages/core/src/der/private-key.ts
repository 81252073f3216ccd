import type { Curve } from "./curves.js";
import { isBelow, readUnsigned, readVersion, withoutZeros } from "./integer.js";
import {
  checkPoint,
  checkSize,
  type Family,
  type KeyAlgorithm,
  readBitString,
  readCurve,
  readExponent,
  readFamily,
  readModulus,
} from "./key-algorithm.js";
import { DerError, DerReader, derTags, explicitTag, implicitTag, outerSequence } from "./reader.js";

/** The format and algorithm of a private key, and nothing of its content. */
export interface PrivateKeyDescription {
  /** The encoding: RFC 5208 and 5958, RFC 8017 (appendix A.1.2), or RFC 5915. */
  readonly format: "pkcs8" | "pkcs1" | "sec1";
  readonly algorithm: KeyAlgorithm;
}

/**
 * Describes a private key, and refuses keys that are unsafe for Node's native code, which ends the process where a number is too
 * large for its curve (Node 20, `asymmetricKeyDetails`), and signs for half a minute where an RSA key's numbers are larger than
 * its modulus. Every private key is read here before Node gets it; one whose algorithm is `other` must not be given to Node.
 * @param der the key, not encrypted
 * @throws {DerError} if the key is damaged, is followed by further bytes, or has numbers that no key has
 */
export function describePrivateKey(der: Uint8Array): PrivateKeyDescription {
  const key = outerSequence(der, "the private key");
  const version = readVersion(key, "the private key's version");
  const second = key.next("the private key's content");
  switch (second.tag) {
    case derTags.sequence:
      return { format: "pkcs8", algorithm: readPkcs8(version, new DerReader(second.encoded), key) };
    case derTags.octetString:
      return { format: "sec1", algorithm: readSec1(der, undefined) };
    case derTags.integer:
      return { format: "pkcs1", algorithm: { type: "rsa", modulusBits: readPkcs1(der) } };
    default:
      throw new DerError("the private key has a shape that is not known.");
  }
}

function readPkcs8(version: number, identifier: DerReader, rest: DerReader): KeyAlgorithm {
  if (version > 1) throw new DerError(`the private key has version ${version}; 0 and 1 are known.`);
  const family = readFamily(identifier, "the private key's algorithm");
  const content = rest.next("the private key's content", derTags.octetString).content;
  rest.optional("the private key's attributes", explicitTag(0));
  rest.optional("the private key's public half", implicitTag(1));
  rest.end("the private key");
  switch (family.type) {
    case "other":
      return family;
    case "rsa":
    case "rsa-pss":
      return { type: family.type, modulusBits: readPkcs1(content) };
    case "ec":
      return readSec1(content, family);
    default: {
      const seed = new DerReader(content);
      checkSize(seed.next("the private key", derTags.octetString).content, family.sizeBytes, `the ${family.type} key`);
      seed.end("the private key");
      return { type: family.type };
    }
  }
}

/** Reads an RSAPrivateKey; returns the size of its modulus in bits. */
function readPkcs1(der: Uint8Array): number {
  const numbers = outerSequence(der, "the RSA key");
  const version = readVersion(numbers, "the RSA key's version");
  if (version !== 0) throw new DerError("the RSA key is made of more than two primes.");
  const modulus = readModulus(numbers);
  readExponent(numbers);
  for (const name of [
    "private exponent",
    "first prime",
    "second prime",
    "first exponent",
    "second exponent",
    "coefficient",
  ]) {
    const { length } = readUnsigned(numbers, `the RSA key's ${name}`);
    if (length === 0 || length > modulus.bytes) {
      throw new DerError(
        `the RSA key's ${name} has ${length} bytes; from 1 to the modulus' ${modulus.bytes} are read.`,
      );
    }
  }
  numbers.end("the RSA key");
  return modulus.bits;
}

/**
 * Reads an ECPrivateKey.
 * @param named the curve that the enclosing PKCS #8 names; the curve may be named there, in the key, or in both
 */
function readSec1(der: Uint8Array, named: Extract<Family, { type: "ec" }> | undefined): KeyAlgorithm {
  const key = outerSequence(der, "the EC key");
  if (readVersion(key, "the EC key's version") !== 1) throw new DerError("the EC key has a version other than 1.");
  const { content: number } = key.next("the EC key's number", derTags.octetString);
  const own = key.optional("the EC key's curve", explicitTag(0));
  const publicHalf = key.optional("the EC key's public half", explicitTag(1));
  key.end("the EC key");
  const family = own === undefined ? named : readOwnCurve(own.content);
  if (family === undefined) throw new DerError("the EC key does not say on which curve it is.");
  if (family.type !== "ec") return family;
  const { curve } = family;
  if (named !== undefined && named.curve !== curve) throw new DerError("the EC key names two curves.");
  checkNumber(number, curve);
  if (publicHalf !== undefined) {
    const bits = new DerReader(publicHalf.content);
    checkPoint(
      readBitString(bits.next("the EC key's public half", derTags.bitString), "the EC key's public half"),
      curve,
    );
    bits.end("the EC key's public half");
  }
  return { type: "ec", curve: curve.name };
}

function readOwnCurve(content: Uint8Array): Extract<Family, { type: "ec" | "other" }> {
  const reader = new DerReader(content);
  const family = readCurve(reader.next("the EC key's curve"), "the EC key");
  reader.end("the EC key's curve");
  return family;
}

/** As many bytes as the curve has; some tools leave zeros in front away, or write one more. */
function checkNumber(bytes: Uint8Array, { name, sizeBytes, order }: Curve): void {
  const number = withoutZeros(bytes);
  if (bytes.length > sizeBytes + 1 || number.length === 0 || !isBelow(number, order)) {
    throw new DerError(`the ${name} key is ${bytes.length} bytes that are no private key of that curve.`);
  }
}
