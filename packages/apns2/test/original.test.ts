// Side by side with the original: for each public method the same result, apart from the rows of the README.
import { createRequire } from "node:module";
import type { Simulator } from "@apns/simulator";
import * as original from "apns2";
import { describe, expect, onTestFinished, test } from "vitest";
import * as ours from "../src/index.js";
import { clientOf, gone, phone, startApple, unknown } from "./setup.js";

/** The undici that apns2 itself uses. */
const { Pool } = createRequire(createRequire(import.meta.url).resolve("apns2"))("undici") as {
  Pool: new (origin: string, options: object) => object;
};

function originalClient({ credentials, http2 }: Simulator): original.ApnsClient {
  const { teamId: team, keyId, signingKey, topic: defaultTopic } = credentials;
  const client = new original.ApnsClient({ team, keyId, signingKey, defaultTopic });
  // It knows Apple's port only, and takes no authority: the pool is its own, with another address.
  const connect = { ca: http2.ca, servername: http2.servername };
  const pool = new Pool(`https://${http2.host}:${http2.port}`, { connections: 1, allowH2: true, connect });
  Object.assign(client, { client: pool });
  onTestFinished(() => client.close());
  return client;
}

test("the names and constants are the same", () => {
  const { SendError: _, ...names } = ours;
  expect(Object.keys(names).sort()).toEqual(Object.keys(original).sort());
  expect(ours.Errors).toEqual(original.Errors);
  expect(ours.Host).toEqual(original.Host);
  expect(ours.Priority).toEqual(original.Priority);
  expect(ours.PushType).toEqual(original.PushType);
});

describe("notifications", () => {
  const names = ["alert", "badge", "sound", "category", "threadId", "contentAvailable", "mutableContent", "type"];
  const values = ["x", "", 1, 0, true, false, null, undefined, { title: "t" }];
  const options = [
    ...names.flatMap((name) => values.map((value) => ({ [name]: value }))),
    { data: { a: 1, aps: { x: 1 } }, alert: "a" },
    { data: null, aps: null },
    { aps: { alert: "q", z: 1 }, alert: "r" },
    { priority: 5 },
    {},
    undefined,
  ];

  test("have the same payload, push type and priority", () => {
    const described = ({ Notification, SilentNotification }: typeof ours): unknown[] =>
      options.flatMap((given) =>
        [Notification, SilentNotification].map((Class) => {
          const note = new Class("00", structuredClone(given) as never);
          return [note.buildApnsOptions(), note.pushType, note.priority, note.deviceToken];
        }),
      );
    expect(described(ours)).toEqual(described(original as unknown as typeof ours));
  });
});

describe("a client", () => {
  test.each<[string, ours.NotificationOptions]>([
    ["an alert", { alert: "Hi" }],
    ["all headers", { alert: "Hi", priority: 5, collapseId: "c", expiration: 1_900_000_000 }],
    ["a date", { alert: "Hi", expiration: new Date(1_900_000_000_400) }],
    ["expiration 0", { alert: "Hi", expiration: 0 }],
    ["a push type without its suffix", { alert: "Hi", type: "voip" }],
    ["a topic of others", { alert: "Hi", topic: "com.example.Other" }],
    ["a priority that there is not", { alert: "Hi", priority: 7 as never }],
    ["nothing", {}],
    ["a payload that is too large", { alert: "x".repeat(5000) }],
    ["a collapse id that is too long", { alert: "Hi", collapseId: "x".repeat(65) }],
  ])("%s has the same answers and events, and is received the same", async (_, options) => {
    const apple = await startApple();
    const results = [];
    for (const [module, client] of [
      [original as unknown as typeof ours, originalClient(apple) as unknown as ours.ApnsClient],
      [ours, clientOf(apple)],
    ] as const) {
      const events: unknown[] = [];
      for (const name of Object.values(ours.Errors)) client.on(name, (error) => events.push([name, factsOf(error)]));
      const answers = [];
      for (const deviceToken of [phone, gone, unknown]) {
        const note = new module.Notification(deviceToken, options);
        answers.push(await client.send(note).then((sent) => sent === note, factsOf));
        answers.push(
          (await client.sendMany([note])).map((result) => ("error" in result ? factsOf(result.error) : true)),
        );
      }
      // What is too large or too long is not sent by ours: then this is what the original sent.
      const { topic, payload, pushType, priority, expiration, collapseId } = apple.received.at(-1)!;
      results.push({ answers, events, received: { topic, payload, pushType, priority, expiration, collapseId } });
    }
    expect(results[1]).toEqual(results[0]);
  });

  function factsOf({ message, statusCode, reason, timestamp, response }: ours.ApnsError): object {
    return { message, statusCode, reason, timestamp, response };
  }

  test("answers to ping", async () => {
    const apple = await startApple();
    const theirs = originalClient(apple);
    await theirs.send(new original.Notification(phone, { alert: "Hi" }));
    const statuses = (results: readonly { status: string }[]): string[] => results.map(({ status }) => status);
    expect(statuses(await clientOf(apple).ping())).toEqual(statuses(await theirs.ping()));
  });
});
