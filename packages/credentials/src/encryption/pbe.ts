// Encryption by passphrase: PKCS#12's own schemes (RFC 7292, appendix B and C) and PBES2 (RFC 8018).
//
// Ciphers and digests are Node's, except RC2, which OpenSSL 3 keeps in a provider that Node does not load: that is
// node-forge's.
import { createCipheriv, createDecipheriv, hash, pbkdf2Sync, randomBytes } from "node:crypto";
import { CredentialsError } from "../credentials-error.js";
import {
  type Asn1Node,
  children,
  integer,
  integerOf,
  isInteger,
  nullValue,
  octets,
  octetsOf,
  oid,
  oidOf,
  sequence,
} from "./asn1.js";
import type { DerivationBudget, Digest } from "./derivation-budget.js";
import { rc2, util } from "./forge.js";
import {
  aes256Oid,
  hmacSha256Oid,
  type MacDigest,
  pbes2Ciphers,
  pbes2Oid,
  pbkdf2Digests,
  pbkdf2Oid,
  pkcs12Schemes,
  tripleDesOid,
} from "./oids.js";

/** Null is no passphrase at all, which PKCS#12 tells from an empty one. */
export type Passphrase = string | null;

/** The purpose of a derived key, which is an input of the derivation (RFC 7292, appendix B.3). */
export const derivedFor = { key: 1, initializationVector: 2, mac: 3 } as const;

/** The bytes that a digest reads at a time: the block size of RFC 7292. */
const blockBytes: Readonly<Record<MacDigest, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/**
 * PKCS#12's derivation (RFC 7292, appendix B.2). The passphrase counts as UTF-16 with a final zero.
 * @throws {CredentialsError} `…_UNSUPPORTED` if the budget does not allow it
 */
export function derivePkcs12(
  budget: DerivationBudget,
  passphrase: Passphrase,
  salt: Uint8Array,
  purpose: (typeof derivedFor)[keyof typeof derivedFor],
  rounds: number,
  sizeBytes: number,
  digest: MacDigest,
): Buffer {
  const secret = passphrase === null ? Buffer.alloc(0) : Buffer.from(`${passphrase}\0`, "utf16le").swap16();
  budget.spend({ kind: "pkcs12", digest, rounds, sizeBytes, inputBytes: salt.length + secret.length });
  const size = blockBytes[digest];
  const input = Buffer.concat([filled(salt, size), filled(secret, size)]);
  const diversifier = Buffer.alloc(size, purpose);
  const derived: Buffer[] = [];
  for (let bytes = 0; bytes < sizeBytes; ) {
    let block = hash(digest, Buffer.concat([diversifier, input]), "buffer");
    for (let round = 1; round < rounds; round++) block = hash(digest, block, "buffer");
    derived.push(block);
    bytes += block.length;
    if (bytes < sizeBytes) addToEach(input, filled(block, size).subarray(0, size), size);
  }
  return Buffer.concat(derived).subarray(0, sizeBytes);
}

/** The bytes, repeated up to the next multiple of a size; none stay none. */
function filled(bytes: Uint8Array, size: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / size) * size, bytes);
}

/** Adds a number, and one, to each block of an array of big-endian numbers. */
function addToEach(numbers: Buffer, addend: Buffer, size: number): void {
  for (let start = 0; start < numbers.length; start += size) {
    let carry = 1;
    for (let index = size - 1; index >= 0; index--) {
      carry += numbers[start + index]! + addend[index]!;
      numbers[start + index] = carry;
      carry >>= 8;
    }
  }
}

export interface Decrypted {
  /** Undefined if the passphrase is wrong: the padding says so, all but once in 256 times. */
  readonly bytes: Buffer | undefined;
  /** The cipher, such as `RC2-40` or `AES-256`. */
  readonly scheme: string;
}

/**
 * @param algorithm an AlgorithmIdentifier
 * @throws {CredentialsError} `…_UNSUPPORTED` if the algorithm is not known here
 * @throws {Error} if its parameters are damaged
 */
export function decryptByPassphrase(
  budget: DerivationBudget,
  algorithm: Asn1Node,
  passphrase: Passphrase,
  data: Buffer,
): Decrypted {
  const [algorithmOid, parameters] = children(algorithm);
  const name = oidOf(algorithmOid);
  if (name === pbes2Oid) return decryptPbes2(budget, children(parameters), passphrase, data);
  const scheme = pkcs12Schemes[name];
  if (scheme === undefined) throw unsupported(budget.field, name);
  const [saltNode, iterationsNode] = children(parameters);
  const salt = octetsOf(saltNode);
  const iterations = integerOf(iterationsNode);
  const derive = (purpose: 1 | 2, sizeBytes: number) =>
    derivePkcs12(budget, passphrase, salt, purpose, iterations, sizeBytes, "sha1");
  const key = derive(derivedFor.key, scheme.keyBytes);
  const iv = derive(derivedFor.initializationVector, 8);
  if (scheme.cipher === "rc2") return { bytes: decryptRc2(key, iv, data), scheme: scheme.name };
  // Node knows no CBC with two keys of DES; it is that with three, the first of them again at the end.
  const tripleKey = scheme.cipher === "des-ede-cbc" ? Buffer.concat([key, key.subarray(0, 8)]) : key;
  return { bytes: decrypt("des-ede3-cbc", tripleKey, iv, data), scheme: scheme.name };
}

