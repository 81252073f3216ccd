// Judges from outside: packages of others that depend on node-apn, from the registry and unmodified, with this repository's drop-in
// under its name. What they report of 20,000 pushes in one go has to be what the simulator has in its books.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "@apns/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { openConsumer } from "./consumer.js";
import { publicPackages } from "./workspace.js";

const consumer = openConsumer("drop-in-judges");
const judges = { "@parse/push-adapter": "8.5.5", "node-pushnotifications": "6.0.0" };

/** Why the judges cannot be had; undefined if they are installed. */
async function install(): Promise<string | undefined> {
  const own = Object.fromEntries(
    ["@apns/core", "@apns/h2", "@apns/net", "@apns/http2", "@apns/node-apn"].map((name) => [
      name === "@apns/node-apn" ? "@parse/node-apn" : name,
      `file:${consumer.tarball(publicPackages.find((entry) => entry.name === name)!)}`,
    ]),
  );
  const overrides = Object.fromEntries(Object.keys(own).map((name) => [name, `$${name}`]));
  mkdirSync(consumer.folder, { recursive: true });
  const manifest = { private: true, dependencies: { ...judges, ...own }, overrides };
  writeFileSync(join(consumer.folder, "package.json"), JSON.stringify(manifest));
  const options = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--omit=optional",
    "--prefer-offline",
    "--no-package-lock",
  ];
  try {
    await promisify(execFile)("npm", ["install", ...options], { cwd: consumer.folder, timeout: 90_000 });
    return undefined;
  } catch {
    return "npm cannot install the judges";
  }
}

const missing = await install();
const skipped = missing === undefined ? "" : ` (SKIPPED: ${missing})`;
const judgesRequire = createRequire(join(consumer.folder, "program.cjs"));

const count = 20_000;
const devices = Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, "0"));
/** One in a hundred has left. */
const isGone = (index: number): boolean => index % 100 === 7;
const there = devices.filter((_, index) => !isGone(index));
const gone = devices.filter((_, index) => isGone(index));

/** With a hundred streams to a connection, a GOAWAY, and now and then a stream that is refused. */
async function startApple(): Promise<Simulator> {
  const apple = await startSimulator({ maxReceived: count * 2 });
  onTestFinished(() => apple.close());
  apple.world.register(devices);
  apple.world.unregister(gone);
  apple.faults.add({ type: "settings", maxConcurrentStreams: 100 });
  apple.faults.add({ type: "goAway", reason: "Shutdown", after: 3000, times: 2 });
  apple.faults.add({ type: "refuseStream", share: 0.01, times: 100 });
  return apple;
}

/** The options of node-apn, which the judges hand on. */
function settings({ credentials, http2 }: Simulator): object {
  const { signingKey: key, keyId, teamId } = credentials;
  return { token: { key, keyId, teamId }, production: false, address: http2.host, port: http2.port, ca: [http2.ca] };
}

function expectBooks(apple: Simulator, accepted: string[], failed: string[]): void {
  expect(accepted.sort()).toEqual(there);
  expect(failed.sort()).toEqual(gone);
  const received = [...apple.received].filter(({ verdict }) => verdict.kind === "accepted");
  expect(received.map(({ deviceToken }) => deviceToken).sort()).toEqual(there);
  const { http2 } = apple.stats();
  expect([http2.accepted, http2.rejected]).toEqual([there.length, gone.length]);
}

describe.skipIf(missing !== undefined)(`20,000 pushes in one go${skipped}`, () => {
  test("end by @parse/push-adapter as in the simulator's books", async () => {
    const apple = await startApple();
    // It logs each failure.
    judgesRequire("npmlog").level = "silent";
    const { APNS } = await import(pathToFileURL(judgesRequire.resolve("@parse/push-adapter")).href);
    const adapter = new APNS(settings(apple));
    const appIdentifier = apple.credentials.topic;
    interface Result {
      readonly transmitted: boolean;
      readonly device: { readonly deviceToken: string };
      readonly response?: { readonly error: unknown };
    }
    const results: Result[] = await adapter.send(
      { data: { alert: "Hi", badge: 1 } },
      devices.map((deviceToken) => ({ deviceToken, appIdentifier })),
    );
    const tokens = (transmitted: boolean): string[] =>
      results.filter((result) => result.transmitted === transmitted).map(({ device }) => device.deviceToken);
    expectBooks(apple, tokens(true), tokens(false));
    expect(new Set(results.flatMap(({ response }) => response?.error ?? []))).toEqual(new Set(["Unregistered"]));
    for (const provider of adapter.providers) await provider.shutdown();
  });

  test("end by node-pushnotifications as in the simulator's books", async () => {
    const apple = await startApple();
    const PushNotifications = judgesRequire("node-pushnotifications");
    const push = new PushNotifications({ apn: settings(apple) });
    const data = { title: "Hi", body: "there", topic: apple.credentials.topic, pushType: "alert" };
    const [{ method, success, failure, message }] = await push.send(devices, data);
    expect([method, success, failure]).toEqual(["apn", there.length, gone.length]);
    const tokens = (hasError: boolean): string[] =>
      message
        .filter(({ error }: { error: unknown }) => (error !== null) === hasError)
        .map(({ regId }: { regId: string }) => regId);
    expectBooks(apple, tokens(false), tokens(true));
    expect(new Set(message.map(({ errorMsg }: { errorMsg: unknown }) => errorMsg))).toEqual(
      new Set([undefined, "Unregistered"]),
    );
    push.apn.shutdown();
  });
});
