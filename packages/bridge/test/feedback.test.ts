// The feedback service: what a 410 becomes, how it is read, and what is kept when reading, or the bridge itself, breaks off.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FeedbackDecoder } from "@apns/binary/wire";
import { InMemoryTransport } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FeedbackSnapshot, type FeedbackStore, memoryFeedbackStore, openStores } from "../src/index.ts";
import { apple, bridgeFor, connectTo, frame, tokenOf, topic, transportTo, until } from "./support.ts";

const at = new Date(1_700_000_000_999);

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "apns-bridge-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function open(path: string, maxPerTopic?: number): Promise<FeedbackStore> {
  const { feedbackStore, close } = await openStores({ path, ...(maxPerTopic === undefined ? {} : { maxPerTopic }) });
  onTestFinished(close);
  return feedbackStore;
}

function listed(store: FeedbackStore, of: string = topic): Promise<[string, number][]> {
  return entriesOf(store.read(of));
}

async function entriesOf(snapshot: FeedbackSnapshot): Promise<[string, number][]> {
  const entries: [string, number][] = [];
  for await (const { deviceToken, unregisteredAt } of snapshot) {
    entries.push([deviceToken, unregisteredAt.getTime() / 1000]);
  }
  return entries;
}

/** Reads the feedback service to its end, as a good reader does. */
async function read(port: number): Promise<[string, number][]> {
  const reader = await connectTo(port);
  const hex = await reader.ended;
  reader.socket.end();
  const decoder = new FeedbackDecoder();
  const tuples = decoder.receive(Buffer.from(hex, "hex"));
  expect(decoder.end()).toBeUndefined();
  return tuples.map((tuple) => [Buffer.from(tuple.deviceToken).toString("hex"), tuple.unregisteredAt.getTime() / 1000]);
}

test("a 410 is success for the sender, and a tuple for whoever reads feedback, once", async () => {
  const simulator = await apple();
  simulator.world.register([tokenOf(0), tokenOf(1)]);
  simulator.world.unregister(tokenOf(1), at);
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ token: tokenOf(1) }), frame({ token: tokenOf(0) }));
  expect(await sender.finish()).toBe("");
  expect(await read(bridge.ports.feedback[0]!)).toEqual([[tokenOf(1), 1_700_000_000]]);
  await until(() => bridge.stats().feedbackConnections === 0);
  expect(bridge.stats()).toMatchObject({ feedbackRead: 1, feedbackWaiting: { [topic]: 0 } });
  expect(await read(bridge.ports.feedback[0]!)).toEqual([]);
});

test("each sender reads its own app's list, and nobody else's", async () => {
  const feedbackStore = memoryFeedbackStore();
  await feedbackStore.add("com.example.Other", tokenOf(7), at);
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore });
  expect(await read(bridge.ports.feedback[0]!)).toEqual([]);
  expect(feedbackStore.counts()).toEqual({ "com.example.Other": 1 });
});

test("a list of many records is told whole, in records of whole tuples", async () => {
  const feedbackStore = await open(folder());
  const tokens = Array.from({ length: 5_000 }, (_, index) => tokenOf(index));
  await Promise.all(tokens.map((token) => feedbackStore.add(topic, token, at)));
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore });
  const reader = await connectTo(bridge.ports.feedback[0]!);
  const sizes: number[] = [];
  reader.socket.on("data", (chunk: Buffer) => void sizes.push(chunk.length));
  const hex = await reader.ended;
  reader.socket.end();
  expect(hex.length).toBe(5_000 * 38 * 2);
  expect(sizes.every((size) => size % 38 === 0)).toBe(true);
  await until(() => bridge.stats().feedbackConnections === 0);
  await until(() => feedbackStore.counts()[topic] === 0);
});

test("a reader that breaks off gets all of it again", async () => {
  const feedbackStore = memoryFeedbackStore();
  for (let index = 0; index < 3_000; index++) await feedbackStore.add(topic, tokenOf(index), at);
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore });
  const reader = await connectTo(bridge.ports.feedback[0]!);
  await once(reader.socket, "data");
  reader.socket.destroy();
  await until(() => bridge.stats().feedbackConnections === 0);
  expect(await read(bridge.ports.feedback[0]!)).toHaveLength(3_000);
  await until(() => feedbackStore.counts()[topic] === 0);
});

test("a reader that works on its list before it closes has read it all the same", { timeout: 30_000 }, async () => {
  const feedbackStore = memoryFeedbackStore();
  await feedbackStore.add(topic, tokenOf(0), at);
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore });
  const reader = await connectTo(bridge.ports.feedback[0]!);
  await reader.ended;
  // Longer than other peers may take to close.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(feedbackStore.counts()).toEqual({ [topic]: 1 });
  reader.socket.end();
  await until(() => feedbackStore.counts()[topic] === 0);
});

