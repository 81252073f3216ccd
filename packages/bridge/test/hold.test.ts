// The durable hold: what is read while upstream is away, or was not taken when its sender had left, goes to disk and goes out
// later, in order, once. What a sender sees under each fault is in hold-matrix.test.ts.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testIdentities } from "@apns/testkit";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test } from "vitest";
import { type HeldNotification, type HoldStore, openStores, type Stores, type StoresOptions } from "../src/index.ts";
import { StandInUpstream } from "./stand-in-upstream.ts";
import { apple, bridgeFor, connectTo, frame, tokenOf, topic, transportTo, until } from "./support.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "apns-hold-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function stores(options: Partial<StoresOptions> = {}): Promise<Stores> {
  const opened = await openStores({ path: folder(), ...options });
  onTestFinished(opened.close);
  return opened;
}

const messages = (logged: readonly { readonly message: string }[]): string[] =>
  logged
    .map(({ message }) => message)
    .filter((message) => /hold|held/.test(message) && !message.startsWith("Upstream"));
const began = "Notifications are held on disk. They go out when upstream takes them.";
const emptied = "All notifications that were held on disk are decided.";

const tokens = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => tokenOf(from + index));

const held = (index: number, change: Partial<HeldNotification> = {}): HeldNotification => ({
  sender: "old",
  connection: 1,
  address: "127.0.0.1",
  command: 1,
  identifier: index,
  deviceToken: tokenOf(index),
  apnsId: `00000000-0000-8000-8000-${index.toString(16).padStart(12, "0")}`,
  payload: Buffer.from('{"aps":{"alert":"Hi"}}'),
  pushType: "alert",
  priority: 10,
  expiration: 0x7f00_0000,
  heldAt: new Date(1_700_000_000_000),
  ...change,
});

test("what is read while upstream is away goes to disk, and goes out in order when it is back", async () => {
  const { holdStore } = await stores();
  const upstream = new StandInUpstream();
  const { bridge, logged, rejections } = await bridgeFor({ transport: upstream }, { holdStore });
  upstream.leave();
  const first = await connectTo(bridge.ports.gateway[0]!);
  first.write(...tokens(40).map((token, identifier) => frame({ token, identifier })));
  expect(await first.finish()).toBe("");
  const second = await connectTo(bridge.ports.gateway[0]!);
  second.write(...tokens(10, 40).map((token) => frame({ command: 0, token })));
  expect(await second.finish()).toBe("");
  await until(() => bridge.stats().gatewayConnections === 0);
  expect(bridge.stats()).toMatchObject({ undecided: 0, apps: { app: { holdNotifications: 50, accepted: 0 } } });
  expect(bridge.report().rows).toMatchObject([{ held: 50, delivered: 0 }]);
  upstream.comeBack();
  // A frame that comes meanwhile goes out behind them.
  const third = await connectTo(bridge.ports.gateway[0]!);
  third.write(frame({ token: tokenOf(50) }));
  await until(() => bridge.stats().apps["app"]!.accepted === 51);
  expect(upstream.seen).toEqual(tokens(51));
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 0);
  expect(messages(logged)).toEqual([began, emptied]);
  expect([...rejections]).toEqual([]);
});

test("over HTTP/2: a connection that breaks, a port that refuses, and a port that is back", {
  timeout: 60_000,
}, async () => {
  const simulator = await apple();
  simulator.world.register(tokens(60));
  /** The way there, to be closed and opened. */
  const sockets = new Set<Socket>();
  const way = createServer((socket) => {
    const onward = connectTcp(simulator.http2.port, "127.0.0.1");
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other).on("error", () => {});
      one.on("error", () => {}).once("close", () => other.destroy());
    }
  });
  await once(way.listen(0, "127.0.0.1"), "listening");
  const { port } = way.address() as AddressInfo;
  const environment = { host: "127.0.0.1", port, ca: simulator.http2.ca, servername: "localhost" };
  const { holdStore } = await stores();
  const { bridge } = await bridgeFor({ transport: transportTo(simulator, { environment }) }, { holdStore });
  const send = async (from: number, count: number): Promise<void> => {
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(...tokens(count, from).map((token, identifier) => frame({ token, identifier })));
    expect(await sender.finish()).toBe("");
  };
  await send(0, 20);
  way.close();
  for (const socket of sockets) socket.destroy();
  // Read before the bridge knows that there is no way, and after.
  await send(20, 20);
  await until(() => bridge.unreachableApps.length === 1);
  await send(40, 20);
  expect(bridge.stats()).toMatchObject({ undecided: 0, apps: { app: { accepted: 20, holdNotifications: 40 } } });
  await once(way.listen(port, "127.0.0.1"), "listening");
  onTestFinished(() => {
    way.close();
    for (const socket of sockets) socket.destroy();
  });
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 0);
  expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toEqual(tokens(60));
});

