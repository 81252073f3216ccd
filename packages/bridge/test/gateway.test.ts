// The gateway as a sender meets it: real TLS on one side, a simulator on the other.
import { once } from "node:events";
import { connect } from "node:net";
import { ApnsError, InMemoryTransport, rejectedByHttp } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { sendBatch } from "./legacy-batch.ts";
import { apple, bridgeFor, connectTo, frame, type LegacySender, tokenOf, transportTo, until } from "./support.ts";

const usualSender = { name: "old", app: "app", match: { uid: "com.example.App" } };

const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => tokenOf(index));

/** Writes frames until they are taken no more, and says how many bytes; 64 MiB are taken by whoever reads without need. */
async function writeWhileTaken(sender: LegacySender): Promise<number> {
  const block = Buffer.concat(tokens(1000).map((token, index) => frame({ token, identifier: index })));
  let written = 0;
  while (written < 64 * 2 ** 20) {
    written += block.length;
    if (sender.socket.write(block)) continue;
    const drained = await Promise.race([
      once(sender.socket, "drain").then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
    ]);
    if (!drained) break;
  }
  return written;
}

for (const command of [0, 1, 2] as const) {
  test(`carries command ${command} upstream, in silence`, async () => {
    const simulator = await apple();
    simulator.world.register(tokens(20));
    const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(...tokens(20).map((token, index) => frame({ command, identifier: index, token })));
    expect(await sender.finish()).toBe("");
    await until(() => simulator.received.length === 20);
    expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toEqual(tokens(20));
    expect(simulator.received.at(0)).toMatchObject({ topic: "com.example.App", pushType: "alert", priority: 10 });
  });
}

test("names the bad one, and takes the resend of the rest, each exactly once", async () => {
  const simulator = await apple();
  const all = tokens(50);
  simulator.world.register(all.filter((_, index) => index !== 20));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const frames = all.map((token, index) => frame({ identifier: index + 100, token }));
  const first = await connectTo(bridge.ports.gateway[0]!);
  first.write(...frames);
  expect(await first.ended).toBe(`0808${(120).toString(16).padStart(8, "0")}`);
  const second = await connectTo(bridge.ports.gateway[0]!);
  second.write(...frames.slice(21));
  expect(await second.finish()).toBe("");
  await until(() => bridge.stats().undecided === 0);
  const accepted = [...simulator.received].filter(({ verdict }) => verdict.kind === "accepted");
  expect(accepted.map(({ deviceToken }) => deviceToken).sort()).toEqual(all.filter((_, index) => index !== 20));
});

test("when upstream stays away, status 10 names the last accepted one, and the resend gets through later", async () => {
  const simulator = await apple();
  const all = tokens(10);
  simulator.world.register(all);
  simulator.faults.add({ type: "reject", reason: "ServiceUnavailable", deviceToken: all[4]!, times: 4 });
  const rules = {
    "5xx": { retryForMs: 1, finally: "shutdown" },
    ServiceUnavailable: { retryForMs: 1, finally: "shutdown" },
  } as const;
  const { bridge } = await bridgeFor({ transport: transportTo(simulator), rules });
  const batch = all.map((token, index) => ({ identifier: index + 1, bytes: frame({ token, identifier: index + 1 }) }));
  const answers = await sendBatch(bridge.ports.gateway[0]!, batch);
  expect(answers.slice(0, 2)).toEqual([
    { statusCode: 10, identifier: 4 },
    { statusCode: 10, identifier: 0 },
  ]);
  await until(() => bridge.stats().undecided === 0);
  const accepted = [...simulator.received].filter(({ verdict }) => verdict.kind === "accepted");
  expect(accepted.map(({ deviceToken }) => deviceToken).sort()).toEqual(all);
});

