import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { checkOneOf, checkText, InvalidArgumentError } from "@apns/core";
import { exportPrivateKey, generateKeyPair, type KeyPair, type KeyType, signingAlgorithms } from "./key-pair.js";
import type { PemIdentity } from "./pem.js";
import {
  derNull,
  developmentOid,
  encodeTopics,
  type PushCertificateTopic,
  productionOid,
  topicsOid,
  usualTopics,
} from "./push-extensions.js";
import { resolveValidity, type Validity, type ValidityOptions } from "./validity.js";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "./x509.js";

export interface AuthorityOptions extends ValidityOptions {
  /** @default "APNs Test Authority" */
  readonly commonName?: string;
  /** @default "rsa" */
  readonly keyType?: KeyType;
}

interface LeafOptions extends ValidityOptions {
  /** @default the authority's */
  readonly keyType?: KeyType;
}

export interface ServerCertificateOptions extends LeafOptions {
  /** The DNS names and IP addresses the server answers under. The first becomes the common name. */
  readonly hosts: readonly string[];
}

export interface PushCertificateOptions extends LeafOptions {
  /** The app; becomes the subject's UID, which is the certificate's topic. */
  readonly bundleId: string;
  /** The team the app belongs to; becomes the subject's OU. */
  readonly teamId: string;
  /** Both make a universal certificate, the kind Apple issues nowadays. */
  readonly environments: readonly ("production" | "development")[];
  /**
   * The topics listed in the certificate; an empty list leaves the list out, which makes the bundle ID the only topic.
   * @default for a universal certificate the bundle ID, its `.voip` and its `.complication`; else none
   */
  readonly topics?: readonly PushCertificateTopic[];
  /** @default Apple's prefix for that kind of certificate, then the bundle ID */
  readonly commonName?: string;
}

/** 397 days: what Apple gives its own certificates, near enough, and no TLS library finds too long. */
const leafDays = 397;
const authorityDays = 3650;

/** A certificate authority of your own, which issues the certificates of a stand-in for APNs and of its clients. */
export class CertificateAuthority {
  /** The authority's own certificate: what its clients must trust. */
  readonly cert: string;
  readonly #certificate: X509Certificate;
  readonly #keyPair: KeyPair;

  private constructor(certificate: X509Certificate, keyPair: KeyPair) {
    this.cert = toPem(certificate);
    this.#certificate = certificate;
    this.#keyPair = keyPair;
  }

  static async create(options: AuthorityOptions = {}): Promise<CertificateAuthority> {
    const commonName = checkText("commonName", options.commonName ?? "APNs Test Authority");
    const validity = resolveValidity(options, authorityDays);
    const keyPair = await generateKeyPair(options.keyType ?? "rsa");
    const certificate = await X509CertificateGenerator.createSelfSigned(
      {
        ...validity,
        name: [{ CN: [commonName] }],
        keys: keyPair.keys,
        signingAlgorithm: signingAlgorithms[keyPair.keyType],
        extensions: [
          new BasicConstraintsExtension(true, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
          await SubjectKeyIdentifierExtension.create(keyPair.keys.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return new CertificateAuthority(certificate, keyPair);
  }

  /** A certificate for a TLS server. */
  async issueServer(options: ServerCertificateOptions): Promise<PemIdentity> {
    const hosts = options.hosts.map((host, index) => checkText(`hosts[${index}]`, host));
    if (hosts.length === 0) throw new InvalidArgumentError("hosts", "is empty: name at least one host or IP address.");
    // Names too long for a common name (64 characters, X.520) are found in the alternative names alone.
    const commonName = hosts.find((host) => host.length <= 64) ?? "server";
    return this.#issue([{ CN: [commonName] }], options, [
      // Key encipherment is for the RSA key exchange of old TLS clients.
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
    ]);
  }

  /** A client certificate by which a sender proves which app it may push to, made like Apple's. */
  async issuePushCertificate(options: PushCertificateOptions): Promise<PemIdentity> {
    const bundleId = checkText("bundleId", options.bundleId);
    const teamId = checkText("teamId", options.teamId);
    const environments = new Set(
      options.environments.map((environment, index) =>
        checkOneOf(`environments[${index}]`, environment, ["production", "development"] as const),
      ),
    );
    if (environments.size === 0) {
      throw new InvalidArgumentError("environments", 'is empty: name "production", "development" or both.');
    }
    const topics = options.topics ?? (environments.size === 2 ? usualTopics(bundleId) : []);
    const commonName = checkText("commonName", options.commonName ?? appleCommonName(environments, bundleId));
    const extensions: Extension[] = [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ];
    if (environments.has("development")) extensions.push(new Extension(developmentOid, false, derNull));
    if (environments.has("production")) extensions.push(new Extension(productionOid, false, derNull));
    if (topics.length > 0) extensions.push(new Extension(topicsOid, false, encodeTopics(topics)));
    const subject: JsonName = [{ [uidOid]: [bundleId] }, { CN: [commonName] }, { OU: [teamId] }, { C: ["US"] }];
    return this.#issue(subject, options, extensions);
  }

  async #issue(subject: JsonName, options: LeafOptions, extensions: Extension[]): Promise<PemIdentity> {
    const validity = resolveValidity(options, leafDays, this.#validity);
    const keyPair = await generateKeyPair(options.keyType ?? this.#keyPair.keyType);
    const certificate = await X509CertificateGenerator.create(
      {
        ...validity,
        subject,
        issuer: this.#certificate.subjectName.toJSON(),
        publicKey: keyPair.keys.publicKey,
        signingKey: this.#keyPair.keys.privateKey,
        signingAlgorithm: signingAlgorithms[this.#keyPair.keyType],
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          ...extensions,
          await SubjectKeyIdentifierExtension.create(keyPair.keys.publicKey, false, webcrypto),
          await AuthorityKeyIdentifierExtension.create(this.#keyPair.keys.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return { cert: toPem(certificate), key: await exportPrivateKey(keyPair) };
  }

  get #validity(): Validity {
    return { notBefore: this.#certificate.notBefore, notAfter: this.#certificate.notAfter };
  }
}

/** The subject attribute userId; spelled as a number because the X.509 library knows no name for it. */
const uidOid = "0.9.2342.19200300.100.1.1";

function appleCommonName(environments: ReadonlySet<"production" | "development">, bundleId: string): string {
  const kind =
    environments.size === 2
      ? "Apple Push Services"
      : environments.has("production")
        ? "Apple Production IOS Push Services"
        : "Apple Development IOS Push Services";
  return `${kind}: ${bundleId}`;
}

function toPem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}
