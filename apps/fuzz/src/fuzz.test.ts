// The harness itself: that it finds what it is for, and that the same seed makes the same inputs.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Finding, feedOne, fuzz } from "./fuzz.ts";
import { hashOf } from "./inputs/hash.ts";
import { InputSource } from "./inputs/input-source.ts";
import type { OpenTarget, Target } from "./target.ts";
import { targets } from "./targets/targets.ts";

class DeclaredError extends Error {
  readonly code = "ERR_APNS_TEST";
}

const targetOf = (run: OpenTarget["run"]): Target => ({
  name: "test",
  summary: "",
  maxInputBytes: 100,
  maxMs: 50,
  testInputs: 0,
  open: () => ({ seeds: [Buffer.from("a sound input of some length")], run }),
});

async function findingsOf(target: Target, inputs = 2000): Promise<Finding[]> {
  const findings: Finding[] = [];
  await fuzz(target, {
    seed: 1,
    from: 0,
    isOver: (index) => index >= inputs,
    onFinding: (finding) => void findings.push(finding),
  });
  return findings;
}

describe("a finding", () => {
  it("is an error that is not declared, told once and made small", async () => {
    const target = targetOf((input) => {
      if (input.includes(0xff)) throw new TypeError("cannot read");
    });
    const findings = await findingsOf(target);
    expect(findings).toEqual([
      expect.objectContaining({ kind: "error", message: expect.stringMatching(/^TypeError: cannot read\n/) }),
    ]);
    expect([...findings[0]!.input]).toEqual([0xff]);
    expect(await feedOne(target, findings[0]!.input)).toMatchObject({ kind: "error" });
    expect(await feedOne(target, Buffer.from("sound"))).toBeUndefined();
  });

  describe("is an error out of an event handler, too:", () => {
    // Where Vitest itself listens, it would be told as well.
    const others = process.listeners("uncaughtException");
    beforeEach(() => void process.removeAllListeners("uncaughtException"));
    afterEach(() => {
      for (const listener of others) process.on("uncaughtException", listener);
    });
    const strayError = (): never => {
      throw new Error("nobody catches it");
    };
    const expected = { kind: "stray", message: expect.stringMatching(/^Error: nobody catches it\n/) };

    it("while the input is fed", async () => {
      const target = targetOf(async () => {
        queueMicrotask(strayError);
        await new Promise((resolve) => setImmediate(resolve));
      });
      expect(await feedOne(target, Buffer.from("a"))).toMatchObject(expected);
    });

    it("behind the last input", async () => {
      const target = targetOf(() => process.nextTick(strayError));
      expect(await findingsOf(target, 1)).toMatchObject([{ ...expected, index: 0 }]);
    });
  });

  it("is an input that takes too long, three times in a row", async () => {
    let runs = 0;
    const busy = (ms: number): void => {
      for (const end = performance.now() + ms; performance.now() < end; );
    };
    const always = targetOf(() => {
      runs++;
      busy(60);
    });
    expect(await feedOne(always, Buffer.from("a"))).toMatchObject({ kind: "slow" });
    expect(runs).toBe(3);
    let first = true;
    const once = targetOf(() => {
      if (first) busy(60);
      first = false;
    });
    expect(await feedOne(once, Buffer.from("a"))).toBeUndefined();
  });

  it("is not a refusal that is declared, where the target says that it may refuse", async () => {
    const { mayRefuse } = await import("./declared.ts");
    const refusing = (error: Error): OpenTarget["run"] => {
      return async () => {
        await mayRefuse(() => {
          throw error;
        });
      };
    };
    expect(await feedOne(targetOf(refusing(new DeclaredError("no"))), Buffer.from("a"))).toBeUndefined();
    expect(await feedOne(targetOf(refusing(new RangeError("no"))), Buffer.from("a"))).toMatchObject({ kind: "error" });
  });
});

it("the same seed makes the same inputs, another one others", async () => {
  for (const target of targets) {
    const open = await target.open();
    const [one, other] = [new InputSource(target, open), new InputSource(target, open)];
    const numbers = Array.from({ length: 20 }, (_, index) => index * 10);
    const hashes = numbers.map((index) => hashOf(one.input(7, index)));
    // In another order.
    expect(numbers.toReversed().map((index) => hashOf(other.input(7, index)))).toEqual(hashes.toReversed());
    expect(hashOf(one.input(8, 190))).not.toBe(hashes.at(-1));
    await open.close?.();
  }
});
