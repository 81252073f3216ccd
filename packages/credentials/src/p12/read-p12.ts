import { createHmac, timingSafeEqual } from "node:crypto";
import { Certificate } from "../certificates/certificate.js";
import { pairKeys, toPemIdentity } from "../certificates/key-holders.js";
import { CredentialsError } from "../credentials-error.js";
import type { PemIdentity } from "../encoding.js";
import {
  type Asn1Node,
  bmpStringOf,
  children,
  integerOf,
  octetsOf,
  oidOf,
  parseAsn1,
  serializeAsn1,
} from "../encryption/asn1.js";
import { DerivationBudget, digestBytes } from "../encryption/derivation-budget.js";
import { attributeOids, bagOids, macDigests, pkcs7Oids } from "../encryption/oids.js";
import { decryptByPassphrase, derivedFor, derivePkcs12, type Passphrase } from "../encryption/pbe.js";
import { type CredentialFile, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import {
  type PassphraseOptions,
  type PrivateKey,
  parsePrivateKey,
  passphraseMissing,
  passphraseWrong,
  privateKeyPem,
} from "../keys/private-key.js";

/** The content of a `.p12`. */
export interface P12Contents {
  /** Each certificate whose private key is in the file: with those that issued it, as Node's TLS takes it. */
  readonly identities: readonly P12Identity[];
  /** Certificates that belong to none of these, PEM each. */
  readonly certificates: readonly string[];
  /** Private keys without a certificate: PKCS#8 PEM. */
  readonly keys: readonly string[];
  /** How the file is encrypted, such as `["RC2-40", "3DES"]`; empty if it is not. */
  readonly encryption: readonly string[];
}

export interface P12Identity extends PemIdentity {
  /** The name the key has in Keychain. */
  readonly friendlyName: string | undefined;
}

/** How many certificates, keys and other things one file may hold, and how many times it may need its passphrase. */
const maxBags = 64;

/**
 * Opens a `.p12` (`.pfx`) of any age: RC2, 3DES or AES, integrity by SHA-1 or SHA-2, DER or BER.
 * @throws {CredentialsError} `…_WRONG_KIND` if it is another file, `…_PASSPHRASE_MISSING`, `…_PASSPHRASE_WRONG`,
 * `…_UNREADABLE` if it is damaged, `…_UNSUPPORTED` if it is protected in another way than by passphrase, or by unusual
 * algorithms
 */
export function readP12(file: CredentialFile, options: PassphraseOptions = {}): P12Contents {
  const field = nameOf(file, "p12");
  const items = readItems(field, file);
  const item = items.find(({ format }) => format === "p12");
  if (item === undefined) {
    throw wrongKind(field, items, "a .p12", "give the .p12 that Keychain exported, or read it as what it is.");
  }
  const { certificates, keys, names, encryption } = openPfx(field, item.der, options.passphrase);
  const pairing = pairKeys(certificates, keys);
  return {
    identities: pairing.holders.map((holder) => ({
      ...toPemIdentity(holder),
      friendlyName: names.get(holder.key) ?? names.get(holder.certificate),
    })),
    certificates: pairing.otherCertificates.map((certificate) => certificate.toPem()),
    keys: pairing.otherKeys.map(privateKeyPem),
    encryption: [...encryption],
  };
}

/** The content of a `.p12`, before certificates and keys are paired. */
export interface OpenedP12 {
  readonly certificates: Certificate[];
  readonly keys: PrivateKey[];
  readonly names: Map<Certificate | PrivateKey, string>;
  readonly encryption: Set<string>;
}

/** @throws {CredentialsError} as `readP12` */
export function openPfx(
  field: string,
  der: Buffer,
  passphrase: string | undefined,
  budget: DerivationBudget = new DerivationBudget(field),
): OpenedP12 {
  try {
    return new PfxReader(field, passphrase, budget).read(der);
  } catch (cause) {
    if (cause instanceof CredentialsError) throw cause;
    throw new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNREADABLE",
      `${field} begins like a .p12, but is damaged (${der.length} bytes)`,
      "copy it again as a binary file, or export it again.",
      { cause },
    );
  }
}

class PfxReader {
  readonly #field: string;
  readonly #given: string | undefined;
  readonly #budget: DerivationBudget;
  readonly #opened: OpenedP12 = { certificates: [], keys: [], names: new Map(), encryption: new Set() };
  #passphrase: Passphrase;
  #bagCount = 0;

  constructor(field: string, passphrase: string | undefined, budget: DerivationBudget) {
    this.#field = field;
    this.#given = passphrase;
    this.#budget = budget;
    this.#passphrase = passphrase ?? "";
  }

  read(der: Buffer): OpenedP12 {
    const [, contentInfo, macData] = children(parseAsn1(der));
    const [contentType, content] = children(contentInfo);
    if (oidOf(contentType) !== pkcs7Oids.data) throw this.#unsupported("is signed with a key instead of a passphrase");
    const authenticatedSafe = octetsOf(children(content)[0]);
    if (macData !== undefined) this.#findPassphrase(macData, authenticatedSafe);
    for (const safe of children(parseAsn1(authenticatedSafe))) this.#readSafe(safe);
    return this.#opened;
  }

