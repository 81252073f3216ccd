// Side by side with the original: for each public method the same result, apart from the rows of the README.

import type { Simulator } from "@apns/simulator";
import original from "@parse/node-apn";
import { describe, expect, onTestFinished, test } from "vitest";
import apn, { type ProviderOptions } from "../src/index.js";
import { alertSetters, apsSetters, setterName } from "../src/notification/setters.js";
import { apnsId, gone, leadingTo, phone, startApple, unknown } from "./setup.js";

const modules = [original as unknown as typeof apn, apn] as const;

describe("notifications", () => {
  const properties = [...Object.keys(apsSetters), ...Object.keys(alertSetters), "alert", "body", "mdm"];
  const values = ["x", 1, 0, 2.5, true, false, undefined, [], ["a"], { a: 1 }, { critical: 1, name: "n", volume: 1 }];

  /** The payload, or the fact that it throws, of every value and of every value after "y". */
  function payloads({ Notification }: typeof apn, set: (note: object, value: unknown) => void): string[] {
    return values.flatMap((value) =>
      [[value], ["y", value], [7, value]].map((given) => {
        const note = new Notification({ payload: { own: 1 } });
        for (const each of given) set(note, each);
        return note.compile();
      }),
    );
  }

  test.each(properties)("%s makes the same payload, as a property and by its method", (property) => {
    const byProperty = (note: object, value: unknown): void => void Reflect.set(note, property, value);
    const byMethod = (note: object, value: unknown): void => Reflect.get(note, setterName(property)).call(note, value);
    for (const set of [byProperty, byMethod]) {
      const [expected, actual] = modules.map((module) => payloads(module, set));
      expect(actual).toEqual(expected);
    }
  });

  test.each([
    { alert: "a", title: "t" },
    { title: "t", alert: "a" },
    { alert: { title: "q" }, body: "b" },
    { aps: { alert: "q", foo: 1 }, badge: 2 },
    { payload: { aps: { badge: 2 }, k: 1 }, alert: "h" },
    { payload: null, alert: "h" },
    { payload: "abc", alert: "h" },
    { rawPayload: { a: 1 }, alert: "h" },
    { rawPayload: "text" },
    { mdm: "m", payload: { a: 1 } },
    { priority: 5, expiry: 0 },
    { priority: "10", expiry: "7" },
    { priority: null, expiry: -5 },
    { topic: "t", id: "i", collapseId: "c", requestId: "r", channelId: "h", pushType: "p", other: 1 },
    { topic: "", id: "", collapseId: "" },
    {},
  ])("%j has the same payload, length and headers", (properties) => {
    const [expected, actual] = modules.map(({ Notification }) => {
      const note = new Notification(properties);
      return [note.compile(), note.length(), note.headers(), note.toJSON(), Object.keys(note).sort()];
    });
    expect(actual).toEqual(expected);
  });

  test.each(["<ab cd>", "ABcd", Buffer.from("00ff", "hex")])("token(%j) is the same", (input) => {
    expect(apn.token(input)).toBe(original.token(input));
  });
});

test("the modules have the same names", () => {
  expect(Object.keys(apn).sort()).toEqual(Object.keys(original).sort());
});

describe("a provider", () => {
  /** What both make of one send; the original sends one at a time, since the first stream of a connection is the only one. */
  async function compare(
    properties: object,
    devices: readonly string[],
    optionsFor: (apple: Simulator) => ProviderOptions = () => ({}),
  ): Promise<void> {
    const apple = await startApple();
    const results = [];
    for (const { Provider, Notification } of modules) {
      const provider = new Provider({ ...leadingTo(apple), ...optionsFor(apple) });
      onTestFinished(() => provider.shutdown());
      const note = new Notification({ topic: apple.credentials.topic, pushType: "alert", alert: "Hi", ...properties });
      const answers = [];
      for (const device of devices) answers.push(await provider.send(note, device));
      const { apnsId: _id, receivedAt: _at, connection: _connection, ...received } = apple.received.at(-1)!;
      results.push({ answers: answers.map(withoutIds), received });
    }
    expect(results[1]).toEqual(results[0]);
  }

  /** The ids that APNs makes are different each time. */
  function withoutIds({ sent, failed }: Awaited<ReturnType<InstanceType<typeof apn.Provider>["send"]>>): object {
    const without = (entry: object): object => ({ ...entry, "apns-id": "apns-id" in entry ? "an id" : undefined });
    return { sent: sent.map(without), failed: failed.map(without) };
  }

  test.each<[string, object]>([
    ["an alert", {}],
    ["all headers", { id: apnsId, collapseId: "c", priority: 5, expiry: Math.floor(Date.now() / 1000) + 3600 }],
    ["a push type without its suffix", { pushType: "voip" }],
    ["no expiry", { expiry: -1 }],
    ["expiry 0", { expiry: 0 }],
    ["a raw payload", { rawPayload: { aps: { badge: 1 } } }],
    ["a topic of others", { topic: "com.example.Other" }],
    ["no topic", { topic: undefined }],
    ["a background push of priority 10", { pushType: "background" }],
    ["a priority that there is not", { priority: 7 }],
    ["a push type that there is not", { pushType: "zzz" }],
  ])("%s has the same answers, and is received the same", async (_, properties) => {
    await compare(properties, [phone, unknown, gone]);
  });

  test("a certificate in place of a token", async () => {
    await compare({}, [phone, gone], ({ credentials: { tls } }) => ({ token: null, ...tls }));
  });
});
