// Names of what a .p12 is made of. Sources: RFC 7292 (PKCS#12), RFC 8018 (PKCS#5), RFC 5652 (CMS), RFC 2985 (PKCS#9).

import type { Digest } from "./derivation-budget.js";

export const pkcs7Oids = {
  data: "1.2.840.113549.1.7.1",
  envelopedData: "1.2.840.113549.1.7.3",
  encryptedData: "1.2.840.113549.1.7.6",
} as const;

export const bagOids = {
  key: "1.2.840.113549.1.12.10.1.1",
  shroudedKey: "1.2.840.113549.1.12.10.1.2",
  certificate: "1.2.840.113549.1.12.10.1.3",
  safeContents: "1.2.840.113549.1.12.10.1.6",
} as const;

export const attributeOids = {
  friendlyName: "1.2.840.113549.1.9.20",
  localKeyId: "1.2.840.113549.1.9.21",
  x509Certificate: "1.2.840.113549.1.9.22.1",
} as const;

export const pbes2Oid = "1.2.840.113549.1.5.13";
export const pbkdf2Oid = "1.2.840.113549.1.5.12";

/** PKCS#12's own schemes: the cipher, and how long key and initialization vector are. All derive by SHA-1. */
export const pkcs12Schemes: Readonly<Record<string, Pkcs12Scheme>> = {
  "1.2.840.113549.1.12.1.3": { name: "3DES", cipher: "des-ede3-cbc", keyBytes: 24 },
  "1.2.840.113549.1.12.1.4": { name: "3DES-2KEY", cipher: "des-ede-cbc", keyBytes: 16 },
  "1.2.840.113549.1.12.1.5": { name: "RC2-128", cipher: "rc2", keyBytes: 16 },
  "1.2.840.113549.1.12.1.6": { name: "RC2-40", cipher: "rc2", keyBytes: 5 },
};

interface Pkcs12Scheme {
  readonly name: string;
  readonly cipher: "des-ede3-cbc" | "des-ede-cbc" | "rc2";
  readonly keyBytes: number;
}

export const tripleDesOid = "1.2.840.113549.1.12.1.3";
export const aes256Oid = "2.16.840.1.101.3.4.1.42";
export const hmacSha256Oid = "1.2.840.113549.2.9";

/** The ciphers of PBES2, by the name they have in Node. */
export const pbes2Ciphers: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  "2.16.840.1.101.3.4.1.2": { cipher: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { cipher: "aes-192-cbc", keyBytes: 24 },
  [aes256Oid]: { cipher: "aes-256-cbc", keyBytes: 32 },
  "1.2.840.113549.3.7": { cipher: "des-ede3-cbc", keyBytes: 24 },
};

/** The pseudo-random functions of PBKDF2, as the digest of their HMAC. */
export const pbkdf2Digests: Readonly<Record<string, Digest>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  [hmacSha256Oid]: "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

export type MacDigest = "sha1" | "sha256" | "sha384" | "sha512";

/** The digests of a .p12's integrity check. */
export const macDigests: Readonly<Record<string, MacDigest>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
