// Encryption by passphrase: PKCS#12's own schemes (RFC 7292, appendix B and C) and PBES2 (RFC 8018).
//
// Ciphers are Node's, except RC2, which OpenSSL 3 keeps in a provider that Node does not load; RC2 and the derivation of
// PKCS#12 are node-forge's.
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import forge from "node-forge";
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

/** More would let a small file keep the process busy for minutes. What tools write lies between 1 and 600,000. */
const maxRounds = 1_000_000;
const maxRoundsInFile = 5_000_000;

/** The purpose of a derived key, which is an input of the derivation (RFC 7292, appendix B.3). */
export const derivedFor = { key: 1, initializationVector: 2, mac: 3 } as const;

/** RFC 7292, appendix B.2. The passphrase counts as UTF-16 with a final zero. */
export function derivePkcs12(
  passphrase: Passphrase,
  salt: Uint8Array,
  purpose: (typeof derivedFor)[keyof typeof derivedFor],
  iterations: number,
  sizeBytes: number,
  digest: MacDigest,
): Buffer {
  const saltBuffer = forge.util.createBuffer(Buffer.from(salt).toString("latin1"));
  const hash = digests[digest]();
  const derived = forge.pkcs12.generateKey(passphrase, saltBuffer, purpose, iterations, sizeBytes, hash);
  return Buffer.from(derived.getBytes(), "latin1");
}

const digests = {
  sha1: () => forge.md.sha1.create(),
  sha256: () => forge.md.sha256.create(),
  sha384: () => forge.md.sha384.create(),
  sha512: () => forge.md.sha512.create(),
} as const;

/** Counts the rounds that one file asks for. */
export class DerivationBudget {
  /** How the file is called in errors. */
  readonly field: string;
  #spent = 0;

  constructor(field: string) {
    this.field = field;
  }

  /**
   * The number of rounds, if they are within the limits.
   * @throws {CredentialsError} `…_UNSUPPORTED`
   */
  spend(rounds: number): number {
    this.#spent += rounds;
    if (rounds >= 1 && rounds <= maxRounds && this.#spent <= maxRoundsInFile) return rounds;
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNSUPPORTED",
      `${this.field} asks for ${rounds >= 1 && rounds <= maxRounds ? this.#spent : rounds} rounds of key derivation; from 1 to ${maxRounds} at a time and ${maxRoundsInFile} in all are allowed`,
      "export it again with its tool's defaults.",
    );
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
  const iterations = budget.spend(integerOf(iterationsNode));
  const derive = (purpose: 1 | 2, sizeBytes: number) =>
    derivePkcs12(passphrase, salt, purpose, iterations, sizeBytes, "sha1");
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
  const rounds = budget.spend(integerOf(iterations));
  const key = pbkdf2Sync(passphrase ?? "", octetsOf(salt), rounds, cipher.keyBytes, digest);
  return {
    bytes: decrypt(cipher.cipher, key, octetsOf(iv), data),
    scheme: cipher.cipher.startsWith("des") ? "3DES (PBES2)" : cipher.cipher.slice(0, 7).toUpperCase(),
  };
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
  const cipher = forge.rc2.createDecryptionCipher(key.toString("latin1"), key.length * 8);
  cipher.start(iv.toString("latin1"));
  cipher.update(forge.util.createBuffer(data.toString("latin1")));
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
export function encryptByPassphrase(encryption: P12Encryption, passphrase: string, data: Uint8Array): Encrypted {
  const iterations = writtenIterations;
  if (encryption === "compatible") {
    const salt = randomBytes(8);
    const key = derivePkcs12(passphrase, salt, derivedFor.key, iterations, 24, "sha1");
    const iv = derivePkcs12(passphrase, salt, derivedFor.initializationVector, iterations, 8, "sha1");
    return {
      algorithm: sequence(oid(tripleDesOid), sequence(octets(salt), integer(iterations))),
      bytes: encrypt("des-ede3-cbc", key, iv, data),
    };
  }
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = pbkdf2Sync(passphrase, salt, iterations, 32, "sha256");
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