test("on close, what was taken is decided, status 10 names the last, and nothing is lost or doubled", async () => {
  const simulator = await apple();
  const all = tokens(300);
  simulator.world.register(all);
  simulator.faults.add({ type: "delay", ms: 50, jitterMs: 100 });
  const first = await bridgeFor({ transport: transportTo(simulator) }, { window: 100 });
  const sender = await connectTo(first.bridge.ports.gateway[0]!);
  sender.write(...all.map((token, index) => frame({ token, identifier: index + 1 })));
  await until(() => simulator.received.length > 0);
  await first.bridge.close();
  const hex = await sender.ended;
  expect(hex).toMatch(/^080a[0-9a-f]{8}$/);
  const last = Number.parseInt(hex.slice(4), 16);
  expect(last).toBeGreaterThan(0);
  expect(last).toBeLessThan(300);
  simulator.faults.clear();
  const second = await bridgeFor({ transport: transportTo(simulator) });
  const rest = all
    .slice(last)
    .map((token, index) => ({ identifier: index, bytes: frame({ token, identifier: index }) }));
  expect(await sendBatch(second.bridge.ports.gateway[0]!, rest)).toEqual([]);
  await until(() => second.bridge.stats().undecided === 0);
  expect([...simulator.received].map(({ deviceToken }) => deviceToken).sort()).toEqual(all);
});

test("a slow upstream reaches the sender's socket, and memory stays bounded", async () => {
  const held: (() => void)[] = [];
  const transport = new InMemoryTransport({
    outcome: ({ deviceToken, options: { apnsId } }) =>
      new Promise((resolve) => {
        held.push(() => resolve({ kind: "accepted", deviceToken, apnsId, attempts: 1 }));
      }),
  });
  const { bridge } = await bridgeFor({ transport }, { window: 50 });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  expect(await writeWhileTaken(sender)).toBeLessThan(32 * 2 ** 20);
  expect(bridge.stats().undecided).toBe(50);
  expect(held).toHaveLength(50);
  for (const accept of held.splice(0)) accept();
  await until(() => held.length === 50);
});

test("while an error waits for frames before it, the sender is kept from writing what it would have to resend", async () => {
  let acceptFirst: (() => void) | undefined;
  const transport = new InMemoryTransport({
    outcome: ({ deviceToken, options: { apnsId } }) => {
      const base = { deviceToken, apnsId, attempts: 1 };
      if (deviceToken !== tokenOf(0)) return rejectedByHttp(base, { reason: "BadDeviceToken", httpStatus: 400 });
      return new Promise((resolve) => {
        acceptFirst = () => resolve({ kind: "accepted", ...base });
      });
    },
  });
  const { bridge } = await bridgeFor({ transport }, { window: 50 });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  const written = await writeWhileTaken(sender);
  expect(written).toBeLessThan(32 * 2 ** 20);
  acceptFirst!();
  expect(await sender.ended).toBe("080800000001");
});

test("a sender that goes on writing behind a bad frame still reads the error, whole, and an end in good order", async () => {
  const simulator = await apple();
  simulator.world.register(tokenOf(0));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  const errors: Error[] = [];
  sender.socket.on("error", (error) => errors.push(error));
  let ended = false;
  void sender.ended.then(() => {
    ended = true;
  });
  sender.write(frame(), frame({ identifier: 2, token: tokenOf(1) }));
  const more = Buffer.concat(tokens(200).map((token, index) => frame({ token, identifier: index + 3 })));
  while (!ended) await new Promise((resolve) => sender.socket.write(more, resolve));
  expect(sender.hex).toBe("080800000002");
  expect(errors).toEqual([]);
  expect(sender.socket.readableEnded).toBe(true);
});

test("a connection without traffic is closed, but not while its notifications are undecided", async () => {
  let accept: (() => void) | undefined;
  const transport = new InMemoryTransport({
    outcome: ({ deviceToken, options: { apnsId } }) =>
      new Promise((resolve) => {
        accept = () => resolve({ kind: "accepted", deviceToken, apnsId, attempts: 1 });
      }),
  });
  const { bridge } = await bridgeFor({ transport }, { limits: { idleTimeoutMs: 1_000 } });
  const waiting = await connectTo(bridge.ports.gateway[0]!);
  waiting.write(frame());
  await until(() => accept !== undefined);
  const idle = await connectTo(bridge.ports.gateway[0]!);
  expect(await idle.ended).toBe("");
  idle.socket.end();
  // Has been without traffic for longer.
  expect(waiting.socket.readableEnded).toBe(false);
  accept!();
  expect(await waiting.ended).toBe("");
});

