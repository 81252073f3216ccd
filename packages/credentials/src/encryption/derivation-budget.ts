import { CredentialsError } from "../credentials-error.js";

/** The digests of key derivation, by their names in Node. */
export type Digest = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** The work that one file may ask for: an estimate in milliseconds, all its derivations together. */
const maxWorkMs = 4000;

/**
 * The time of one round in microseconds: measured with Node 20.20 on a core of 2.5 GHz. PKCS#12's derivation calls a digest
 * for each round; PBKDF2 runs within OpenSSL.
 */
const roundUs = {
  pkcs12: { sha1: 2.1, sha224: 2.1, sha256: 2.1, sha384: 2.8, sha512: 2.8 },
  pbkdf2: { sha1: 0.45, sha224: 0.45, sha256: 0.45, sha384: 1.15, sha512: 1.15 },
} as const;

/** Of the salt and passphrase, which each block of derived bytes reads and PKCS#12 rewrites. */
const byteUs = 0.02;

export const digestBytes: Readonly<Record<Digest, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

export interface Derivation {
  readonly kind: keyof typeof roundUs;
  readonly digest: Digest;
  readonly rounds: number;
  readonly sizeBytes: number;
  /** Of salt and passphrase together. */
  readonly inputBytes: number;
}

/**
 * Counts the work of all derivations that a file asks for. A few hundred bytes can ask for minutes, since rounds, the size of
 * what is derived and the number of derivations multiply. What tools write, up to a million rounds, takes one or two seconds.
 */
export class DerivationBudget {
  /** How the file is called in errors. */
  readonly field: string;
  #spentMs = 0;

  constructor(field: string) {
    this.field = field;
  }

  /**
   * Counts a derivation that is about to be made.
   * @throws {CredentialsError} `…_UNSUPPORTED` if it is too much work, or has no rounds
   */
  spend({ kind, digest, rounds, sizeBytes, inputBytes }: Derivation): void {
    if (rounds < 1) throw this.#refusal(`asks for ${rounds} rounds of key derivation`);
    const blocks = Math.ceil(sizeBytes / digestBytes[digest]);
    this.#spentMs += (blocks * (rounds * roundUs[kind][digest] + inputBytes * byteUs)) / 1000;
    if (this.#spentMs <= maxWorkMs) return;
    throw this.#refusal(
      `asks for some ${Math.ceil(this.#spentMs / 1000)} seconds of key derivation (${rounds} rounds); at most ${maxWorkMs / 1000} are spent`,
    );
  }

  #refusal(problem: string): CredentialsError {
    return new CredentialsError(
      "ERR_APNS_CREDENTIALS_UNSUPPORTED",
      `${this.field} ${problem}`,
      "export it again with its tool's defaults.",
    );
  }
}
