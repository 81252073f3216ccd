import { exportPrivateKey, exportPublicKey, generateKeyPair } from "./key-pair.js";

export interface SigningKeyPair {
  /** The private key as Apple's portal hands it out: PKCS#8 PEM, the text of a `.p8` file. */
  readonly key: string;
  /** What verifies its signatures: SPKI PEM. */
  readonly publicKey: string;
}

/** A new key for signing provider tokens (ES256, so P-256). Apple knows nothing of it: it is for tests and simulators. */
export async function generateSigningKey(): Promise<SigningKeyPair> {
  const pair = await generateKeyPair("ec");
  return { key: await exportPrivateKey(pair), publicKey: await exportPublicKey(pair) };
}
