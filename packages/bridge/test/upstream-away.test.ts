// Upstream cannot be reached: operators are told within seconds, and nothing that was taken is lost from the audit.
import { ApnsError, type ConnectionEvent, type Outcome, type Transport } from "@apns/core";
import { expect, test } from "vitest";
import { BridgeMetrics } from "../src/admin/metrics.ts";
import { apple, bridgeFor, connectTo, frame, tokenOf, transportTo, until } from "./support.ts";

const endpoint = "127.0.0.1:1";
const refused = new ApnsError("ERR_APNS_CONNECT", "127.0.0.1:1: connection refused.");

/** A transport whose outcomes and connections are what the test says. */
function scripted(): Transport & { emit(event: ConnectionEvent): void; answer(kind: "accepted" | "unsent"): void } {
  let listener: ((event: ConnectionEvent) => void) | undefined;
  let waiting: ((kind: "accepted" | "unsent") => void)[] = [];
  return {
    protocol: "test",
    stats: () => ({ queued: 0, inFlight: waiting.length, unconfirmed: 0, connections: 0 }) as never,
    send: (_, deviceToken) =>
      new Promise<Outcome>((resolve) => {
        const base = { deviceToken, apnsId: undefined, attempts: 1 };
        waiting.push((kind) => resolve(kind === "accepted" ? { kind, ...base } : { kind, ...base, cause: refused }));
      }),
    watchConnections(added) {
      listener = added;
      return () => {
        listener = undefined;
      };
    },
    async close() {},
    async [Symbol.asyncDispose]() {},
    emit: (event) => listener?.(event),
    answer(kind) {
      for (const settle of waiting) settle(kind);
      waiting = [];
    },
  };
}

const levels = (logged: readonly { readonly level: string; readonly message: string }[]): string[] =>
  logged.filter(({ message }) => message.startsWith("Upstream")).map(({ level, message }) => `${level}: ${message}`);

const away =
  "error: Upstream cannot be reached. What is read goes to the hold on disk; without one it waits for its time, and senders are slowed.";
const back = "info: Upstream is reached again.";

test("a port that refuses connections is told of, once, long before the notifications are given up", async () => {
  const simulator = await apple();
  const transport = transportTo(simulator, { timeoutMs: 60_000 });
  await simulator.close();
  const { bridge, logged } = await bridgeFor({ transport });
  expect([bridge.ready, bridge.unreachableApps]).toEqual([true, []]);
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame(), frame({ token: tokenOf(1) }));
  await until(() => !bridge.ready);
  expect(levels(logged)).toEqual([away]);
  expect(bridge.unreachableApps).toEqual(["app"]);
  expect(bridge.stats().apps["app"]).toMatchObject({ upstreamUp: false, inFlight: 2 });
  expect(await new BridgeMetrics(bridge).text()).toContain('apns_bridge_upstream_up{app="app"} 0');
});

test("it is reached again with the next connection, and away with the next failure", async () => {
  const transport = scripted();
  const { bridge, logged } = await bridgeFor({ transport });
  const failed: ConnectionEvent = { type: "failed", connection: 1, endpoint, cause: refused };
  for (let count = 0; count < 3; count++) transport.emit(failed);
  expect([bridge.ready, levels(logged)]).toEqual([false, [away]]);
  transport.emit({ type: "opened", connection: 2, endpoint });
  expect([bridge.ready, levels(logged)]).toEqual([true, [away, back]]);
  // Beside an open connection, one that fails says little.
  transport.emit({ ...failed, connection: 3 });
  expect(bridge.ready).toBe(true);
  transport.emit({ type: "closed", connection: 2, endpoint });
  transport.emit({ ...failed, connection: 4 });
  expect([bridge.ready, levels(logged)]).toEqual([false, [away, back, away]]);
});

test("a transport that tells nothing of its connections is judged by outcomes", async () => {
  const transport = { ...scripted(), watchConnections: undefined } as unknown as ReturnType<typeof scripted>;
  const { bridge } = await bridgeFor({ transport, rules: { unsent: { refuse: 1 } } });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ identifier: 7 }));
  await until(() => bridge.stats().undecided === 1);
  transport.answer("unsent");
  expect(await sender.ended).toBe("080100000007");
  expect(bridge.ready).toBe(false);
  const next = await connectTo(bridge.ports.gateway[0]!);
  next.write(frame());
  await until(() => bridge.stats().undecided === 1);
  transport.answer("accepted");
  await until(() => bridge.ready);
});

test("one app of two that is away leaves the bridge ready, and is named", async () => {
  const [gone, there] = [scripted(), scripted()];
  const apps = [
    { name: "gone", topic: "com.example.Gone", transport: gone },
    { name: "there", topic: "com.example.There", transport: there },
  ];
  const senders = [{ name: "old", app: "there", match: { uid: "com.example.App" } }];
  const { bridge, options } = await bridgeFor({ transport: there }, { apps, senders });
  gone.emit({ type: "failed", connection: 1, endpoint, cause: refused });
  expect([bridge.ready, bridge.unreachableApps]).toEqual([true, ["gone"]]);
  // Another transport is another upstream; the old one is heard no more.
  const other = scripted();
  await bridge.reload({ ...options, apps: [{ ...apps[0]!, transport: other }, apps[1]!] });
  other.emit({ type: "opened", connection: 1, endpoint });
  expect(bridge.unreachableApps).toEqual([]);
  gone.emit({ type: "failed", connection: 2, endpoint, cause: refused });
  expect(bridge.unreachableApps).toEqual([]);
});

test("what waits to be tried again when the bridge ends has its line in the audit", async () => {
  const transport = scripted();
  const { bridge, rejections } = await bridgeFor({ transport });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  for (let index = 0; index < 200; index++) sender.write(frame({ token: tokenOf(index), identifier: index }));
  await until(() => bridge.stats().undecided === 200);
  transport.answer("unsent");
  await until(() => bridge.stats().apps["app"]!.retrying === 200);
  await bridge.close({ timeoutMs: 0 });
  expect(await sender.ended).toBe("080a00000000");
  const lines = rejections.map(({ cause, done, deviceToken, identifier }) => [cause, done, deviceToken, identifier]);
  expect(lines).toEqual(Array.from({ length: 200 }, (_, index) => ["Abandoned", "shutdown", tokenOf(index), index]));
  expect(new Set(rejections.map(({ digest }) => digest)).size).toBe(1);
  expect(rejections[0]!.digest).toMatch(/./);
});
