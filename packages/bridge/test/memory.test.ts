// The bridge's memory under attack, in a process of its own, while another sender is served.
//
// A longer run: ATTACK_SECONDS=120 npx vitest run test/memory.test.ts (docs/security.md has its figures)
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import type { PemIdentity } from "@apns/credentials";
import { hostileClients, testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { connectTo, frame, tokenOf, topic } from "./support.ts";

const seconds = Number(process.env["ATTACK_SECONDS"] ?? 3);
/** Of a feedback tuple with a device token of 32 bytes. */
const tupleBytes = 38;
const megabyte = 1024 * 1024;

interface Attacked {
  readonly gateway: number;
  readonly feedback: number;
  readonly restBytes: number;
  state(): Promise<State>;
}

interface State {
  readonly accepted: number;
  readonly peakBytes: number;
  readonly turnedAway: Readonly<Record<string, number>>;
  readonly feedbackConnections: number;
  readonly rows: number;
}

async function attackedBridge(tuples: number): Promise<Attacked> {
  const child: ChildProcess = fork(new URL("attacked-bridge.mjs", import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill());
  const { ca, server } = await testIdentities();
  child.send({ tls: { ...server, clientCa: ca }, topic, tuples });
  const [ports] = (await once(child, "message")) as [Omit<Attacked, "state">];
  const state = async (): Promise<State> => {
    child.send("state");
    const [answer] = (await once(child, "message")) as [State];
    return answer;
  };
  return { ...ports, state };
}

/** Attacks until the time is over, while a good sender sends; how many it has sent. */
async function during(bridge: Attacked, attack: (isOver: () => boolean) => Promise<void>): Promise<number> {
  const endAt = performance.now() + seconds * 1000;
  const isOver = (): boolean => performance.now() >= endAt;
  const attacking = attack(isOver);
  const sender = await connectTo(bridge.gateway);
  let sent = 0;
  for (; !isOver(); sent++) {
    sender.write(frame({ token: tokenOf(sent), identifier: sent }));
    await sleep(20);
  }
  expect(await sender.finish()).toBe("");
  await attacking;
  return sent;
}

/** A connection that reads whatever comes, from its handshake until the other side ends it. */
function visit(port: number, { cert, key }: PemIdentity): TLSSocket {
  const socket = connect({ host: "127.0.0.1", port, cert, key, rejectUnauthorized: false });
  socket.on("error", () => {});
  return socket.resume();
}

const gone = (socket: TLSSocket): Promise<void> => new Promise((resolve) => void socket.once("close", () => resolve()));

const timeout = 60_000 + seconds * 1000;

test("strangers with subjects of 60 KB fill no memory", { timeout }, async ({ annotate }) => {
  const bridge = await attackedBridge(0);
  const strangers = (await hostileClients()).large(60_000);
  let visits = 0;
  const sent = await during(bridge, async (isOver) => {
    const one = async (): Promise<void> => {
      for (; !isOver(); visits++) await gone(visit(bridge.gateway, strangers.next().value));
    };
    await Promise.all(Array.from({ length: 8 }, one));
  });
  const state = await bridge.state();
  expect(state).toMatchObject({ accepted: sent, turnedAway: { stranger: visits }, rows: Math.min(visits + 1, 10_000) });
  expect(state.peakBytes - bridge.restBytes).toBeLessThan(250 * megabyte);
  await annotate(
    `${visits} strangers; rest ${mega(bridge.restBytes)}, peak ${mega(state.peakBytes)} MiB; ${sent} served`,
  );
});

test("readers of feedback that break off near the end fill no memory", { timeout }, async ({ annotate }) => {
  const tuples = seconds < 60 ? 5_000 : 50_000;
  const bridge = await attackedBridge(tuples);
  const { client } = await testIdentities();
  let visits = 0;
  const sent = await during(bridge, async (isOver) => {
    const open = new Set<TLSSocket>();
    const one = async (): Promise<void> => {
      for (; !isOver(); visits++) {
        const socket = visit(bridge.feedback, client);
        open.add(socket);
        socket.on("data", () => {
          if (socket.bytesRead > tuples * tupleBytes * 0.9) socket.destroy();
        });
        await gone(socket);
        open.delete(socket);
      }
    };
    const readers = Promise.all(Array.from({ length: 120 }, one));
    while (!isOver()) await sleep(20);
    for (const socket of open) socket.destroy();
    await readers;
  });
  const state = await bridge.state();
  expect(state.accepted).toBe(sent);
  expect(state.peakBytes - bridge.restBytes).toBeLessThan(250 * megabyte);
  await annotate(
    `${visits} readings; rest ${mega(bridge.restBytes)}, peak ${mega(state.peakBytes)} MiB; ${sent} served`,
  );
});

function mega(bytes: number): number {
  return Math.round(bytes / megabyte);
}