function decryptPbes2(
  budget: DerivationBudget,
  parameters: Asn1Node[],
  passphrase: Passphrase,
  data: Buffer,
): Decrypted {
  const [derivation, encryption] = parameters;
  const [derivationOid, derivationParameters] = children(derivation);
  if (oidOf(derivationOid) !== pbkdf2Oid) throw unsupported(budget.field, oidOf(derivationOid));
  const [salt, iterations, ...rest] = children(derivationParameters);
  // A key length may follow, which the cipher says as well, and then the function, whose default is SHA-1.
  const prf = rest.find((node) => !isInteger(node));
  const prfOid = prf === undefined ? undefined : oidOf(children(prf)[0]);
  const digest = prfOid === undefined ? "sha1" : pbkdf2Digests[prfOid];
  if (digest === undefined) throw unsupported(budget.field, prfOid!);
  const [cipherOid, iv] = children(encryption);
  const cipher = pbes2Ciphers[oidOf(cipherOid)];
  if (cipher === undefined) throw unsupported(budget.field, oidOf(cipherOid));
  const key = derivePbkdf2(budget, passphrase, octetsOf(salt), integerOf(iterations), cipher.keyBytes, digest);
  return {
    bytes: decrypt(cipher.cipher, key, octetsOf(iv), data),
    scheme: cipher.cipher.startsWith("des") ? "3DES (PBES2)" : cipher.cipher.slice(0, 7).toUpperCase(),
  };
}

function derivePbkdf2(
  budget: DerivationBudget,
  passphrase: Passphrase,
  salt: Buffer,
  rounds: number,
  sizeBytes: number,
  digest: Digest,
): Buffer {
  const secret = Buffer.from(passphrase ?? "");
  budget.spend({ kind: "pbkdf2", digest, rounds, sizeBytes, inputBytes: salt.length + secret.length });
  return pbkdf2Sync(secret, salt, rounds, sizeBytes, digest);
}

function decrypt(cipher: string, key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(cipher, key, iv);
  const head = decipher.update(data);
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    return undefined;
  }
}

function decryptRc2(key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  const cipher = rc2.createDecryptionCipher(key.toString("latin1"), key.length * 8);
  cipher.start(iv.toString("latin1"));
  cipher.update(util.createBuffer(data.toString("latin1")));
  return cipher.finish() ? Buffer.from(cipher.output.getBytes(), "latin1") : undefined;
}

function unsupported(field: string, algorithm: string): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNSUPPORTED",
    `${field} is encrypted with an algorithm that is not supported (${algorithm})`,
    "open it where it was made and export it again, with that tool's defaults.",
  );
}

/** How a file is encrypted that is written here. */
export type P12Encryption = "compatible" | "modern";

/** Java's keytool takes as many, others 2,048; every reader that is known accepts it. */
export const writtenIterations = 10_000;

export interface Encrypted {
  /** The AlgorithmIdentifier. */
  readonly algorithm: Asn1Node;
  readonly bytes: Buffer;
}

/** `compatible`: 3DES by PKCS#12's derivation. `modern`: AES-256 by PBKDF2 with SHA-256. */
export function encryptByPassphrase(
  budget: DerivationBudget,
  encryption: P12Encryption,
  passphrase: string,
  data: Uint8Array,
): Encrypted {
  const iterations = writtenIterations;
  if (encryption === "compatible") {
    const salt = randomBytes(8);
    const key = derivePkcs12(budget, passphrase, salt, derivedFor.key, iterations, 24, "sha1");
    const iv = derivePkcs12(budget, passphrase, salt, derivedFor.initializationVector, iterations, 8, "sha1");
    return {
      algorithm: sequence(oid(tripleDesOid), sequence(octets(salt), integer(iterations))),
      bytes: encrypt("des-ede3-cbc", key, iv, data),
    };
  }
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = derivePbkdf2(budget, passphrase, salt, iterations, 32, "sha256");
  const prf = sequence(oid(hmacSha256Oid), nullValue());
  const derivation = sequence(oid(pbkdf2Oid), sequence(octets(salt), integer(iterations), prf));
  return {
    algorithm: sequence(oid(pbes2Oid), sequence(derivation, sequence(oid(aes256Oid), octets(iv)))),
    bytes: encrypt("aes-256-cbc", key, iv, data),
  };
}

function encrypt(cipher: string, key: Buffer, iv: Buffer, data: Uint8Array): Buffer {
  const encipher = createCipheriv(cipher, key, iv);
  return Buffer.concat([encipher.update(data), encipher.final()]);
}
