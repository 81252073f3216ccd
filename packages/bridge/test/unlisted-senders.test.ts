// Senders that no entry of `senders` matches: they notice, or they wait, as the operator wants.
import { InMemoryTransport } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { bridgeFor, connectTo, frame, refusal, type TestBridge, tokenOf, topic, until } from "./support.ts";

const others = [{ name: "other", app: "app", match: { uid: "com.example.Another" } }];
const listed = [{ name: "old", app: "app", match: { uid: topic } }];

const bytesOf = (count: number, from = 0): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) => frame({ token: tokenOf(from + index), identifier: from + index })),
  );

describe("an unlisted sender", () => {
  test.each(["gateway", "feedback"] as const)("cannot finish its handshake at the %s port", async (name) => {
    const { bridge, logged } = await bridgeFor({ transport: new InMemoryTransport() }, { senders: others });
    expect(await refusal(bridge.ports[name][0]!)).toBe("ECONNRESET");
    expect(bridge.stats()).toMatchObject({
      turnedAway: { stranger: 1 },
      gatewayConnections: 0,
      unlistedConnections: 0,
    });
    expect(bridge.report().rows).toMatchObject([{ sender: undefined, connections: 1, waiting: 0 }]);
    expect(logged.filter(({ level }) => level === "warn")).toMatchObject([
      { message: "A sender that no entry of `senders` matches was turned away.", fields: { uid: topic } },
    ]);
  });

  test("is reset behind its handshake with TLS 1.3", async () => {
    const { ca, server } = await testIdentities();
    const tls = { ...server, clientCa: ca, maxVersion: "TLSv1.3" as const };
    const { bridge } = await bridgeFor({ transport: new InMemoryTransport() }, { senders: others, tls });
    const sender = await connectTo(bridge.ports.gateway[0]!);
    const failed = new Promise<string | undefined>((resolve) => {
      sender.socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    expect(await failed).toBe("ECONNRESET");
  });

  test("is one, too, that was listed when it connected last", async () => {
    const { bridge, options } = await bridgeFor({ transport: new InMemoryTransport() });
    const [port] = bridge.ports.gateway;
    const first = await connectTo(port!);
    const session = first.socket.getSession();
    expect(await first.finish()).toBe("");
    await bridge.reload({ ...options, senders: others });
    expect(await refusal(port!, { session })).toBe("ECONNRESET");
  });
});

describe("an unlisted sender that is held", () => {
  async function holding(maxUnlisted = 10): Promise<TestBridge & { readonly transport: InMemoryTransport }> {
    const transport = new InMemoryTransport();
    const options = { senders: others, unlistedSenders: "hold", limits: { maxUnlisted } } as const;
    return { ...(await bridgeFor({ transport }, options)), transport };
  }

  test("is served once it is listed, from its first frame on", async () => {
    const { bridge, options, logged, transport } = await holding();
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(bytesOf(100));
    await until(() => bridge.stats().unlistedConnections === 1);
    expect(bridge.report().rows).toMatchObject([{ sender: undefined, waiting: 1, frames: [0, 0, 0] }]);
    expect(logged.filter(({ level }) => level === "warn")).toMatchObject([
      { message: expect.stringContaining("is held"), fields: { uid: topic, fingerprint: expect.any(String) } },
    ]);

    await bridge.reload({ ...options, senders: listed });
    sender.write(bytesOf(10, 100));
    expect(await sender.finish()).toBe("");
    expect(transport.sent.map(({ deviceToken }) => deviceToken)).toEqual(
      Array.from({ length: 110 }, (_, index) => tokenOf(index)),
    );
    expect(bridge.stats()).toMatchObject({ unlistedConnections: 0, turnedAway: {} });
    expect(bridge.report().rows).toMatchObject([
      { sender: "old", waiting: 0, frames: [0, 110, 0] },
      { sender: undefined, waiting: 0 },
    ]);
  });

  test("is served although it has left meanwhile", async () => {
    const { bridge, options, transport } = await holding();
    const sender = await connectTo(bridge.ports.gateway[0]!);
    await until(() => bridge.stats().unlistedConnections === 1);
    await new Promise<void>((resolve) => void sender.socket.end(bytesOf(5), () => resolve()));
    await bridge.reload({ ...options, senders: listed });
    await until(() => transport.sent.length === 5);
    expect(await sender.ended).toBe("");
  });

  test("is slowed by backpressure: nothing of it is read", async () => {
    const { bridge } = await holding();
    const sender = await connectTo(bridge.ports.gateway[0]!);
    await until(() => bridge.stats().unlistedConnections === 1);
    const chunk = bytesOf(1_000);
    // More than all buffers of both sides take.
    for (let written = 0; written < 40_000_000; written += chunk.length) sender.write(chunk);
    const drained = new Promise((resolve) => void sender.socket.once("drain", resolve));
    const later = new Promise((resolve) => void setTimeout(resolve, 300, "still waiting"));
    expect(await Promise.race([drained, later])).toBe("still waiting");
  });

  test("is refused if as many as allowed are held", async () => {
    const { bridge } = await holding(1);
    const [port] = bridge.ports.gateway;
    await connectTo(port!);
    await until(() => bridge.stats().unlistedConnections === 1);
    expect(await refusal(port!)).toBe("ECONNRESET");
    expect(bridge.stats()).toMatchObject({ unlistedConnections: 1, turnedAway: { stranger: 1 } });
  });

  test("is reset when the bridge ends", async () => {
    const { bridge } = await holding();
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(bytesOf(1));
    await until(() => bridge.stats().unlistedConnections === 1);
    const failed = new Promise((resolve) => {
      sender.socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    await bridge.close();
    expect(await failed).toBe("ECONNRESET");
    expect(bridge.report().rows).toMatchObject([{ waiting: 0 }]);
  });
});
