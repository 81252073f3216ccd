// What operators see: health, metrics, the report; reload and shadow.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { InMemoryTransport, rejectedByHttp } from "@apns/core";
import { CertificateAuthority } from "@apns/credentials";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type ShadowSend, shadowTransport } from "../src/index.ts";
import { OperationsServer } from "../src/operations.ts";
import {
  apple,
  bridgeFor,
  connectTo,
  frame,
  refusal,
  type TestBridge,
  tokenOf,
  topic,
  transportTo,
  until,
} from "./support.ts";

const byAddress = { name: "old", app: "app", match: { address: "127.0.0.1" } };

async function operate({ bridge }: TestBridge): Promise<(path: string) => Promise<{ status: number; body: string }>> {
  const operations = await OperationsServer.start(bridge, { port: 0 });
  onTestFinished(() => operations.close());
  return async (path) => {
    const response = await fetch(`http://127.0.0.1:${operations.port}${path}`);
    return { status: response.status, body: await response.text() };
  };
}

test("healthy, ready until it ends, and nothing else on that port", async () => {
  const running = await bridgeFor({ transport: new InMemoryTransport() });
  const get = await operate(running);
  expect(await get("/healthz")).toEqual({ status: 200, body: '{"healthy":true}\n' });
  expect(await get("/readyz")).toEqual({ status: 200, body: '{"ready":true,"heldApps":[],"unreachableApps":[]}\n' });
  expect((await get("/")).status).toBe(404);
  await running.bridge.close();
  expect(await get("/readyz")).toEqual({ status: 503, body: '{"ready":false,"heldApps":[],"unreachableApps":[]}\n' });
  expect((await get("/healthz")).status).toBe(200);
});

test("a web page that gives its own name the bridge's address reads nothing", async () => {
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() });
  const operations = await OperationsServer.start(bridge, { port: 0, allowedHosts: ["Bridge.internal"] });
  onTestFinished(() => operations.close());
  const answerTo = async (head: string): Promise<string> => {
    const socket = connect(operations.port, "127.0.0.1").setEncoding("latin1");
    socket.end(`GET /report HTTP/1.${head}\r\nConnection: close\r\n\r\n`);
    return (await socket.toArray()).join("");
  };
  const foreign = await answerTo("1\r\nHost: evil.example:9195");
  expect(foreign).toMatch(/^HTTP\/1.1 403 /);
  expect(foreign).toContain('The host \\"evil.example:9195\\" is not one of the bridge\'s');
  expect(foreign).not.toContain("sinceAt");
  for (const own of ["1\r\nHost: bridge.internal:9195", "1\r\nHost: [::1]", "1\r\nHost: localhost", "0"]) {
    expect(await answerTo(own)).toMatch(/^HTTP\/1.1 200 .*sinceAt/s);
  }
});

test("metrics count what happened, by app and cause", async () => {
  const simulator = await apple();
  simulator.world.register([tokenOf(0), tokenOf(1)]);
  simulator.world.unregister(tokenOf(1));
  const running = await bridgeFor({ transport: transportTo(simulator) });
  const sender = await connectTo(running.bridge.ports.gateway[0]!);
  sender.write(frame(), frame({ token: tokenOf(1) }), frame({ token: tokenOf(9), identifier: 3 }));
  await sender.finish();
  const { body } = await (await operate(running))("/metrics");
  const lines = body.split("\n");
  expect(lines).toContain('apns_bridge_accepted_total{app="app"} 1');
  expect(lines).toContain('apns_bridge_not_accepted_total{app="app",cause="Unregistered"} 1');
  expect(lines).toContain('apns_bridge_not_accepted_total{app="app",cause="BadDeviceToken"} 1');
  expect(lines).toContain('apns_bridge_endings_total{how="status 8"} 1');
  expect(lines).toContain(`apns_bridge_feedback_waiting{topic="${topic}"} 1`);
  expect(lines).toContain("apns_bridge_undecided 0");
  expect(lines).toContain("# TYPE apns_bridge_accepted_total counter");
  expect(lines).toContain("# TYPE apns_bridge_undecided gauge");
});