test("all senders together stay below the bridge's own limit, and all get through", async () => {
  const simulator = await apple();
  const all = tokens(400);
  simulator.world.register(all);
  let most = 0;
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) }, { limits: { maxUndecided: 20 } });
  const watch = setInterval(() => {
    most = Math.max(most, bridge.stats().undecided);
  }, 1);
  const answers = await Promise.all(
    [0, 1, 2, 3].map((part) =>
      sendBatch(
        bridge.ports.gateway[0]!,
        all
          .slice(part * 100, part * 100 + 100)
          .map((token, index) => ({ identifier: index, bytes: frame({ token, identifier: index }) })),
      ),
    ),
  );
  clearInterval(watch);
  expect(answers).toEqual([[], [], [], []]);
  await until(() => bridge.stats().undecided === 0);
  expect(most).toBeLessThanOrEqual(20);
  expect([...simulator.received].map(({ deviceToken }) => deviceToken).sort()).toEqual(all);
});

test("a sender that vanishes behind its last byte has still sent everything", async () => {
  const simulator = await apple();
  simulator.world.register(tokens(200));
  simulator.faults.add({ type: "delay", ms: 30 });
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) }, { window: 10 });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.socket.end(Buffer.concat(tokens(200).map((token) => frame({ token }))), () => sender.socket.destroy());
  await until(() => simulator.received.length === 200);
});

test("an app whose upstream says nothing leaves the others their room", async () => {
  const { ca, authority, server } = await testIdentities();
  const silent = new InMemoryTransport({ outcome: () => new Promise(() => {}) });
  const answering = new InMemoryTransport();
  const environments = ["production"] as const;
  const other = await authority.issuePushCertificate({
    bundleId: "com.example.Other",
    teamId: "TEAM123456",
    environments,
  });
  const { bridge } = await bridgeFor(
    { transport: silent },
    {
      tls: { ...server, clientCa: ca },
      apps: [
        { name: "silent", topic: "com.example.App", transport: silent },
        { name: "answering", topic: "com.example.Other", transport: answering },
      ],
      senders: [
        { name: "one", app: "silent", match: { uid: "com.example.App" } },
        { name: "two", app: "answering", match: { uid: "com.example.Other" } },
      ],
      limits: { maxUndecided: 100 },
    },
  );
  for (let connection = 0; connection < 3; connection++) {
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(...tokens(80).map((token) => frame({ token })));
  }
  await until(() => bridge.stats().undecided === 50);
  const sender = await connectTo(bridge.ports.gateway[0]!, other);
  sender.write(...tokens(300).map((token) => frame({ token })));
  expect(await sender.finish()).toBe("");
  expect(answering.sent).toHaveLength(300);
  expect(bridge.stats().undecided).toBe(50);
});

test("closing waits for what vanished senders had sent", async () => {
  const simulator = await apple();
  simulator.world.register(tokens(100));
  simulator.faults.add({ type: "delay", ms: 20 });
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) }, { window: 5 });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  await new Promise<void>((resolve) => {
    sender.socket.end(Buffer.concat(tokens(100).map((token) => frame({ token }))), () => resolve());
  });
  await until(() => bridge.stats().undecided > 0);
  sender.socket.destroy();
  await until(() => bridge.stats().gatewayConnections === 0);
  await bridge.close();
  expect(simulator.received.length).toBe(100);
});

test.each([
  ["an unknown command", Buffer.from("474554202f0d0a", "hex"), "", "closed"],
  [
    "a command 0 too long",
    Buffer.concat([Buffer.from([0, 0, 32]), Buffer.alloc(32), Buffer.from([0xff, 0xff])]),
    "",
    "closed",
  ],
  ["items that run over", Buffer.from("0200000005010020ffff", "hex"), "080100000000", "status 1"],
  ["a frame of 4 GiB", Buffer.from("02ffffffff", "hex"), "080100000000", "status 1"],
])("%s ends the connection, behind what was right", async (_, bytes, said, how) => {
  const simulator = await apple();
  simulator.world.register(tokenOf(0));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame(), bytes);
  expect(await sender.ended).toBe(said);
  expect(simulator.received.length).toBe(1);
  expect(bridge.stats().endings).toEqual({ [how]: 1 });
});

