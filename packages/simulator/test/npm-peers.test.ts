// Clients of others, from npm, against the simulator: what they make of its answers is theirs to say.
import { createRequire } from "node:module";
import apn from "@parse/node-apn";
import { ApnsClient, Notification } from "apns2";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Simulator } from "../src/index.ts";
import { deviceToken, start } from "./peers.ts";

const gone = "dead".repeat(16);
const unknown = "ab".repeat(32);

async function ready(): Promise<Simulator> {
  const apple = await start();
  apple.world.register([deviceToken, gone]);
  apple.world.unregister(gone, 1_700_000_000_123);
  return apple;
}

describe("apns2", () => {
  /** The undici that apns2 itself uses. */
  const { Pool } = createRequire(createRequire(import.meta.url).resolve("apns2"))("undici") as {
    Pool: new (origin: string, options: object) => ApnsClient["client"];
  };

  async function client(apple: Simulator): Promise<ApnsClient> {
    const { teamId, keyId, signingKey, topic } = apple.credentials;
    const { host, port, ca, servername } = apple.http2;
    const made = new ApnsClient({ team: teamId, keyId, signingKey, defaultTopic: topic });
    // It knows Apple's port only, and takes no authority: the pool is its own, with another address.
    const pool = new Pool(`https://${host}:${port}`, { connections: 1, allowH2: true, connect: { ca, servername } });
    Object.assign(made, { client: pool });
    onTestFinished(() => made.close());
    return made;
  }

  it("pushes, and is told what is wrong", async () => {
    const apple = await ready();
    const sender = await client(apple);
    const to = (token: string) => new Notification(token, { alert: "Hi", priority: 5, collapseId: "greeting" });
    await sender.send(to(deviceToken));
    expect(apple.received.at(-1)).toMatchObject({
      deviceToken,
      payload: '{"aps":{"alert":"Hi"}}',
      collapseId: "greeting",
      priority: 5,
      verdict: { kind: "accepted" },
    });
    await expect(sender.send(to(unknown))).rejects.toMatchObject({ reason: "BadDeviceToken", statusCode: 400 });
    await expect(sender.send(to(gone))).rejects.toMatchObject({ reason: "Unregistered", statusCode: 410 });
    expect(apple.stats().http2).toMatchObject({ connections: 1, accepted: 1, rejected: 2 });
  });
});

describe("@parse/node-apn", () => {
  function provider(apple: Simulator, auth: object): apn.Provider {
    const { host, port, ca } = apple.http2;
    const made = new apn.Provider({ ...auth, address: host, port, ca } as unknown as ConstructorParameters<
      typeof apn.Provider
    >[0]);
    onTestFinished(() => made.shutdown());
    return made;
  }

  it.each([
    [
      "a provider token",
      ({ credentials: { signingKey, keyId, teamId } }: Simulator) => ({
        token: { key: Buffer.from(signingKey), keyId, teamId },
      }),
    ],
    ["a certificate", ({ credentials: { tls } }: Simulator) => tls],
  ])("pushes with %s, and is told what is wrong", async (_name, auth) => {
    const apple = await ready();
    const sender = provider(apple, auth(apple));
    const notification = new apn.Notification();
    notification.topic = apple.credentials.topic;
    notification.pushType = "alert";
    notification.alert = "Hi";
    expect(await sender.send(notification, deviceToken)).toMatchObject({ sent: [{ device: deviceToken }], failed: [] });
    expect(apple.received.at(-1)).toMatchObject({ deviceToken, payload: '{"aps":{"alert":"Hi"}}' });
    const { sent, failed } = await sender.send(notification, [unknown, gone]);
    expect(sent).toEqual([]);
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ device: unknown, status: 400, response: { reason: "BadDeviceToken" } }),
        expect.objectContaining({
          device: gone,
          status: 410,
          response: { reason: "Unregistered", timestamp: 1_700_000_000_123 },
        }),
      ]),
    );
  });
});