test("what upstream did not confirm is counted, by how it was told", async () => {
  const transport = new InMemoryTransport({ outcome: ({ index }) => (index % 3 === 2 ? "accepted" : "unconfirmed") });
  const { bridge, options } = await bridgeFor({ transport });
  const send = async (): Promise<void> => {
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(frame());
    expect(await sender.finish()).toBe("");
  };
  await send();
  await bridge.reload({ ...options, rules: { unconfirmed: "accept" } });
  await send();
  expect(bridge.report().rows).toMatchObject([
    { delivered: 2, refused: 0, unconfirmedRetries: 2, unconfirmedAccepted: 1 },
  ]);
  expect(bridge.stats().apps["app"]).toMatchObject({ unconfirmedRetries: 2, unconfirmedAccepted: 1 });
});

test("a delivery that is decided between its connection and its resend is counted once", async () => {
  let accept: () => void = () => {};
  const transport = new InMemoryTransport({
    outcome: ({ deviceToken }) =>
      deviceToken === tokenOf(0) ? "BadDeviceToken" : new Promise((resolve) => (accept = () => resolve("accepted"))),
  });
  const { bridge } = await bridgeFor({ transport });
  const first = await connectTo(bridge.ports.gateway[0]!);
  first.write(frame({ token: tokenOf(0), identifier: 1 }), frame({ token: tokenOf(1), identifier: 2 }));
  expect(await first.ended).toBe("080800000001");
  accept();
  await until(() => bridge.stats().apps["app"]!.accepted === 1);
  const second = await connectTo(bridge.ports.gateway[0]!);
  second.write(frame({ token: tokenOf(1), identifier: 1 }));
  expect(await second.finish()).toBe("");
  expect(transport.sent).toHaveLength(2);
  expect(bridge.report().rows).toMatchObject([{ delivered: 1, refused: 1 }]);
});

test("the report tells who still arrives, and how", async () => {
  const running = await bridgeFor({ transport: new InMemoryTransport() });
  for (const command of [0, 1, 1, 2] as const) {
    const sender = await connectTo(running.bridge.ports.gateway[0]!);
    sender.write(frame({ command }));
    await sender.finish();
  }
  // Refused ones arrive as well: by its form, and what is none.
  for (const bytes of [frame({ command: 1, token: "" }), Buffer.from("02ffffffff", "hex")]) {
    const sender = await connectTo(running.bridge.ports.gateway[0]!);
    sender.write(bytes);
    await sender.finish();
  }
  expect(await refusal(running.bridge.ports.gateway[0]!, { cert: undefined, key: undefined })).toBe("ECONNRESET");
  const reader = await connectTo(running.bridge.ports.feedback[0]!);
  await reader.ended;
  const { sinceAt, rows } = JSON.parse((await (await operate(running))("/report")).body);
  expect(Date.parse(sinceAt)).toBeLessThanOrEqual(Date.parse(rows[0].firstSeenAt));
  expect(rows).toMatchObject([
    {
      sender: "old",
      app: "app",
      address: "127.0.0.1",
      connections: 7,
      frames: [1, 3, 2],
      delivered: 4,
      refused: 2,
      feedbackReads: 1,
    },
    { address: "127.0.0.1", connections: 1, frames: [0, 0, 0], feedbackReads: 0 },
  ]);
  expect(rows[0].subject).toContain(`UID=${topic}`);
  expect(rows[1].sender).toBeUndefined();
});

test("a reload changes rules and transports under a connection that lives on", async () => {
  const before = new InMemoryTransport();
  const after = new InMemoryTransport();
  const { bridge, options } = await bridgeFor({ transport: before });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ token: tokenOf(0) }));
  await until(() => before.sent.length === 1);
  await bridge.reload({ ...options, apps: [{ name: "app", topic: "com.example.New", transport: after }] });
  sender.write(frame({ token: tokenOf(1) }));
  await until(() => after.sent.length === 1);
  expect(after.sent[0]).toMatchObject({ deviceToken: tokenOf(1), notification: { topic: "com.example.New" } });
  expect(await sender.finish()).toBe("");
  expect(bridge.stats().connectionsOpened).toBe(1);
});