  /** The integrity check tells a wrong passphrase from a damaged file, and an empty passphrase from none at all. */
  #findPassphrase(macData: Asn1Node, content: Buffer): void {
    const [digestInfo, salt, iterationsNode] = children(macData);
    const [algorithm, expectedNode] = children(digestInfo);
    const digest = macDigests[oidOf(children(algorithm)[0])];
    if (digest === undefined) throw this.#unsupported("has an integrity check that is not supported");
    const expected = octetsOf(expectedNode);
    // Another length cannot match, and would have many times as many bytes derived.
    if (expected.length !== digestBytes[digest])
      throw new RangeError("The integrity check has the length of no digest.");
    const iterations = iterationsNode === undefined ? 1 : integerOf(iterationsNode);
    const candidates: Passphrase[] = this.#given === undefined || this.#given === "" ? ["", null] : [this.#given];
    for (const candidate of candidates) {
      const key = derivePkcs12(
        this.#budget,
        candidate,
        octetsOf(salt),
        derivedFor.mac,
        iterations,
        expected.length,
        digest,
      );
      const actual = createHmac(digest, key).update(content).digest();
      if (timingSafeEqual(actual, expected)) {
        this.#passphrase = candidate;
        return;
      }
    }
    throw this.#locked();
  }

  #readSafe(safe: Asn1Node): void {
    this.#count();
    const [contentType, content] = children(safe);
    switch (oidOf(contentType)) {
      case pkcs7Oids.data:
        this.#readBags(parseAsn1(octetsOf(children(content)[0])), 0);
        return;
      case pkcs7Oids.encryptedData: {
        const [, encrypted] = children(children(content)[0]);
        const [, algorithm, data] = children(encrypted);
        this.#readBags(this.#decrypt(algorithm!, octetsOf(data)), 0);
        return;
      }
      default:
        throw this.#unsupported("is encrypted for a certificate instead of a passphrase");
    }
  }

  #readBags(bags: Asn1Node, depth: number): void {
    if (depth > 4) throw new RangeError("Bags within bags, too deep.");
    for (const bag of children(bags)) {
      this.#count();
      const [type, explicitValue, attributes] = children(bag);
      const value = children(explicitValue)[0]!;
      switch (oidOf(type)) {
        case bagOids.certificate:
          this.#readCertificate(value, attributes);
          break;
        case bagOids.key:
          this.#addKey(serializeAsn1(value), attributes);
          break;
        case bagOids.shroudedKey: {
          const [algorithm, data] = children(value);
          this.#addKey(serializeAsn1(this.#decrypt(algorithm!, octetsOf(data))), attributes);
          break;
        }
        case bagOids.safeContents:
          this.#readBags(value, depth + 1);
          break;
        default: // Revocation lists and secrets of other programs.
      }
    }
  }

  #readCertificate(bag: Asn1Node, attributes: Asn1Node | undefined): void {
    const [type, value] = children(bag);
    if (oidOf(type) !== attributeOids.x509Certificate) return;
    const certificate = new Certificate(this.#field, octetsOf(children(value)[0]));
    this.#opened.certificates.push(certificate);
    this.#addName(certificate, attributes);
  }

  #addKey(der: Buffer, attributes: Asn1Node | undefined): void {
    const key = parsePrivateKey(this.#field, der);
    this.#opened.keys.push(key);
    this.#addName(key, attributes);
  }

  #addName(owner: Certificate | PrivateKey, attributes: Asn1Node | undefined): void {
    for (const attribute of attributes === undefined ? [] : children(attributes)) {
      const [type, values] = children(attribute);
      if (oidOf(type) !== attributeOids.friendlyName) continue;
      const name = bmpStringOf(children(values)[0]);
      if (name !== undefined) this.#opened.names.set(owner, name);
    }
  }

  /** The one value that was encrypted. What decrypts to anything else was opened with a wrong passphrase. */
  #decrypt(algorithm: Asn1Node, data: Buffer): Asn1Node {
    const { bytes, scheme } = decryptByPassphrase(this.#budget, algorithm, this.#passphrase, data);
    this.#opened.encryption.add(scheme);
    if (bytes === undefined) throw this.#locked();
    try {
      return parseAsn1(bytes);
    } catch {
      throw this.#locked();
    }
  }

  #locked(): CredentialsError {
    return this.#given === undefined ? passphraseMissing(this.#field) : passphraseWrong(this.#field);
  }

  #count(): void {
    if (++this.#bagCount > maxBags) {
      throw new CredentialsError(
        "ERR_APNS_CREDENTIALS_TOO_LARGE",
        `${this.#field} holds more than ${maxBags} keys and certificates`,
        "export only the push certificate with its private key.",
      );
    }
  }

  #unsupported(what: string): CredentialsError {
    return new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNSUPPORTED",
      `${this.#field} ${what}`,
      "export it again with a passphrase, by the defaults of Keychain or openssl.",
    );
  }
}
