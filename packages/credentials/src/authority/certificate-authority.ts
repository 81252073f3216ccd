import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { InvalidArgumentError } from "@apns/core";
import { checkText } from "@apns/core/internal";
import type { PemIdentity } from "../encoding.js";
import type { CredentialFile } from "../files/credential-file.js";
import { exportPrivateKey, generateKeyPair, type KeyPair, type KeyType, signingAlgorithms } from "../keys/key-pair.js";
import { openRequest } from "./open-request.js";
import { type LeafContent, pushCertificateContent } from "./push-certificate-content.js";
import type { PushCertificateContentOptions } from "./push-certificate-options.js";
import { resolveValidity, type Validity, type ValidityOptions } from "./validity-period.js";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type IssuedCertificate,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
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

export interface PushCertificateOptions extends PushCertificateContentOptions, LeafOptions {}

/** 397 days: what Apple gives its own certificates, near enough, and no TLS library finds too long. */
const leafDays = 397;
const authorityDays = 3650;

/** A certificate authority of your own, which issues the certificates of a stand-in for APNs and of its clients. */
export class CertificateAuthority {
  /** The authority's own certificate: what its clients must trust. */
  readonly cert: string;
  readonly #certificate: IssuedCertificate;
  readonly #keyPair: KeyPair;

  private constructor(certificate: IssuedCertificate, keyPair: KeyPair) {
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
    const extensions = [
      // Key encipherment is for the RSA key exchange of old TLS clients.
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
    ];
    return this.#issueWithKey({ subject: [{ CN: [commonName] }], extensions }, options);
  }

  /** A client certificate by which a sender proves which app it may push to, made like Apple's. */
  async issuePushCertificate(options: PushCertificateOptions): Promise<PemIdentity> {
    return this.#issueWithKey(pushCertificateContent(options), options);
  }

  /**
   * A push certificate for someone else's key, as Apple's portal makes one of a signing request: PEM. Of the request, the
   * public key counts; the subject is Apple's to say.
   * @throws {CredentialsError} `…_WRONG_KIND` if it is no request, `…_UNREADABLE` if it is damaged or its signature is
   * not that of its key
   */
  async signPushRequest(request: CredentialFile, options: PushCertificateContentOptions): Promise<string> {
    const { publicKey } = await openRequest(request);
    return this.#issue(pushCertificateContent(options), options, publicKey);
  }

  async #issueWithKey(content: LeafContent, options: LeafOptions): Promise<PemIdentity> {
    const keyPair = await generateKeyPair(options.keyType ?? this.#keyPair.keyType);
    return { cert: await this.#issue(content, options, keyPair.keys.publicKey), key: await exportPrivateKey(keyPair) };
  }

  async #issue(
    { subject, extensions }: LeafContent,
    options: ValidityOptions,
    publicKey: PublicKey | webcrypto.CryptoKey,
  ): Promise<string> {
    const validity = resolveValidity(options, leafDays, this.#validity);
    const certificate = await X509CertificateGenerator.create(
      {
        ...validity,
        subject,
        issuer: this.#certificate.subjectName.toJSON(),
        publicKey,
        signingKey: this.#keyPair.keys.privateKey,
        signingAlgorithm: signingAlgorithms[this.#keyPair.keyType],
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          ...extensions,
          await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
          await AuthorityKeyIdentifierExtension.create(this.#keyPair.keys.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return toPem(certificate);
  }

  get #validity(): Validity {
    return { notBefore: this.#certificate.notBefore, notAfter: this.#certificate.notAfter };
  }
}

function toPem(certificate: IssuedCertificate): string {
  return `${certificate.toString("pem")}\n`;
}
