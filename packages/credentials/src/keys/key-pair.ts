import { webcrypto } from "node:crypto";
import { encodePem } from "@apns/core/der";
import { checkOneOf } from "@apns/core/internal";

/**
 * `rsa`: 2048 bits, what Apple issues and what senders with an old TLS library can use. `ec`: P-256, made a hundred
 * times faster.
 */
export type KeyType = "rsa" | "ec";

const algorithms = {
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(0x01, 0x00, 0x01),
  },
  ec: { name: "ECDSA", namedCurve: "P-256" },
} as const;

/** How a certificate is signed by a key of this type. */
export const signingAlgorithms = {
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ec: { name: "ECDSA", hash: "SHA-256" },
} as const;

export interface KeyPair {
  readonly keyType: KeyType;
  readonly keys: webcrypto.CryptoKeyPair;
}

export async function generateKeyPair(keyType: KeyType): Promise<KeyPair> {
  const algorithm = algorithms[checkOneOf("keyType", keyType, ["rsa", "ec"] as const)];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return { keyType, keys: keys as webcrypto.CryptoKeyPair };
}

/** The private key as PKCS#8 PEM. */
export async function exportPrivateKey({ keys }: KeyPair): Promise<string> {
  return encodePem("PRIVATE KEY", new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)));
}

/** The public key as SPKI PEM. */
async function exportPublicKey({ keys }: KeyPair): Promise<string> {
  return encodePem("PUBLIC KEY", new Uint8Array(await webcrypto.subtle.exportKey("spki", keys.publicKey)));
}

export interface SigningKeyPair {
  /** The private key as Apple's portal hands it out: PKCS#8 PEM, the text of a `.p8` file. */
  readonly key: string;
  /** The public key, which verifies its signatures: SPKI PEM. */
  readonly publicKey: string;
}

/** A new key for signing provider tokens (ES256, so P-256). Apple knows nothing of it: it is for tests and simulators. */
export async function generateSigningKey(): Promise<SigningKeyPair> {
  const pair = await generateKeyPair("ec");
  return { key: await exportPrivateKey(pair), publicKey: await exportPublicKey(pair) };
}