test("nothing is written while upstream is well", async () => {
  const { holdStore } = await stores();
  const calls: string[] = [];
  const watched = new Proxy(holdStore, {
    get: (target, name: keyof HoldStore) => {
      if (name === "add" || name === "change") calls.push(name);
      const value = target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const upstream = new StandInUpstream();
  upstream.answer = (token) => (token === tokenOf(3) ? 400 : token === tokenOf(1) ? 410 : "accepted");
  const { bridge } = await bridgeFor({ transport: upstream }, { holdStore: watched });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(...tokens(5).map((token, identifier) => frame({ token, identifier })));
  expect(await sender.finish()).toBe("080800000003");
  await bridge.close();
  expect(calls).toEqual([]);
});

test("a burst that comes while the hold goes out waits in memory, behind it, and slows its sender", async () => {
  const { holdStore } = await stores();
  for (const index of [0, 1, 2]) await holdStore.add("app", held(index), false);
  const upstream = new StandInUpstream();
  upstream.leave();
  const { bridge } = await bridgeFor({ transport: upstream }, { holdStore, window: 4 });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(...tokens(10, 3).map((token, identifier) => frame({ token, identifier })));
  // While upstream is away the window does not count: what is on disk is decided.
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 13);
  upstream.comeBack();
  await until(() => bridge.stats().apps["app"]!.accepted === 13);
  expect(upstream.seen).toEqual(tokens(13));
});

interface Child {
  readonly process: ChildProcess;
  readonly port: number;
  readonly seen: string[];
}

async function start(storePath: string, isAway: boolean): Promise<Child> {
  const child = fork(new URL("held-bridge.mjs", import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const seen: string[] = [];
  const { ca, server } = await testIdentities();
  child.send({ tls: { ...server, clientCa: ca }, storePath, topic, isAway });
  const port = await new Promise<number>((resolve) => {
    child.on("message", (message: { gateway?: number; seen?: string }) => {
      if (message.gateway !== undefined) resolve(message.gateway);
      if (message.seen !== undefined) seen.push(message.seen);
    });
  });
  return { process: child, port, seen };
}

async function kill({ process }: Child): Promise<void> {
  process.kill("SIGKILL");
  await once(process, "exit");
}

test("what is held survives kill -9; what was upstream then is told as such, and sent again or not, as the rules say", {
  timeout: 60_000,
}, async () => {
  const storePath = folder();
  const first = await start(storePath, true);
  const sender = await connectTo(first.port);
  sender.write(...tokens(1_500).map((token, identifier) => frame({ token, identifier })));
  // The end comes when all are decided: they are on disk.
  expect(await sender.finish()).toBe("");
  await kill(first);

  // All that fit into one read are upstream, unanswered, when this one is killed.
  const second = await start(storePath, false);
  await until(() => second.seen.length === 1_000);
  // In order, except for a probe of the first process: if one was under way, it may have been processed, and is tried last.
  expect([tokens(1_000), [...tokens(999, 1), tokenOf(0)]]).toContainEqual(second.seen);
  await kill(second);

  const opened = await openStores({ path: storePath });
  onTestFinished(opened.close);
  expect(opened.holdStore.size("app").notifications).toBe(1_500);
  const upstream = new StandInUpstream();
  const app = { transport: upstream, rules: { unconfirmed: "accept" } as const };
  const { bridge, rejections } = await bridgeFor(app, { holdStore: opened.holdStore });
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 0);
  expect(upstream.seen).toEqual(tokens(500, 1_000));
  expect(rejections.map(({ deviceToken }) => deviceToken)).toEqual(tokens(1_000));
  expect(new Set(rejections.map(({ cause, done, held }) => `${cause} ${done} ${held}`))).toEqual(
    new Set(["unconfirmed accepted true"]),
  );
});

test("by default, what was upstream when the bridge was killed is sent again, and counted", async () => {
  const path = folder();
  const before = await openStores({ path });
  for (const index of [0, 1, 2]) await before.holdStore.add("app", held(index), false);
  const entries = await before.holdStore.read("app", 0, 2);
  await before.holdStore.change("app", { trying: { first: entries[0]!.sequence, last: entries[1]!.sequence } });
  await before.close();
  const { holdStore, close } = await openStores({ path });
  onTestFinished(close);
  const upstream = new StandInUpstream();
  const { bridge, rejections } = await bridgeFor({ transport: upstream }, { holdStore });
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 0);
  expect(upstream.seen.toSorted()).toEqual(tokens(3));
  expect(bridge.stats().apps["app"]).toMatchObject({ accepted: 3, unconfirmedRetries: 2 });
  expect([...rejections]).toEqual([]);
});

test("an end in good order leaves nothing uncertain", async () => {
  const path = folder();
  const before = await openStores({ path });
  for (const index of [0, 1]) await before.holdStore.add("app", held(index), false);
  const upstream = new StandInUpstream();
  upstream.answer = (token) => (token === tokenOf(0) ? "accepted" : "unsent");
  const { bridge } = await bridgeFor({ transport: upstream }, { holdStore: before.holdStore });
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 1);
  await bridge.close();
  await before.close();
  const { holdStore, close } = await openStores({ path });
  onTestFinished(close);
  const left = await holdStore.read("app", 0, 10);
  expect(left.map(({ notification, uncertain }) => [notification, uncertain])).toEqual([[held(1), false]]);
});

test("one that upstream does not decide holds up none of the others, and is tried again", async () => {
  const { holdStore } = await stores();
  for (const index of [0, 1, 2]) await holdStore.add("app", held(index), false);
  const upstream = new StandInUpstream();
  let isReady = false;
  upstream.answer = (token) => (token !== tokenOf(1) || isReady ? "accepted" : 503);
  const rules = { ServiceUnavailable: { retryForMs: 1, finally: "shutdown" } } as const;
  const { bridge } = await bridgeFor({ transport: upstream, rules }, { holdStore });
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 1);
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ token: tokenOf(3) }));
  expect(await sender.finish()).toBe("");
  isReady = true;
  await until(() => bridge.stats().apps["app"]!.holdNotifications === 0);
  expect(upstream.seen.filter((token) => token !== tokenOf(1))).toEqual([tokenOf(0), tokenOf(2), tokenOf(3)]);
});

