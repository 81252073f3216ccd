import { describe, expect, test } from "vitest";
import type { AppleEnvironment } from "../environment.js";
import { InMemoryTransport, type ScriptedAnswer } from "../in-memory-transport.js";
import type { Outcome } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import type { Transport } from "../transport.js";
import { type EitherEnvironmentOptions, eitherEnvironment } from "./either-environment.js";
import { environmentMemory } from "./environment-memory.js";

const hello = alert({ aps: { alert: "Hi" } });
const tokenOf = (index: number): string => index.toString(16).padStart(64, "0");

/** An environment that knows the device tokens of even or odd numbers only, or answers all alike. */
function environment(knows: "even" | "odd" | ScriptedAnswer): InMemoryTransport {
  return new InMemoryTransport({
    outcome: ({ deviceToken }) => {
      if (knows !== "even" && knows !== "odd") return knows;
      const isOdd = Number.parseInt(deviceToken.at(-1)!, 16) % 2 === 1;
      return isOdd === (knows === "odd") ? "accepted" : "BadDeviceToken";
    },
  });
}

function pair(
  production: "even" | "odd" | ScriptedAnswer,
  development: "even" | "odd" | ScriptedAnswer,
  options: Partial<EitherEnvironmentOptions> = {},
) {
  const inner = { production: environment(production), development: environment(development) };
  const transport = eitherEnvironment({ ...inner, ...options });
  return { ...inner, transport, counts: () => [inner.production.sent.length, inner.development.sent.length] };
}

