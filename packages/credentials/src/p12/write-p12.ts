import { createHash, createHmac, randomBytes } from "node:crypto";
import { InvalidArgumentError } from "@apns/core";
import { checkOneOf } from "@apns/core/internal";
import { type Certificate, parseCertificates } from "../certificates/certificate.js";
import { keyMismatch } from "../certificates/key-holders.js";
import type { PemIdentity } from "../encoding.js";
import {
  type Asn1Node,
  bmpString,
  explicit,
  implicitOctets,
  integer,
  nullValue,
  octets,
  oid,
  sequence,
  serializeAsn1,
  setOf,
} from "../encryption/asn1.js";
import { DerivationBudget, digestBytes } from "../encryption/derivation-budget.js";
import { attributeOids, bagOids, macDigests, pkcs7Oids } from "../encryption/oids.js";
import {
  derivedFor,
  derivePkcs12,
  encryptByPassphrase,
  type P12Encryption,
  writtenIterations,
} from "../encryption/pbe.js";
import { openKeyFile } from "../keys/private-key.js";

export interface WriteP12Options {
  /** The passphrase of the file. May be empty, but Keychain does not import a file without one. */
  readonly passphrase: string;
  /**
   * `compatible`: 3DES and SHA-1, which everything opens: Keychain, old and new OpenSSL, Java.
   * `modern`: AES-256 and SHA-256, what OpenSSL 3 and Java write nowadays; older Keychains refuse it. Either protects no
   * better than its passphrase.
   * @default "compatible"
   */
  readonly encryption?: P12Encryption | undefined;
  /**
   * The name of the key in Keychain.
   * @default the certificate's common name
   */
  readonly friendlyName?: string | undefined;
}

/**
 * A `.p12` of a certificate, those that issued it (as they follow it in `cert`) and its private key.
 * @throws {CredentialsError} `…_KEY_MISMATCH` if the key is another certificate's; or what `cert` and `key` can be
 * refused for
 */
export function writeP12(identity: PemIdentity, options: WriteP12Options): Buffer {
  const encryption = checkOneOf("encryption", options.encryption ?? "compatible", ["compatible", "modern"] as const);
  if (typeof options.passphrase !== "string") {
    throw new InvalidArgumentError("passphrase", "is missing: a .p12 is opened by one.");
  }
  const certificates = parseCertificates("cert", identity.cert);
  const [certificate] = certificates as [Certificate];
  const key = openKeyFile(identity.key).object;
  if (!certificate.belongsTo(key)) throw keyMismatch("cert", "key");
  const { passphrase } = options;
  const keyDer = key.export({ type: "pkcs8", format: "der" });
  const name = options.friendlyName ?? certificate.commonName;
  // Keychain and others find a key's certificate by this number; a digest of the certificate is what openssl takes.
  const attributes = attributeSet(name, createHash("sha1").update(certificate.der).digest());
  const certificateBags = certificates.map((each, index) => certificateBag(each, index === 0 ? attributes : undefined));
  const budget = new DerivationBudget("the .p12");
  const shrouded = encryptByPassphrase(budget, encryption, passphrase, keyDer);
  const keyBag = sequence(
    oid(bagOids.shroudedKey),
    explicit(0, sequence(shrouded.algorithm, octets(shrouded.bytes))),
    attributes,
  );
  const content = serializeAsn1(
    sequence(
      encryptedSafe(budget, encryption, passphrase, serializeAsn1(sequence(...certificateBags))),
      dataContent(serializeAsn1(sequence(keyBag))),
    ),
  );
  return serializeAsn1(sequence(integer(3), dataContent(content), macData(budget, encryption, passphrase, content)));
}

function dataContent(bytes: Buffer): Asn1Node {
  return sequence(oid(pkcs7Oids.data), explicit(0, octets(bytes)));
}

function encryptedSafe(
  budget: DerivationBudget,
  encryption: P12Encryption,
  passphrase: string,
  safeContents: Buffer,
): Asn1Node {
  const { algorithm, bytes } = encryptByPassphrase(budget, encryption, passphrase, safeContents);
  const encrypted = sequence(oid(pkcs7Oids.data), algorithm, implicitOctets(0, bytes));
  return sequence(oid(pkcs7Oids.encryptedData), explicit(0, sequence(integer(0), encrypted)));
}

function certificateBag(certificate: Certificate, attributes: Asn1Node | undefined): Asn1Node {
  const value = sequence(oid(attributeOids.x509Certificate), explicit(0, octets(certificate.der)));
  const parts = [oid(bagOids.certificate), explicit(0, value)];
  return attributes === undefined ? sequence(...parts) : sequence(...parts, attributes);
}

function attributeSet(friendlyName: string | undefined, localKeyId: Buffer): Asn1Node {
  const keyId = sequence(oid(attributeOids.localKeyId), setOf(octets(localKeyId)));
  if (friendlyName === undefined) return setOf(keyId);
  return setOf(sequence(oid(attributeOids.friendlyName), setOf(bmpString(friendlyName))), keyId);
}

function macData(budget: DerivationBudget, encryption: P12Encryption, passphrase: string, content: Buffer): Asn1Node {
  const digest = encryption === "compatible" ? "sha1" : "sha256";
  const digestOid = Object.entries(macDigests).find(([, name]) => name === digest)![0];
  const salt = randomBytes(encryption === "compatible" ? 8 : 16);
  const key = derivePkcs12(budget, passphrase, salt, derivedFor.mac, writtenIterations, digestBytes[digest], digest);
  const mac = createHmac(digest, key).update(content).digest();
  const digestInfo = sequence(sequence(oid(digestOid), nullValue()), octets(mac));
  return sequence(digestInfo, octets(salt), integer(writtenIterations));
}