test("a sender that writes its batch once for each of its notifications, with identifiers at random, gets all of them through", async () => {
  const simulator = await apple();
  simulator.world.register(tokens(7));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  for (let time = 0; time < 7; time++) {
    // As a published Ruby gem does: the same seven, seven times over, each identifier from a random generator.
    const identifier = (): number => Math.floor(Math.random() * 2 ** 32);
    sender.write(...tokens(7).map((token) => frame({ token, identifier: identifier() })));
  }
  expect(await sender.finish()).toBe("");
  const received = [...simulator.received].map(({ deviceToken }) => deviceToken);
  expect(received.toSorted()).toEqual(tokens(7).flatMap((token) => Array(7).fill(token)));
  expect(bridge.stats().apps["app"]).toMatchObject({ accepted: 49, suppressed: 0 });
});

test("upstream refusing every token so far is suspected, and nobody is told to delete", async () => {
  const simulator = await apple();
  const { bridge, logged } = await bridgeFor({ transport: transportTo(simulator), suspectAfter: 3 });
  const batch = tokens(6).map((token, index) => ({ identifier: index, bytes: frame({ token, identifier: index }) }));
  const sending = sendBatch(bridge.ports.gateway[0]!, batch);
  await until(() => bridge.heldApps.length === 1);
  expect(logged.find(({ level }) => level === "error")?.message).toMatch(/topic or the environment is probably wrong/);
  // The operator finds the mistake: the device tokens are known after all.
  simulator.world.register(tokens(6));
  const answers = await sending;
  expect(answers.length).toBeLessThanOrEqual(3);
  expect(answers.every(({ statusCode }) => statusCode === 8)).toBe(true);
  await until(() => bridge.stats().undecided === 0);
  expect(bridge.heldApps).toEqual([]);
});

test("a topic that turns wrong later costs no more device tokens than one that was wrong from the start", async () => {
  let isWrong = false;
  const transport = new InMemoryTransport({ outcome: () => (isWrong ? "BadDeviceToken" : "accepted") });
  const { bridge, logged } = await bridgeFor({ transport, suspectAfter: 3 });
  const batchOf = (from: number) =>
    tokens(10).map((token, index) => ({ identifier: from + index, bytes: frame({ token, identifier: from + index }) }));
  expect(await sendBatch(bridge.ports.gateway[0]!, batchOf(0))).toEqual([]);
  isWrong = true;
  const sending = sendBatch(bridge.ports.gateway[0]!, batchOf(100));
  await until(() => bridge.heldApps.length === 1);
  expect(logged.find(({ level }) => level === "error")?.message).toMatch(/topic or the environment is probably wrong/);
  isWrong = false;
  const answers = await sending;
  expect(answers.length).toBeLessThanOrEqual(3);
  expect(answers.every(({ statusCode }) => statusCode === 8)).toBe(true);
  await until(() => bridge.stats().undecided === 0);
  expect(bridge.heldApps).toEqual([]);
});

test("a list with many bad device tokens among good ones is not suspected", async () => {
  const transport = new InMemoryTransport({
    outcome: ({ index }) => (index % 4 === 0 ? "accepted" : "BadDeviceToken"),
  });
  const { bridge } = await bridgeFor({ transport, suspectAfter: 3 });
  const sending = sendBatch(
    bridge.ports.gateway[0]!,
    tokens(40).map((token, index) => ({ identifier: index, bytes: frame({ token, identifier: index }) })),
  );
  const answers = await sending;
  expect(answers.every(({ statusCode }) => statusCode === 8)).toBe(true);
  expect(bridge.heldApps).toEqual([]);
});

