// Every listener there is, of the bridge and of the simulator, against client certificates made to do harm, over real TLS:
// the process lives, no error is left to anybody's luck, and a good client is served afterwards.
//
// A longer run: HOSTILE_COUNT=5000 npx vitest run test/hostile-certificates.test.ts (CONTRIBUTING.md)
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { notification } from "@apns/core";
import { describePushCertificate, type PemIdentity } from "@apns/credentials";
import type { Simulator } from "@apns/simulator";
import { startControl } from "@apns/simulator/control";
import { type HostileClient, type HostileClients, hostileClients, testIdentities } from "@apns/testkit";
import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import type { Bridge, ReadCertificate } from "../src/index.ts";
import { apple, bridgeFor, connectTo, frame, type TestBridge, tokenOf, topic, transportTo } from "./support.ts";

const count = Number(process.env["HOSTILE_COUNT"] ?? 25);
const seed = Number(process.env["HOSTILE_SEED"] ?? 1);
const atOnce = 8;

let hostile: HostileClients;
let damaged: HostileClient[];
beforeAll(
  async () => {
    hostile = await hostileClients();
    damaged = [...first(count, hostile.damaged(seed))];
  },
  20_000 + count * 100,
);

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);
beforeEach(() => void process.on("warning", onWarning));
afterEach(() => {
  process.off("warning", onWarning);
  expect(warnings.splice(0)).toEqual([]);
});

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once("close", () => resolve()));

/** Shakes hands with a certificate, says something, and ends; resolves when the connection is gone. */
async function show(port: number, { cert, key }: PemIdentity, alpn: readonly string[] = []): Promise<void> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    cert,
    key,
    ALPNProtocols: [...alpn],
    rejectUnauthorized: false,
  });
  // Whether and how it is refused is the listener's business.
  socket.on("error", () => {});
  socket.resume();
  socket.end(frame());
  await closed(socket);
}

