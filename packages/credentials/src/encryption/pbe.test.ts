import { describe, expect, it } from "vitest";
import { DerivationBudget } from "./pbe.ts";

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "ERR_APNS_CREDENTIALS_UNSUPPORTED", message: expect.stringMatching(message) });

describe("the rounds of key derivation that a file may ask for", () => {
  it("are limited each time", () => {
    const budget = new DerivationBudget("push.p12");
    expect(budget.spend(1)).toBe(1);
    expect(budget.spend(1_000_000)).toBe(1_000_000);
    for (const rounds of [0, 1_000_001]) {
      expect(() => new DerivationBudget("push.p12").spend(rounds)).toThrow(
        refusal(new RegExp(`^push\\.p12 asks for ${rounds} rounds`)),
      );
    }
  });

  it("are limited in all", () => {
    const budget = new DerivationBudget("push.p12");
    for (let part = 0; part < 5; part++) budget.spend(1_000_000);
    expect(() => budget.spend(1)).toThrow(refusal(/^push\.p12 asks for 5000001 rounds/));
  });
});
