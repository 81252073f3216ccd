// The simulator's memory under attack, in a process of its own, while another sender is served.
//
// A longer run: ATTACK_SECONDS=120 npx vitest run test/memory.test.ts (docs/security.md has its figures)
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import type { Simulator, WireStats } from "../src/index.ts";
import { deviceToken } from "./peers.ts";
import { frame, framesOf, literal } from "./raw-http2.ts";

const seconds = Number(process.env["ATTACK_SECONDS"] ?? 3);
const megabyte = 1024 * 1024;
/** Each takes 16 MiB of bodies to fill. */
const connections = seconds < 60 ? 2 : 8;
const timeout = 60_000 + seconds * 1000;

type Attacked = Pick<Simulator, "http2" | "credentials"> & {
  readonly restBytes: number;
  state(): Promise<WireStats & { readonly peakBytes: number }>;
};

async function attackedSimulator(): Promise<Attacked> {
  const child: ChildProcess = fork(new URL("attacked-simulator.mjs", import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill());
  child.send({ deviceToken });
  const [started] = (await once(child, "message")) as [Omit<Attacked, "state">];
  const state: Attacked["state"] = async () => {
    child.send("state");
    const [answer] = (await once(child, "message")) as [Awaited<ReturnType<Attacked["state"]>>];
    return answer;
  };
  return { ...started, state };
}

function sessionTo({ http2, credentials }: Attacked): ClientHttp2Session {
  const { host, port, ca, servername } = http2;
  const options = { ca: ca as string, servername, ...credentials.tls };
  const session = connectHttp2(`https://${host}:${port}`, options);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

const headersOf = ({ credentials }: Attacked) => ({
  ":method": "POST",
  ":path": `/3/device/${deviceToken}`,
  "apns-topic": credentials.topic,
});

/** Attacks until the time is over, while a good sender pushes; how many pushes were accepted: all of them. */
async function during(apple: Attacked, attack: (isOver: () => boolean) => Promise<void>): Promise<number> {
  const session = sessionTo(apple);
  await once(session, "connect");
  const endAt = performance.now() + seconds * 1000;
  const isOver = (): boolean => performance.now() >= endAt;
  const attacking = attack(isOver);
  const statuses: unknown[] = [];
  while (!isOver()) {
    const stream = session.request(headersOf(apple));
    stream.end("{}").resume();
    const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
    statuses.push(headers[":status"]);
    await sleep(20);
  }
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await attacking;
  return statuses.length;
}

/** A sender of bare frames, which keeps to the window of the connection. */
class RawAttacker {
  readonly socket: TLSSocket;
  /** Streams that the other side has reset. */
  refused = 0;
  #window = 65_535;
  #unread = Buffer.alloc(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  static async connect({ http2, credentials }: Attacked): Promise<RawAttacker> {
    const { host, port, ca, servername } = http2;
    const options = { host, port, ca: ca as string, servername, ALPNProtocols: ["h2"], ...credentials.tls };
    const socket = connectTls(options);
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, "secureConnect");
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0), frame(4, 1, 0)]));
    return new RawAttacker(socket);
  }

  /** Writes once there is room in the socket and, for so many octets of bodies, in the window; false once it is over. */
  async write(octets: Buffer, bodyBytes: number, isOver: () => boolean): Promise<boolean> {
    while (this.socket.writableNeedDrain || this.#window < bodyBytes) {
      if (isOver() || this.socket.destroyed) return false;
      await sleep(1);
    }
    this.#window -= bodyBytes;
    this.socket.write(octets);
    return !isOver();
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (const { type, streamId, payload } of framesOf(this.#unread)) {
      if (type === 3) this.refused++;
      else if (type === 8 && streamId === 0) this.#window += payload.readUInt32BE();
      this.#unread = this.#unread.subarray(9 + payload.length);
    }
  }
}

const blockOf = ({ credentials }: Attacked, token: string): Buffer =>
  Buffer.concat([
    literal(":method", "POST"),
    literal(":scheme", "https"),
    literal(":path", `/3/device/${token}`),
    literal("apns-topic", credentials.topic),
  ]);

test("unfinished bodies in all streams of a few connections are bounded", { timeout }, async ({ annotate }) => {
  const apple = await attackedSimulator();
  const block = blockOf(apple, deviceToken);
  const part = Buffer.alloc(16_000, "x");
  const attackers = await Promise.all(Array.from({ length: connections }, () => RawAttacker.connect(apple)));
  const accepted = await during(apple, async (isOver) => {
    const isDone = (): boolean => isOver() && attackers.every(({ refused }) => refused > 0);
    const flood = async (attacker: RawAttacker): Promise<void> => {
      // A stream holds 48,000 octets, in a buffer of 64,000, or is refused.
      for (let id = 1; ; id += 2) {
        if (!(await attacker.write(frame(1, 4, id, block), 0, isDone))) return;
        for (let count = 0; count < 3; count++) {
          if (!(await attacker.write(frame(0, 0, id, part), part.length, isDone))) return;
        }
      }
    };
    await Promise.all(attackers.map(flood));
  });
  const state = await apple.state();
  expect(state).toMatchObject({ accepted, rejected: 0 });
  // 16 MiB each, and what TLS and the garbage collector take meanwhile.
  expect(state.peakBytes - apple.restBytes).toBeLessThan((connections * 20 + 100) * megabyte);
  const refused = attackers.reduce((sum, attacker) => sum + attacker.refused, 0);
  await annotate(
    `${connections} connections, ${refused} streams refused; rest ${mega(apple.restBytes)}, peak ${mega(state.peakBytes)} MiB; ${accepted} served`,
  );
});

test("answers to twenty connections that read nothing are bounded", { timeout }, async ({ annotate }) => {
  const apple = await attackedSimulator();
  const block = blockOf(apple, "ff".repeat(32));
  const attackers = await Promise.all(Array.from({ length: 20 }, () => RawAttacker.connect(apple)));
  const accepted = await during(apple, async (isOver) => {
    const flood = async (attacker: RawAttacker): Promise<void> => {
      attacker.socket.pause();
      for (let id = 1; ; ) {
        const pushes: Buffer[] = [];
        for (let count = 0; count < 50; count++, id += 2) pushes.push(frame(1, 5, id, block));
        if (!(await attacker.write(Buffer.concat(pushes), 0, isOver))) return;
        await sleep(1);
      }
    };
    await Promise.all(attackers.map(flood));
  });
  const state = await apple.state();
  expect(state.accepted).toBe(accepted);
  expect(state.peakBytes - apple.restBytes).toBeLessThan(200 * megabyte);
  await annotate(
    `${attackers.reduce((sum, { socket }) => sum + socket.bytesWritten, 0)} octets of pushes; rest ${mega(apple.restBytes)}, peak ${mega(state.peakBytes)} MiB; ${accepted} served`,
  );
});

function mega(bytes: number): number {
  return Math.round(bytes / megabyte);
}