test("a reload that is wrong changes nothing", async () => {
  const transport = new InMemoryTransport();
  const { bridge, options } = await bridgeFor({ transport });
  const wrong = { ...options, apps: [{ name: "app", topic: "with blank", transport }] };
  await expect(bridge.reload(wrong)).rejects.toThrow("apps[0].topic");
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame());
  await sender.finish();
  expect(transport.sent[0]?.notification.topic).toBe(topic);
});

test("a sender that is not let in any more is sent away with status 10, and a port that is not wanted is closed", async () => {
  const transport = new InMemoryTransport();
  const { bridge, options } = await bridgeFor({ transport });
  const [port] = bridge.ports.gateway;
  const sender = await connectTo(port!);
  sender.write(frame({ identifier: 5 }));
  await until(() => transport.sent.length === 1);
  await bridge.reload({
    ...options,
    gateway: [],
    senders: [{ name: "new", app: "app", match: { uid: "com.example.Other" } }],
  });
  expect(await sender.ended).toBe("080a00000005");
  await expect(connectTo(port!)).rejects.toThrow("ECONNREFUSED");
});

test("an app that is no more lets go of what it held: its sender resends, and nothing waits for ever", async () => {
  const forbidden = new InMemoryTransport({
    outcome: ({ deviceToken, options: { apnsId } }) =>
      rejectedByHttp({ deviceToken, apnsId, attempts: 1 }, { reason: "InvalidProviderToken", httpStatus: 403 }),
  });
  const { bridge, options } = await bridgeFor({ transport: forbidden });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ identifier: 5 }));
  await until(() => bridge.heldApps.length === 1);
  const transport = new InMemoryTransport();
  await bridge.reload({
    ...options,
    apps: [{ name: "new", topic, transport }],
    senders: [{ name: "old", app: "new", match: { uid: topic } }],
  });
  expect(await sender.ended).toBe("080a00000000");
  expect(bridge.stats().undecided).toBe(0);
  const again = await connectTo(bridge.ports.gateway[0]!);
  again.write(frame({ identifier: 5 }));
  expect(await again.finish()).toBe("");
  expect(transport.sent).toHaveLength(1);
});

test("a reload that asks for certificates asks for them, on the same port", async () => {
  const { server, ca } = await testIdentities();
  const transport = new InMemoryTransport();
  const open = { tls: { ...server, clientCertificate: "off" as const }, senders: [byAddress] };
  const { bridge, options } = await bridgeFor({ transport }, open);
  const without = await connectTo(bridge.ports.gateway[0]!, { cert: undefined, key: undefined });
  without.write(frame());
  await until(() => transport.sent.length === 1);
  await bridge.reload({ ...options, tls: { ...server, clientCa: ca } });
  // Who came in without one is asked to come again.
  expect(await without.ended).toBe("080a00000001");
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame());
  expect(await sender.finish()).toBe("");
  expect(transport.sent).toHaveLength(2);
  expect(await refusal(bridge.ports.gateway[0]!, { cert: undefined, key: undefined })).toBe("ECONNRESET");
  expect(bridge.stats().turnedAway).toEqual({ stranger: 1 });
});