describe.each([
  { name: "on disk", make: () => open(folder()) },
  { name: "in memory", make: async () => memoryFeedbackStore() },
])("a snapshot of a list $name", ({ make }) => {
  test("does not remove a token that was brought up to date, or added, since", async () => {
    const store = await make();
    for (const index of [0, 1]) await store.add(topic, tokenOf(index), at);
    const snapshot = store.read(topic);
    await store.add(topic, tokenOf(0), new Date(1_800_000_000_000));
    // At the same second as the first: no instant tells the two apart.
    await store.add(topic, tokenOf(2), at);
    expect(await entriesOf(snapshot)).toEqual([[tokenOf(1), 1_700_000_000]]);
    await snapshot.remove();
    const left = [
      [tokenOf(0), 1_800_000_000],
      [tokenOf(2), 1_700_000_000],
    ];
    expect(await listed(store)).toEqual(left);
    expect(store.counts()).toEqual({ [topic]: 2 });
  });

  test("that another reader has removed is removed once", async () => {
    const store = await make();
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => store.add(topic, tokenOf(index), at)));
    const [one, other] = [store.read(topic), store.read(topic)];
    await Promise.all([one.remove(), other.remove(), store.add(topic, tokenOf(7), at)]);
    await one.remove();
    expect(await listed(store)).toEqual([[tokenOf(7), 1_700_000_000]]);
    expect(store.counts()).toEqual({ [topic]: 1 });
  });

  test("removes the chosen entries only", async () => {
    const store = await make();
    for (const index of [0, 1, 2]) await store.add(topic, tokenOf(index), at);
    await store.read(topic).remove(({ deviceToken }) => deviceToken !== tokenOf(1));
    expect(await listed(store)).toEqual([[tokenOf(1), 1_700_000_000]]);
  });
});

test("what a snapshot holds is told from later additions after a restart, too", async () => {
  const path = folder();
  const first = await openStores({ path });
  for (const index of [0, 1]) await first.feedbackStore.add(topic, tokenOf(index), at);
  await first.close();
  const second = await open(path);
  const snapshot = second.read(topic);
  await second.add(topic, tokenOf(1), at);
  await snapshot.remove();
  expect(await listed(second)).toEqual([[tokenOf(1), 1_700_000_000]]);
});

test("a list in memory has a limit", async () => {
  const store = memoryFeedbackStore({ maxPerTopic: 1 });
  await store.add(topic, tokenOf(0), at);
  await store.add(topic, tokenOf(0), new Date(1_800_000_000_000));
  await expect(store.add(topic, tokenOf(1), at)).rejects.toMatchObject({ code: "ERR_APNS_QUEUE_FULL" });
  expect(store.counts()).toEqual({ [topic]: 1 });
});

test("device tokens of unusual length are withheld, unless asked for", async () => {
  const feedbackStore = memoryFeedbackStore();
  await feedbackStore.add(topic, "aa".repeat(64), at);
  await feedbackStore.add(topic, tokenOf(0), at);
  const usual = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore });
  expect((await read(usual.bridge.ports.feedback[0]!)).map(([token]) => token)).toEqual([tokenOf(0)]);
  const all = await bridgeFor({ transport: new InMemoryTransport() }, { feedbackStore, feedbackTokens: "all" });
  await until(() => feedbackStore.counts()[topic] === 1);
  expect((await read(all.bridge.ports.feedback[0]!)).map(([token]) => token)).toEqual(["aa".repeat(64)]);
});

test("a topic's list has a limit, and others' go on", async () => {
  const store = await open(folder(), 2);
  await store.add(topic, tokenOf(0), at);
  await store.add(topic, tokenOf(1), at);
  await expect(store.add(topic, tokenOf(2), at)).rejects.toMatchObject({ code: "ERR_APNS_QUEUE_FULL" });
  await store.add(topic, tokenOf(1), new Date(1_800_000_000_000));
  await store.add("other", tokenOf(2), at);
  expect(store.counts()).toEqual({ [topic]: 2, other: 1 });
  // Together, and the same twice.
  const together = [3, 4, 4, 4].map((index) => store.add("other", tokenOf(index), at));
  const full = { status: "rejected", reason: { code: "ERR_APNS_QUEUE_FULL" } };
  expect(await Promise.allSettled(together)).toMatchObject([{ status: "fulfilled" }, full, full, full]);
  expect(await listed(store, "other")).toHaveLength(2);
  expect(store.counts()).toEqual({ [topic]: 2, other: 2 });
});

test("a second process is told that the store is taken", async () => {
  const path = folder();
  await open(path);
  await expect(openStores({ path })).rejects.toMatchObject({
    code: "ERR_APNS_STORE",
    message: /another process/,
  });
});

test("what the sender could rely on survives kill -9", async () => {
  const storePath = folder();
  const { ca, server } = await testIdentities();
  const startChild = async (): Promise<{ child: ChildProcess; ports: { gateway: number; feedback: number } }> => {
    const child = fork(join(import.meta.dirname, "killed-bridge.mjs"));
    onTestFinished(() => void child.kill("SIGKILL"));
    child.send({ tls: { ...server, clientCa: ca }, storePath, topic });
    const [ports] = await once(child, "message");
    return { child, ports };
  };
  const gone = Array.from({ length: 500 }, (_, index) => tokenOf(index));
  const first = await startChild();
  const sender = await connectTo(first.ports.gateway);
  sender.write(...gone.map((token) => frame({ token })), frame({ identifier: 77, token: "ff".repeat(32) }));
  // The refusal of the last proves that all before it count as accepted: their tuples must be on disk by now.
  await until(() => sender.hex.length === 12);
  expect(sender.hex).toBe("08080000004d");
  const exited = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await exited;
  const second = await startChild();
  const tuples = await read(second.ports.feedback);
  expect(tuples.map(([token]) => token).sort()).toEqual(gone);
});