describe("eitherEnvironment", () => {
  test("sends to the environment that knows the device token, and remembers it", async () => {
    const { transport, counts } = pair("even", "odd");
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 10; index++) {
        const outcome = await transport.send(hello, tokenOf(index));
        expect(outcome).toMatchObject({ kind: "accepted", attempts: index % 2 === 1 && round === 0 ? 2 : 1 });
      }
    }
    expect(counts()).toEqual([15, 10]);
  });

  test("follows a device token whose environment changes", async () => {
    const asked: AppleEnvironment[] = [];
    const known = new Map<string, AppleEnvironment>([[tokenOf(2), "development"]]);
    const remember = {
      get: (deviceToken: string) => known.get(deviceToken),
      set: (deviceToken: string, found: AppleEnvironment) => {
        asked.push(found);
        known.set(deviceToken, found);
      },
    };
    const { transport, counts } = pair("even", "odd", { remember });
    expect(await transport.send(hello, tokenOf(2).toUpperCase())).toMatchObject({ kind: "accepted", attempts: 2 });
    expect(await transport.send(hello, tokenOf(2))).toMatchObject({ kind: "accepted", attempts: 1 });
    expect([asked, counts()]).toEqual([["production"], [2, 1]]);
  });

  test.each<[string, ScriptedAnswer, ScriptedAnswer, Partial<Outcome>, [number, number]]>([
    ["both refuse it", "BadDeviceToken", "BadDeviceToken", { kind: "rejected", attempts: 2 }, [1, 1]],
    ["dead in the other one", "BadDeviceToken", "Unregistered", { kind: "rejected", attempts: 2 }, [1, 1]],
    ["the other one cannot be reached", "BadDeviceToken", "unsent", { kind: "unsent", attempts: 1 }, [1, 1]],
    ["the other one is lost", "BadDeviceToken", "unconfirmed", { kind: "unconfirmed", attempts: 2 }, [1, 1]],
    ["credentials for one only", "BadDeviceToken", "BadEnvironmentKeyInToken", { kind: "rejected" }, [1, 1]],
    ["the first one cannot be reached", "unsent", "accepted", { kind: "unsent" }, [1, 0]],
    ["the first one is lost", "unconfirmed", "accepted", { kind: "unconfirmed" }, [1, 0]],
    ["another app's", "DeviceTokenNotForTopic", "accepted", { kind: "rejected" }, [1, 0]],
    ["dead", "Unregistered", "accepted", { kind: "rejected" }, [1, 0]],
  ])("%s", async (_, production, development, outcome, counts) => {
    const subject = pair(production, development);
    expect(await subject.transport.send(hello, tokenOf(0))).toMatchObject(outcome);
    expect(subject.counts()).toEqual(counts);
  });

  test("says so if neither knows it", async () => {
    const outcome = await pair("BadDeviceToken", "BadDeviceToken").transport.send(hello, tokenOf(0));
    expect(outcome).toMatchObject({
      reason: "BadDeviceToken",
      detail: "Neither production nor development knows this device token.",
      dropToken: false,
    });
  });

  test("no number of refusals takes an environment out of use", async () => {
    const { transport, counts } = pair("BadDeviceToken", "accepted", {
      remember: environmentMemory({ maxDeviceTokens: 0 }),
    });
    for (let index = 0; index < 50; index++) {
      expect(await transport.send(hello, tokenOf(index))).toMatchObject({ kind: "accepted", attempts: 2 });
    }
    expect(counts()).toEqual([50, 50]);
  });

  test("begins with the environment that is named first", async () => {
    const { transport, counts } = pair("even", "odd", { first: "development" });
    for (let index = 0; index < 10; index++) await transport.send(hello, tokenOf(index));
    expect(counts()).toEqual([5, 10]);
  });

  test("a store that fails costs an attempt, and no outcome", async () => {
    const errors: unknown[] = [];
    const fail = (what: string) => (): never => {
      throw new Error(what);
    };
    const later = (what: string) => (): Promise<never> => Promise.reject(new Error(what));
    for (const make of [fail, later]) {
      const { transport } = pair("even", "odd", {
        remember: { get: make("get"), set: make("set") },
        onRememberError: (error) => void errors.push((error as Error).message),
      });
      expect(await transport.send(hello, tokenOf(1))).toMatchObject({ kind: "accepted", attempts: 2 });
    }
    expect(errors).toEqual(["get", "set", "get", "set"]);
  });

  test("a store with promises, and nonsense in it, is understood", async () => {
    const remember = {
      get: async (deviceToken: string) => (deviceToken === tokenOf(1) ? "development" : "sandbox") as AppleEnvironment,
      set: () => {},
    };
    const { transport, counts } = pair("even", "odd", { remember });
    await transport.send(hello, tokenOf(1));
    await transport.send(hello, tokenOf(2));
    expect(counts()).toEqual([1, 1]);
  });

  test("an abort or a deadline after the first refusal leaves the notification unsent", async () => {
    const controller = new AbortController();
    const production = new InMemoryTransport({
      outcome: () => {
        controller.abort();
        return "BadDeviceToken";
      },
    });
    const aborted = eitherEnvironment({ production, development: new InMemoryTransport() });
    expect(await aborted.send(hello, tokenOf(0), { signal: controller.signal })).toMatchObject({
      kind: "unsent",
      attempts: 1,
      cause: { code: "ERR_APNS_ABORTED" },
    });
    const slow = new InMemoryTransport({
      outcome: async () => {
        const startedAt = Date.now();
        while (Date.now() - startedAt < 2) await new Promise((resolve) => setImmediate(resolve));
        return "BadDeviceToken";
      },
    });
    const late = eitherEnvironment({ production: slow, development: new InMemoryTransport() });
    expect(await late.send(hello, tokenOf(0), { timeoutMs: 1 })).toMatchObject({
      kind: "unsent",
      attempts: 1,
      cause: { code: "ERR_APNS_TIMEOUT" },
    });
  });

  test("close lets notifications go to the other environment, and then refuses further ones", async () => {
    let answer: (kind: ScriptedAnswer) => void = () => {};
    const production = new InMemoryTransport({
      outcome: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const development = new InMemoryTransport();
    const transport = eitherEnvironment({ production, development });
    const sending = transport.send(hello, tokenOf(0));
    await new Promise((resolve) => setImmediate(resolve));
    const closing = transport.close();
    await expect(transport.send(hello, tokenOf(1))).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    answer("BadDeviceToken");
    expect(await sending).toMatchObject({ kind: "accepted", attempts: 2 });
    await closing;
  });

  test.each([
    ["close", [0]],
    ["a second close, which shortens the first,", [10_000, 0]],
  ])("what is refused after %s ran out of time is unsent", async (_, timeouts) => {
    let answer: (kind: ScriptedAnswer) => void = () => {};
    const production = new InMemoryTransport({
      outcome: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const transport = eitherEnvironment({ production, development: new InMemoryTransport() });
    const sending = transport.send(hello, tokenOf(0));
    await new Promise((resolve) => setImmediate(resolve));
    const closing = timeouts.map((timeoutMs) => transport.close({ timeoutMs }));
    // Fires behind the timer of close, which is of the same delay.
    await new Promise((resolve) => setTimeout(resolve, 1));
    answer("BadDeviceToken");
    expect(await sending).toMatchObject({
      kind: "unsent",
      attempts: 1,
      cause: { code: "ERR_APNS_TRANSPORT_CLOSED" },
    });
    await Promise.all(closing);
  });

  test("is as concurrent as the more concurrent environment", () => {
    const hinting = (concurrency: number | undefined): Transport =>
      Object.assign(new InMemoryTransport(), { concurrency }) as Transport;
    const concurrencyOf = (one: number | undefined, other: number | undefined): number | undefined =>
      eitherEnvironment({ production: hinting(one), development: hinting(other) }).concurrency;
    expect([concurrencyOf(500, 2000), concurrencyOf(undefined, 7), concurrencyOf(7, undefined)]).toEqual([2000, 7, 7]);
  });

  test.each<[string, object, string]>([
    ["no transport", { production: undefined }, "production"],
    ["a class in place of a transport", { development: InMemoryTransport }, "development"],
    ["an unknown environment", { first: "sandbox" }, "first"],
    ["a store without get", { remember: { set: () => {} } }, "remember.get"],
    ["a store without set", { remember: new WeakMap(), onRememberError: 1 }, "onRememberError"],
  ])("refuses %s", (_, options, field) => {
    expect(() => pair("even", "odd", options as Partial<EitherEnvironmentOptions>)).toThrow(
      expect.objectContaining({ field }),
    );
  });
});

test("the memory of environments forgets the least recently used", () => {
  const memory = environmentMemory({ maxDeviceTokens: 2 });
  for (const deviceToken of ["01", "02"]) memory.set(deviceToken, "development");
  expect(memory.get("01")).toBe("development");
  memory.set("03", "development");
  expect(["01", "02", "03"].map((deviceToken) => memory.get(deviceToken))).toEqual([
    "development",
    undefined,
    "development",
  ]);
  expect(() => environmentMemory({ maxDeviceTokens: -1 })).toThrow(
    expect.objectContaining({ field: "maxDeviceTokens" }),
  );
});
