// The npm package apn@1.7.8, as published in 2015, with its own cache, reconnecting and resending, against the gateway
// and the feedback service. It shares no code with ours, and knew Apple's.
import { createRequire } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import { start, until } from "./peers.ts";

interface LegacyConnection {
  on(event: string, listener: (...args: never[]) => void): void;
  pushNotification(notification: unknown, recipients: readonly string[]): void;
  shutdown(): void;
}
interface LegacyFeedback {
  on(event: string, listener: (...args: never[]) => void): void;
  start(): void;
  cancel(): void;
}
interface LegacyDevice {
  readonly token: Buffer;
}
const require = createRequire(import.meta.url);
const apn = require("apn") as {
  Connection: new (options: object) => LegacyConnection;
  Feedback: new (options: object) => LegacyFeedback;
  Notification: new (payload: object) => unknown;
};

const tokenOf = (index: number): string => index.toString(16).padStart(64, "0");
const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => tokenOf(index));

/** It reads RSA certificates only. */
async function apple(registered: readonly string[]): Promise<Simulator> {
  const simulator = await start({ keyType: "rsa", errorLingerMs: 50 });
  simulator.world.register(registered);
  return simulator;
}

function optionsFor(simulator: Simulator, service: "gateway" | "feedback"): object {
  const { host, port, ca } = simulator[service] as { host: string; port: number; ca: string };
  return { address: host, port, ca: [ca], ...simulator.credentials.tls, production: true };
}

function connectionTo(simulator: Simulator): { connection: LegacyConnection; errors: [number, string][] } {
  const connection = new apn.Connection(optionsFor(simulator, "gateway"));
  onTestFinished(() => connection.shutdown());
  const errors: [number, string][] = [];
  connection.on("error", (error: unknown) => void errors.push([-1, String(error)]));
  connection.on("transmissionError", (code: number, _: unknown, device: LegacyDevice) => {
    errors.push([code, Buffer.from(device.token).toString("hex")]);
  });
  return { connection, errors };
}

const hello = (): unknown => new apn.Notification({ aps: { alert: "Hi" } });
/** In the order of acceptance. It sends a list of device tokens in an order of its own. */
const acceptedBy = (simulator: Simulator): string[] =>
  [...simulator.received].filter(({ verdict }) => verdict.kind === "accepted").map(({ deviceToken }) => deviceToken);

test("its notifications are accepted, exactly once each, over one connection", async () => {
  const all = tokens(50);
  const simulator = await apple(all);
  const { connection, errors } = connectionTo(simulator);
  connection.pushNotification(hello(), all);
  await until(() => simulator.received.length === 50);
  expect(acceptedBy(simulator).sort()).toEqual(all);
  expect(errors).toEqual([]);
  expect(simulator.stats().binary.connections).toBe(1);
});

test("a bad device token in the middle: it is told which, and resends the rest, exactly once each", async () => {
  const all = tokens(50);
  const good = all.filter((token) => token !== tokenOf(20));
  const simulator = await apple(good);
  const { connection, errors } = connectionTo(simulator);
  connection.pushNotification(hello(), all);
  await until(() => acceptedBy(simulator).length >= 49 && errors.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(acceptedBy(simulator).sort()).toEqual(good);
  expect(errors).toEqual([[8, tokenOf(20)]]);
  expect(simulator.stats().binary).toMatchObject({ connections: 2, rejected: 1 });
});

test("a shutdown: it reports the one that was accepted last as failed, and delivers the rest, once each", async () => {
  const all = tokens(50);
  const simulator = await apple(all);
  simulator.faults.add({ type: "shutdown", after: 10, times: 1 });
  const { connection, errors } = connectionTo(simulator);
  connection.pushNotification(hello(), all);
  await until(() => acceptedBy(simulator).length >= 50 && errors.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(acceptedBy(simulator).sort()).toEqual(all);
  // Its known defect: status 10 names what was accepted, and it passes that on as an error.
  expect(errors).toEqual([[10, acceptedBy(simulator)[9]]]);
});

test("its feedback reader gets every device on which the app is gone", async () => {
  const all = tokens(3);
  const simulator = await apple(all);
  simulator.world.unregister(all, 1_700_000_000_000);
  const { connection } = connectionTo(simulator);
  connection.pushNotification(hello(), all);
  await until(() => simulator.world.feedback.size(simulator.credentials.bundleId) === 3);
  const reader = new apn.Feedback({ ...optionsFor(simulator, "feedback"), interval: 0 });
  onTestFinished(() => reader.cancel());
  const told = await new Promise<readonly { time: number; device: LegacyDevice }[]>((resolve, reject) => {
    reader.on("feedback", resolve as never);
    reader.on("error", reject as never);
    reader.on("feedbackError", reject as never);
    reader.start();
  });
  expect(told.map(({ time }) => time)).toEqual(Array(3).fill(1_700_000_000));
  expect(told.map(({ device }) => Buffer.from(device.token).toString("hex")).sort()).toEqual(all);
});