async function showAll(
  clients: Iterable<HostileClient>,
  attack: (client: HostileClient) => Promise<void>,
): Promise<void> {
  const source = clients[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      try {
        await attack(next.value);
      } catch (cause) {
        throw new Error(`after the certificate ${next.value.name}`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function* first(total: number, clients: Iterable<HostileClient>): Generator<HostileClient> {
  let left = total;
  for (const client of clients) {
    if (left-- === 0) return;
    yield client;
  }
}

async function bridgeOf(simulator: Simulator, careless: boolean): Promise<TestBridge> {
  const { ca, server } = await testIdentities();
  return bridgeFor(
    { transport: transportTo(simulator) },
    {
      tls: { ...server, clientCa: [ca, hostile.ca], acceptExpired: careless },
      ...(careless ? { readCertificate } : {}),
    },
  );
}

const readCertificate: ReadCertificate = (der) => {
  const { uid, topics } = describePushCertificate(der);
  return { uid, topics: topics.map((entry) => entry.topic) };
};

const portsOf = ({ ports }: Bridge): number[] => [...ports.gateway, ...ports.feedback];

const mishaps = ({ logged }: TestBridge) => logged.filter(({ level }) => level === "error");

/** A legacy sender with a good certificate sends one notification, and reads feedback. */
async function isServed({ bridge }: TestBridge, simulator: Simulator): Promise<void> {
  const { gateway, feedback } = bridge.ports;
  simulator.world.register(tokenOf(7));
  const sender = await connectTo(gateway[0]!);
  sender.write(frame({ token: tokenOf(7) }));
  expect(await sender.finish()).toBe("");
  expect([...simulator.received].filter(({ deviceToken }) => deviceToken === tokenOf(7))).toHaveLength(1);
  expect(await (await connectTo(feedback[0]!)).ended).toBe("");
}

it.each([false, true])("the bridge turns away those that ended a process (acceptExpired: %s)", async (careless) => {
  const simulator = await apple();
  const tested = await bridgeOf(simulator, careless);
  for (const port of portsOf(tested.bridge)) await showAll(hostile.known, (client) => show(port, client));
  // One is signed by a trusted authority and names an app, however long its name is; it is let in at both ports.
  expect(tested.bridge.stats().turnedAway).toEqual({ stranger: careless ? 2 : 4, certificate: 6 });
  expect(mishaps(tested)).toEqual([]);
  expect(tested.logged.filter(({ message }) => message.includes("damaged"))).toEqual(
    Array.from({ length: 6 }, () =>
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({ address: "127.0.0.1", problem: expect.stringMatching(/./) }),
      }),
    ),
  );
  await isServed(tested, simulator);
});

it("a stranger's subject is cut before the bridge logs or keeps it", async () => {
  const senders = [{ name: "old", app: "app", match: { uid: "com.example.Another" } }];
  const { bridge, logged } = await bridgeFor({ transport: transportTo(await apple()) }, { senders });
  await show(bridge.ports.gateway[0]!, hostile.known.find(({ name }) => name === "a subject of 60,000 bytes")!);
  const [row, ...others] = bridge.report().rows;
  expect(others).toEqual([]);
  expect(row!.subject).toMatch(/^UID=com\.example\.App, CN=A{276}… \(\d{5} more\)$/);
  const line = logged.find(({ message }) => message.includes("no entry of `senders` matches"));
  expect(line?.fields).toMatchObject({ subject: row!.subject });
});

it.each([false, true])(
  "the bridge outlives damaged certificates (acceptExpired: %s)",
  { timeout: 30_000 + count * 500 },
  async (careless) => {
    const simulator = await apple();
    const tested = await bridgeOf(simulator, careless);
    for (const port of portsOf(tested.bridge)) {
      await showAll(damaged, (client) => show(port, client));
    }
    expect(tested.bridge.stats().connectionsOpened).toBe(2 * count);
    expect(mishaps(tested)).toEqual([]);
    await isServed(tested, simulator);
  },
);

it("the simulator outlives them at every port", { timeout: 30_000 + count * 1000 }, async () => {
  const simulator = await apple();
  const control = await startControl(simulator);
  onTestFinished(() => control.close());
  const { http2, channels, gateway, feedback } = simulator;
  for (const [{ port }, alpn] of [
    [http2, ["h2"]],
    [http2, []],
    [channels, ["h2"]],
    [gateway, []],
    [feedback, []],
    // Speaks no TLS at all.
    [control, []],
  ] as const) {
    await showAll(hostile.known, (client) => show(port, client, alpn));
    await showAll(damaged, (client) => show(port, client, alpn));
  }

  // Good clients, at each of them.
  simulator.world.register(tokenOf(1));
  const transport = transportTo(simulator);
  const good = notification({ topic, pushType: "alert", payload: { aps: { alert: "Hi" } } });
  expect(await transport.send(good, tokenOf(1))).toMatchObject({ kind: "accepted" });
  const { cert, key } = simulator.credentials.tls;
  const { ca } = simulator.credentials;
  const sender = await connectTo(gateway.port, { ca, cert, key });
  sender.write(frame({ token: tokenOf(1) }));
  expect(await sender.finish()).toBe("");
  expect(await (await connectTo(feedback.port, { ca, cert, key })).ended).toBe("");
  expect(simulator.stats()).toMatchObject({ http2: { accepted: 1 }, binary: { accepted: 1 } });
  expect((await fetch(`${control.url}/v1/apps`)).status).toBe(200);
});

it("the control API outlives what is neither HTTP nor WebSocket", async () => {
  const simulator = await apple();
  const control = await startControl(simulator, { maxDevices: 1 });
  onTestFinished(() => control.close());
  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  const badFrame = Buffer.of(0xff, 0xff, 0xff, 0xff);
  const ask = async (...said: readonly (string | Buffer)[]): Promise<void> => {
    const socket = connectTcp(control.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    for (const bytes of said) {
      socket.write(bytes);
    }
    socket.end();
    await closed(socket);
  };
  for (const path of ["/v1/devices/connect", "/v1/devices/connect?topic=no.such.app", "/v1/apps", "/", "//", "*"]) {
    await ask(Buffer.concat([Buffer.from(upgrade(path)), badFrame]));
  }
  await ask("\0\0\0\0");
  await ask("GET / HTTP/9.9\r\n\r\n");
  expect((await fetch(`${control.url}/v1/devices`)).status).toBe(200);
});