test("a probe without an answer lets nothing follow that was held", async () => {
  const unanswered = new ApnsError("ERR_APNS_CONNECTION_LOST", "gone");
  let calls = 0;
  let sentWithProbe: number | undefined;
  const transport = new InMemoryTransport({
    outcome: async ({ deviceToken, options: { apnsId } }) => {
      const base = { deviceToken, apnsId, attempts: 1 };
      const call = ++calls;
      if (call <= 3) return rejectedByHttp(base, { reason: "InvalidProviderToken", httpStatus: 403 });
      if (call === 4) return { kind: "unconfirmed", ...base, cause: unanswered };
      if (call === 5) {
        await new Promise((resolve) => setImmediate(resolve));
        sentWithProbe = calls;
      }
      return { kind: "accepted", ...base };
    },
  });
  const { bridge } = await bridgeFor({ transport, rules: { unconfirmed: "accept" } });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(...[0, 1, 2].map((index) => frame({ identifier: index, token: tokenOf(index) })));
  expect(await sender.finish()).toBe("");
  expect(sentWithProbe).toBe(5);
  expect(calls).toBe(6);
  expect(bridge.heldApps).toEqual([]);
});

test("one sender's share of the room is its own", async () => {
  const silent = new InMemoryTransport({ outcome: () => new Promise(() => {}) });
  const { bridge, options } = await bridgeFor(
    { transport: silent },
    { senders: [{ ...usualSender, maxUndecided: 5 }] },
  );
  const sender = await connectTo(bridge.ports.gateway[0]!);
  const other = await connectTo(bridge.ports.gateway[0]!);
  for (const one of [sender, other]) one.write(...tokens(20).map((token) => frame({ token })));
  await until(() => bridge.stats().undecided === 5);
  const answering = new InMemoryTransport();
  await bridge.reload({
    ...options,
    apps: [...options.apps, { name: "new", topic: "com.example.New", transport: answering }],
    senders: [{ name: "new", app: "new", match: { uid: "com.example.App", servername: "new" } }, usualSender],
  });
  const third = await connectTo(bridge.ports.gateway[0]!, { servername: "new", checkServerIdentity: () => undefined });
  third.write(...tokens(20).map((token) => frame({ token })));
  expect(await third.finish()).toBe("");
  expect(answering.sent).toHaveLength(20);
  expect(bridge.stats().undecided).toBe(5);
});

test("an unfinished handshake ends", async () => {
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { limits: { handshakeTimeoutMs: 50 } });
  const dawdler = connect(bridge.ports.gateway[0]!, "127.0.0.1");
  onTestFinished(() => void dawdler.destroy());
  await once(dawdler.resume(), "close");
  expect(bridge.stats().turnedAway).toEqual({ handshake: 1 });
});

test("the apns id leads from the sender's identifier to Apple's log", async () => {
  const simulator = await apple();
  simulator.world.register(tokenOf(0));
  const { bridge, logged } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ identifier: 0xdecade }), frame({ identifier: 0xbadcafe }));
  await sender.finish();
  const connected = logged.find(({ message }) => message === "A sender connected.")!;
  const { apnsIdPrefix } = connected.fields as { apnsIdPrefix: string };
  expect([...simulator.received].map(({ apnsId }) => apnsId)).toEqual([
    `${apnsIdPrefix}000-000000decade`,
    `${apnsIdPrefix}000-00010badcafe`,
  ]);
});

test("a handshake that is not over when the bridge ends is reset: its sender may have written already", async () => {
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() });
  // Of the kernel's queue into the bridge: a second one is answered.
  const unfinished = connect({ host: "127.0.0.1", port: bridge.ports.gateway[0]! });
  await once(unfinished, "connect");
  await connectTo(bridge.ports.gateway[0]!);
  const failure = once(unfinished.resume(), "error");
  const ended = once(unfinished, "end").then(() => "closed in good order");
  await bridge.close({ timeoutMs: 0 });
  const [error] = (await Promise.race([failure, ended])) as [NodeJS.ErrnoException];
  expect(error).toMatchObject({ code: "ECONNRESET" });
});

test("a first frame that arrives when the bridge has begun to end is taken, and named by status 10", async () => {
  const simulator = await apple();
  simulator.world.register(tokenOf(1));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  await until(() => bridge.stats().connectionsOpened === 1);
  const closed = bridge.close();
  sender.write(frame({ identifier: 7, token: tokenOf(1) }));
  expect(await sender.ended).toBe("080a00000007");
  expect(simulator.received.length).toBe(1);
  await closed;
});
