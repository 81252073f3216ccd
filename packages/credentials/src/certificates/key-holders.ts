import { createPublicKey } from "node:crypto";
import { CredentialsError } from "../credentials-error.js";
import type { PemIdentity } from "../encoding.js";
import { type PrivateKey, privateKeyPem } from "../keys/private-key.js";
import type { Certificate } from "./certificate.js";

/** A certificate together with its private key and those that issued it, as far as they were at hand. */
export interface KeyHolder {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
  /** From the certificate's issuer upwards. */
  readonly chain: readonly Certificate[];
}

export interface Pairing {
  readonly holders: readonly KeyHolder[];
  /** Neither held with a key, nor the issuer of one that is. */
  readonly otherCertificates: readonly Certificate[];
  readonly otherKeys: readonly PrivateKey[];
}

/** Puts certificates and private keys together by what they are, whatever the file says and in whatever order. */
export function pairKeys(certificates: readonly Certificate[], keys: readonly PrivateKey[]): Pairing {
  const distinct = [...new Map(certificates.map((certificate) => [certificate.fingerprint, certificate])).values()];
  const distinctKeys = [...new Map(keys.map((key) => [publicPem(key), key])).values()];
  const holders = distinct.flatMap((certificate) => {
    const key = distinctKeys.find((candidate) => certificate.belongsTo(candidate.object));
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

/** Apple's chains have two links; 64 certificates that all sign each other would make one of 63 for each. */
const maxChain = 8;

/** How many certificates of an issuer's name are tried: an authority that was renewed has two or three. */
const maxNamesakes = 4;

/**
 * The certificates that issued this one, nearest first, without a root that signed itself unless it was given. At most
 * eight, each looked for among the first four of its name: signatures take time, and a file could ask for 4,096 of them.
 */
export function chainOf(certificate: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const chain: Certificate[] = [];
  let current = certificate;
  while (chain.length < maxChain) {
    const namesakes = candidates.filter(
      (candidate) => candidate !== certificate && !chain.includes(candidate) && current.namesAsIssuer(candidate),
    );
    const issuer = namesakes.slice(0, maxNamesakes).find((candidate) => current.isIssuedBy(candidate));
    if (issuer === undefined) break;
    chain.push(issuer);
    current = issuer;
  }
  return chain;
}

/** As Node's TLS takes it: the certificate followed by its chain, and the key without encryption. */
export function toPemIdentity({ certificate, key, chain }: KeyHolder): PemIdentity {
  return { cert: [certificate, ...chain].map((each) => each.toPem()).join(""), key: privateKeyPem(key) };
}

/** The error for a private key that is not the certificate's. */
export function keyMismatch(certificate: string, key: string): CredentialsError {
  return new CredentialsError(
    "ERR_APNS_CREDENTIALS_KEY_MISMATCH",
    `the private key in ${key} is not that of the certificate in ${certificate}`,
    "give the key that was made with the signing request this certificate was issued for.",
  );
}

function publicPem(key: PrivateKey): string {
  return createPublicKey(key.object).export({ type: "spki", format: "pem" }) as string;
}
