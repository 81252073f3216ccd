// The migration report over restarts: what it keeps, what it lets go, and what it does when its store fails.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryTransport } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test } from "vitest";
import { SenderReport } from "../src/admin/report.ts";
import { memoryReportStore, openStores, type ReportStore, type SenderReportRow } from "../src/index.ts";
import { bridgeFor, connectTo, frame, tokenOf, topic, until } from "./support.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "apns-bridge-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A bridge with this store lives, has `frames` frames of one connection, and ends. */
async function live(reportStore: ReportStore, frames: number, nowMs: number) {
  const { bridge, logged } = await bridgeFor(
    { transport: new InMemoryTransport() },
    { reportStore, clock: { now: () => nowMs } },
  );
  const sender = await connectTo(bridge.ports.gateway[0]!);
  for (let index = 0; index < frames; index++) sender.write(frame({ token: tokenOf(index) }));
  expect(await sender.finish()).toBe("");
  await bridge.close();
  return { ...bridge.report(), logged };
}

const rowOf = (index: number): SenderReportRow => ({
  sender: undefined,
  app: undefined,
  address: `address ${index}`,
  fingerprint: undefined,
  subject: undefined,
  servername: undefined,
  tlsVersion: "TLSv1.2",
  cipher: "cipher",
  firstSeenAt: new Date(index),
  lastSeenAt: new Date(index),
  connections: 1,
  waiting: 0,
  frames: [0, 0, 0],
  errorResponses: 0,
  delivered: 0,
  held: 0,
  refused: 0,
  unconfirmedRetries: 0,
  unconfirmedAccepted: 0,
  feedbackReads: 0,
});

test("a bridge goes on counting where the one before it ended, beside the feedback list", async () => {
  const path = folder();
  const before = new ClassicLevel<string, string>(path);
  await before.put(`${topic} ${tokenOf(0)}`, "1700000000");
  await before.close();
  const first = await openStores({ path });
  await live(first.reportStore, 2, 1_000);
  await first.close();
  const second = await openStores({ path });
  onTestFinished(() => second.close());
  const { sinceAt, rows } = await live(second.reportStore, 3, 5_000);
  expect(sinceAt).toEqual(new Date(1_000));
  expect(rows).toMatchObject([
    { sender: "old", connections: 2, frames: [0, 5, 0], firstSeenAt: new Date(1_000), lastSeenAt: new Date(5_000) },
  ]);
  expect((await second.reportStore.load())?.rows).toEqual(new Map([[expect.any(String), rows[0]]]));
  expect(second.feedbackStore.counts()).toEqual({ [topic]: 1 });
});

test("what was saved survives kill -9", async () => {
  const storePath = folder();
  const { ca, server } = await testIdentities();
  const child = fork(join(import.meta.dirname, "killed-bridge.mjs"));
  onTestFinished(() => void child.kill("SIGKILL"));
  const saved: SenderReportRow[] = [];
  child.on("message", (message: { saved?: SenderReportRow[] }) => saved.push(...(message.saved ?? [])));
  child.send({ tls: { ...server, clientCa: ca }, storePath, topic });
  let gateway: number | undefined;
  child.on("message", (message: { gateway?: number }) => {
    gateway ??= message.gateway;
  });
  await until(() => gateway !== undefined);
  const sender = await connectTo(gateway!);
  sender.write(frame({ token: tokenOf(0) }), frame({ token: tokenOf(1) }));
  await until(() => saved.some(({ frames }) => frames[1] === 2));
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const { reportStore, close } = await openStores({ path: storePath });
  onTestFinished(close);
  const rows = [...(await reportStore.load())!.rows.values()];
  expect(rows).toMatchObject([{ sender: "old", connections: 1, frames: [0, 2, 0] }]);
});

test("whoever is connected for weeks was seen when it sent last, and is not pushed out by strangers", async () => {
  let nowMs = 1_000;
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { clock: { now: () => nowMs } });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  await until(() => bridge.stats().gatewayConnections === 1);
  nowMs = 90_000;
  sender.write(frame());
  expect(await sender.finish()).toBe("");
  expect(bridge.report().rows).toMatchObject([
    { sender: "old", firstSeenAt: new Date(1_000), lastSeenAt: new Date(90_000) },
  ]);

  const report = new SenderReport({
    clock: { now: () => nowMs },
    store: memoryReportStore(),
    saveIntervalMs: 1_000,
    onStoreFailed: () => {},
  });
  const peer = { port: 1, localPort: 2195, servername: undefined, tlsVersion: "", cipher: "", certificate: undefined };
  report.seen({ ...peer, address: "10.0.0.1" }, { name: "old", app: "app" });
  for (let index = 0; index < 10_100; index++) report.seen({ ...peer, address: `stranger ${index}` }, undefined);
  const { rows } = report.snapshot();
  expect(rows).toHaveLength(10_000);
  expect(rows.some(({ sender: name }) => name === "old")).toBe(true);
});

test("the rows not seen for longest leave the store, too", async () => {
  const { reportStore, close } = await openStores({ path: folder() });
  onTestFinished(close);
  const put = new Map(Array.from({ length: 10_000 }, (_, index) => [`key of ${index}`, rowOf(index)]));
  await reportStore.save({ sinceAt: new Date(0), put, removed: [] });
  await live(reportStore, 1, 20_000);
  const { rows } = (await reportStore.load())!;
  expect(rows.size).toBe(10_000);
  expect(rows.has("key of 0")).toBe(false);
  expect(rows.has("key of 1")).toBe(true);
});

test("a store that fails is logged once, tried again, and does no harm", async () => {
  const kept = memoryReportStore();
  let tries = 0;
  const reportStore: ReportStore = {
    load: () => kept.load(),
    save: (changes) => (++tries < 4 ? Promise.reject(new Error("disk full")) : kept.save(changes)),
  };
  const running = await bridgeFor({ transport: new InMemoryTransport() }, { reportStore, reportSaveIntervalMs: 5 });
  const sender = await connectTo(running.bridge.ports.gateway[0]!);
  sender.write(frame());
  expect(await sender.finish()).toBe("");
  await until(() => tries >= 4);
  await running.bridge.close();
  expect((await kept.load())?.rows.size).toBe(1);
  expect(running.logged.filter(({ level }) => level === "error")).toMatchObject([{ fields: { error: "disk full" } }]);
});

test("a store that cannot be read is left as it is", async () => {
  let saves = 0;
  const reportStore: ReportStore = {
    load: () => Promise.reject(new Error("not readable")),
    save: async () => void saves++,
  };
  const { rows, logged } = await live(reportStore, 1, 1_000);
  expect(rows).toMatchObject([{ frames: [0, 1, 0] }]);
  expect(saves).toBe(0);
  expect(logged.filter(({ level }) => level === "error")).toMatchObject([{ fields: { error: "not readable" } }]);
});
