import forge from "node-forge";
import { describe, expect, it } from "vitest";
import { type Derivation, DerivationBudget } from "./derivation-budget.ts";
import type { MacDigest } from "./oids.ts";
import { derivePkcs12, type Passphrase } from "./pbe.ts";

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "ERR_APNS_CREDENTIALS_UNSUPPORTED", message: expect.stringMatching(message) });
const budget = () => new DerivationBudget("push.p12");
const usual: Derivation = { kind: "pbkdf2", digest: "sha256", rounds: 600_000, sizeBytes: 32, inputBytes: 30 };

describe("the work of key derivation that a file may ask for", () => {
  it("is enough for what tools write, at a million rounds", () => {
    const file = budget();
    file.spend({ kind: "pkcs12", digest: "sha1", rounds: 1_000_000, sizeBytes: 20, inputBytes: 30 });
    file.spend({ ...usual, rounds: 1_000_000 });
    file.spend({ ...usual, rounds: 1_000_000 });
  });

  it.each<[string, Partial<Derivation>]>([
    ["rounds", { rounds: 10_000_000 }],
    ["blocks to derive", { sizeBytes: 32 * 15 }],
    ["rounds of a slow digest", { digest: "sha512", rounds: 4_000_000, sizeBytes: 64 }],
    ["rounds of PKCS#12's own derivation", { kind: "pkcs12", rounds: 2_000_000 }],
    ["salt", { inputBytes: 250_000_000 }],
  ])("is counted by the number of %s", (_, more) => {
    expect(() => budget().spend({ ...usual, ...more })).toThrow(refusal(/^push\.p12 asks for some \d+ seconds/));
  });

  it("is counted for all derivations together", () => {
    const file = budget();
    for (let count = 0; count < 14; count++) file.spend(usual);
    expect(() => file.spend(usual)).toThrow(refusal(/^push\.p12 asks for some 5 seconds .* at most 4 are spent/));
  });

  it("has at least one round", () => {
    expect(() => budget().spend({ ...usual, rounds: 0 })).toThrow(refusal(/^push\.p12 asks for 0 rounds/));
  });
});

it("PKCS#12's derivation agrees with node-forge's", () => {
  const passphrases: Passphrase[] = ["secret", "", null, "pässwörd €"];
  for (const digest of ["sha1", "sha256", "sha384", "sha512"] satisfies MacDigest[]) {
    for (const [index, passphrase] of passphrases.entries()) {
      const salt = Buffer.alloc([8, 0, 200, 16][index]!, digest);
      for (const sizeBytes of [5, 24, 200]) {
        const expected = forge.pkcs12.generateKey(
          passphrase as string,
          forge.util.createBuffer(salt.toString("latin1")),
          2,
          7,
          sizeBytes,
          forge.md[digest].create(),
        );
        expect(derivePkcs12(budget(), passphrase, salt, 2, 7, sizeBytes, digest).toString("hex")).toBe(
          expected.toHex(),
        );
      }
    }
  }
});