test("when fewer authorities are trusted, who came in by one must come in again, and whoever is pinned stays", async () => {
  const { server, client, ca } = await testIdentities();
  const transport = new InMemoryTransport();
  const all = { ...server, clientCa: [ca, server.cert] };
  const senders = [{ name: "old", app: "app", match: { uid: topic } }];
  const { bridge, options } = await bridgeFor({ transport }, { tls: all, senders });
  const [port] = bridge.ports.gateway;
  const first = await connectTo(port!);
  first.write(frame({ identifier: 5 }));
  await until(() => transport.sent.length === 1);
  await bridge.reload({ ...options, tls: { ...server, clientCa: ca } });
  expect(await first.ended).toBe("080a00000005");
  const second = await connectTo(port!);
  second.write(frame({ identifier: 6 }));
  await until(() => transport.sent.length === 2);
  await bridge.reload({ ...options, tls: all });
  second.write(frame({ identifier: 7 }));
  await until(() => transport.sent.length === 3);
  await bridge.reload({ ...options, tls: { ...server, clientCa: server.cert } });
  expect(await second.ended).toBe("080a00000007");
  expect(await refusal(port!)).toBe("ECONNRESET");
  expect(bridge.stats().turnedAway).toEqual({ stranger: 1 });

  const { fingerprint256: fingerprint } = new X509Certificate(client.cert);
  const pinned = await bridgeFor(
    { transport },
    { tls: { ...server, clientCa: ca }, senders: [{ name: "old", app: "app", match: { fingerprint } }] },
  );
  const stays = await connectTo(pinned.bridge.ports.gateway[0]!);
  stays.write(frame());
  await until(() => transport.sent.length === 4);
  await pinned.bridge.reload({ ...pinned.options, tls: server });
  stays.write(frame());
  expect(await stays.finish()).toBe("");
  expect(transport.sent).toHaveLength(5);
});

test("when certificates must be in date again, who came in with an old one is sent away with status 10", async () => {
  const { server } = await testIdentities();
  const authority = await CertificateAuthority.create({ keyType: "ec", notBefore: new Date(2000, 0) });
  const expired = await authority.issuePushCertificate({
    bundleId: topic,
    teamId: "TEAM123456",
    environments: ["production"],
    keyType: "ec",
    notBefore: new Date(2001, 0),
    notAfter: new Date(2002, 0),
  });
  const transport = new InMemoryTransport();
  const tls = { ...server, clientCa: authority.cert };
  const { bridge, options } = await bridgeFor({ transport }, { tls: { ...tls, acceptExpired: true } });
  const sender = await connectTo(bridge.ports.gateway[0]!, expired);
  sender.write(frame({ identifier: 5 }));
  await until(() => transport.sent.length === 1);
  await bridge.reload({ ...options, tls });
  expect(await sender.ended).toBe("080a00000005");
});

test("closing waits for nobody who dawdles in the handshake", async () => {
  const { bridge } = await bridgeFor({ transport: new InMemoryTransport() });
  const dawdler = connect(bridge.ports.gateway[0]!, "127.0.0.1");
  onTestFinished(() => void dawdler.destroy());
  await until(() => bridge.stats().connectionsOpened === 1);
  const failed = once(dawdler.resume(), "error");
  // Would be longer than a test may take.
  await bridge.close({ timeoutMs: 600_000 });
  expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
});

test("a reload of a bridge that has been closed opens nothing", async () => {
  const { bridge, options } = await bridgeFor({ transport: new InMemoryTransport() });
  await bridge.close();
  await expect(bridge.reload(options)).rejects.toMatchObject({ code: "ERR_APNS_LISTEN" });
  const gateway = { host: "127.0.0.1", port: 0 };
  await expect(bridge.reload({ ...options, gateway: [gateway, gateway] })).rejects.toMatchObject({
    code: "ERR_APNS_LISTEN",
  });
});

test("a shadow says what would be sent, and sends nothing", async () => {
  const shown: ShadowSend[] = [];
  const { bridge } = await bridgeFor({ transport: shadowTransport((send) => shown.push(send)) });
  const sender = await connectTo(bridge.ports.gateway[0]!);
  sender.write(frame({ command: 2, expiry: 0, priority: 5, payload: '{"aps":{"content-available":1}}' }));
  expect(await sender.finish()).toBe("");
  expect(shown).toEqual([
    {
      deviceToken: tokenOf(0),
      apnsId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      topic,
      pushType: "background",
      priority: 5,
      expiration: 0,
      payloadBytes: 31,
    },
  ]);
});