test("the limits of number and bytes are each app's own, and counted anew from disk", async () => {
  const path = folder();
  const sizeOf = async (options: Partial<StoresOptions>, app: string, count: number) => {
    const { holdStore, close } = await openStores({ path, ...options });
    const added = await Promise.all(
      Array.from({ length: count }, (_, index) => holdStore.add(app, held(index), false)),
    );
    const size = holdStore.size(app);
    await close();
    return { added, size };
  };
  expect((await sizeOf({ maxHeld: 2 }, "app", 3)).added).toEqual([true, true, false]);
  const { size, added } = await sizeOf({ maxHeld: 3 }, "app", 2);
  expect([size.notifications, added]).toEqual([3, [true, false]]);
  expect((await sizeOf({ maxHeld: 2 }, "another app", 3)).added).toEqual([true, true, false]);
  const bytes = size.bytes / 3;
  expect((await sizeOf({ maxHeldBytes: Math.floor(bytes * 2.5) }, "third", 3)).added).toEqual([true, true, false]);
});

test("notifications of an app that is not configured any more wait, and are told", async () => {
  const { holdStore } = await stores();
  await holdStore.add("gone", held(0), false);
  const { bridge, logged } = await bridgeFor({ transport: new StandInUpstream() }, { holdStore });
  const message = "Notifications of an app that is not configured are held on disk; they wait until it is.";
  expect(logged).toContainEqual({ level: "error", message, fields: { app: "gone", notifications: 1 } });
  await bridge.close();
  expect(holdStore.size("gone").notifications).toBe(1);
});

test("a store that fails is told once, and what it would have held waits in memory", async () => {
  const { holdStore } = await stores();
  const broken: HoldStore = { ...bound(holdStore), add: () => Promise.reject(new Error("no space left")) };
  const upstream = new StandInUpstream();
  const { bridge, logged } = await bridgeFor({ transport: upstream }, { holdStore: broken });
  upstream.leave();
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(...tokens(5).map((token, identifier) => frame({ token, identifier })));
  await until(() => bridge.stats().apps["app"]!.inFlight === 5);
  upstream.comeBack();
  await until(() => bridge.stats().apps["app"]!.accepted === 5);
  expect(upstream.seen).toEqual(tokens(5));
  const failure = "The hold on disk fails; what upstream does not take is kept in memory.";
  expect(messages(logged)).toEqual([failure]);
});

test("entries stand apart from feedback and the report, whatever the app is called", async () => {
  const path = folder();
  const { holdStore, feedbackStore, close } = await openStores({ path });
  const app = "a b\u0000/\u00e9 0000000000000001";
  const odd = held(1, {
    sender: "\u00fc \u0000",
    payload: Buffer.from([0xff, 0, 0x22]),
    expiration: undefined,
    identifier: undefined,
  });
  await holdStore.add(app, odd, true);
  await feedbackStore.add(topic, tokenOf(1), new Date(1_700_000_000_000));
  await close();
  const again = await openStores({ path });
  expect(again.feedbackStore.counts()).toEqual({ [topic]: 1 });
  expect([...again.holdStore.sizes()]).toEqual([[app, { notifications: 1, bytes: expect.any(Number) }]]);
  const [entry] = await again.holdStore.read(app, 0, 10);
  expect(entry).toMatchObject({ uncertain: true, notification: odd });
  expect(await again.holdStore.read("a b", 0, 10)).toEqual([]);
  await again.holdStore.change(app, { decided: [entry!] });
  expect(again.holdStore.size(app)).toEqual({ notifications: 0, bytes: 0 });
  await again.close();
  const db = new ClassicLevel<string, string>(path);
  expect(await db.keys().all()).toEqual([`${topic} ${tokenOf(1)}`]);
  await db.close();
});

/** The store's methods, to be overruled one by one. */
function bound(store: HoldStore): HoldStore {
  return {
    add: store.add.bind(store),
    read: store.read.bind(store),
    change: store.change.bind(store),
    written: store.written.bind(store),
    size: store.size.bind(store),
    sizes: store.sizes.bind(store),
  };
}
