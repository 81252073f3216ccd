import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { CredentialsError } from "./credentials-error.js";
import type { PemIdentity } from "./pem.js";
import { privateKeyPem } from "./private-key.js";

/** A certificate together with its private key and those that issued it, as far as they were at hand. */
export interface KeyHolder {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** From the certificate's issuer upwards. */
  readonly chain: readonly X509Certificate[];
}

export interface Pairing {
  readonly holders: readonly KeyHolder[];
  /** Neither held with a key, nor the issuer of one that is. */
  readonly otherCertificates: readonly X509Certificate[];
  readonly otherKeys: readonly KeyObject[];
}

/** Puts certificates and private keys together by what they are, whatever the file says and in whatever order. */
export function pairKeys(certificates: readonly X509Certificate[], keys: readonly KeyObject[]): Pairing {
  const distinct = [...new Map(certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
  const distinctKeys = [...new Map(keys.map((key) => [publicPem(key), key])).values()];
  const holders = distinct.flatMap((certificate) => {
    const key = distinctKeys.find((candidate) => certificate.checkPrivateKey(candidate));
    return key === undefined ? [] : [{ certificate, key, chain: chainOf(certificate, distinct) }];
  });
  const placed = new Set(holders.flatMap(({ certificate, chain }) => [certificate, ...chain]));
  const held = new Set(holders.map(({ key }) => key));
  return {
    holders,
    otherCertificates: distinct.filter((certificate) => !placed.has(certificate)),
    otherKeys: distinctKeys.filter((key) => !held.has(key)),
  };
}

/** The certificates that issued this one, nearest first, without a root that signed itself unless it was given. */
export function chainOf(certificate: X509Certificate, candidates: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let current = certificate;
  for (;;) {
    const issuer = candidates.find(
      (candidate) => candidate !== certificate && !chain.includes(candidate) && isIssuedBy(current, candidate),
    );
    if (issuer === undefined) return chain;
    chain.push(issuer);
    current = issuer;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** As Node's TLS takes it: the certificate followed by its chain, and the key without encryption. */
export function toPemIdentity({ certificate, key, chain }: KeyHolder): PemIdentity {
  return { cert: [certificate, ...chain].map(String).join(""), key: privateKeyPem(key) };
}

/** The error for a private key that is not the certificate's. */
export function keyMismatch(certificate: string, key: string): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_KEY_MISMATCH",
    `the private key in ${key} is not that of the certificate in ${certificate}`,
    "give the key that was made with the signing request this certificate was issued for.",
  );
}

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "pem" }) as string;
}
