// Bridges as processes, one after the other, between a simulator and senders.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { encodeFrame } from "@apns/binary/wire";
import { CertificateAuthority, type PemIdentity } from "@apns/credentials";
import { type Simulator, startSimulator } from "@apns/simulator";
import { afterAll, beforeAll, beforeEach, onTestFinished } from "vitest";
import { cleanEnvironment, main } from "./apns.ts";

export let folder: string;
export let sender: PemIdentity;
export let authority: CertificateAuthority;
export let apple: Simulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "apns-restart-"));
  // Some old senders read RSA keys only.
  authority = await CertificateAuthority.create({ keyType: "rsa" });
  const server = await authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
  sender = await authority.issuePushCertificate({
    bundleId: "com.example.App",
    teamId: "TEAM123456",
    environments: ["production", "development"],
  });
  const files = { "bridge.pem": server.cert, "bridge.key": server.key, "ca.pem": authority.cert };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, "sender.pem"), sender.cert + sender.key);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  apple = await startSimulator({ bundleId: "com.example.App", maxReceived: 100_000 });
  onTestFinished(() => apple.close());
});

export const token = (index: number): string => (index + 1).toString(16).padStart(64, "0");
export const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => token(index));

export function frame(identifier: number, deviceToken: string = token(identifier), command: 0 | 1 = 1): Uint8Array {
  const body = { deviceToken: Buffer.from(deviceToken, "hex"), payload: Buffer.from('{"aps":{"alert":"Hi"}}') };
  return encodeFrame(command === 0 ? { command, ...body } : { command, ...body, identifier, expiry: 0x7f00_0000 });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  await once(server.close(), "close");
  return port;
}

export async function config(gateway: number, change = (text: string): string => text): Promise<string> {
  const { port, ca } = apple.http2;
  const { keyId, teamId, signingKey } = apple.credentials;
  const name = `${gateway}`;
  writeFileSync(join(folder, `${name}.p8`), signingKey);
  writeFileSync(join(folder, `${name}-apple.pem`), ca as string);
  const text = `gateway: { host: 127.0.0.1, port: ${gateway} }
feedback: { host: 127.0.0.1, port: ${await freePort()} }
tls: { cert: bridge.pem, key: bridge.key, clientCa: ca.pem }
store: store-${name}
drainTimeoutMs: 5000
apps:
  - name: app
    topic: com.example.App
    upstream:
      environment: { host: 127.0.0.1, port: ${port}, ca: ${name}-apple.pem, servername: localhost }
      token: { key: ${name}.p8, keyId: ${keyId}, teamId: ${teamId} }
senders:
  - name: old script
    app: app
    match: { uid: com.example.App }
`;
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, change(text));
  return path;
}

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The lines of all bridges that write to one stdout, the first and those that it starts. */
export class Log {
  readonly lines: Line[] = [];
  #told: () => void = () => {};

  constructor(child: ChildProcess) {
    let rest = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      this.lines.push(...parts.map((line) => JSON.parse(line) as Line));
      this.#told();
    });
  }

  all(msg: string): Line[] {
    return this.lines.filter((line) => line.msg === msg);
  }

  async until(msg: string, count = 1): Promise<Line> {
    while (this.all(msg).length < count) await new Promise<void>((resolve) => (this.#told = resolve));
    return this.all(msg)[count - 1]!;
  }
}

const pids: number[] = [];
afterAll(() => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
});

export interface Running {
  readonly child: ChildProcess;
  readonly log: Log;
}

export async function start(path: string): Promise<Running> {
  const child = spawn(process.execPath, [main, "bridge", "--config", path], {
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  pids.push(child.pid!);
  const log = new Log(child);
  await log.until("The bridge runs.");
  return { child, log };
}

/** A shell that holds a socket open, as systemd does, and starts a bridge with it for each line that it reads. */
export async function keeper(path: string): Promise<Running & { readonly port: number; startNext(): Promise<number> }> {
  const socket = createServer();
  await once(socket.listen(0, "127.0.0.1"), "listening");
  const { port } = socket.address() as { port: number };
  const { fd } = (socket as never as { readonly _handle: { readonly fd: number } })._handle;
  const said = `echo '{"msg":"pid","pid":'$$'}'`;
  const one = `${said}; LISTEN_FDS=1 LISTEN_PID=$$ exec '${process.execPath}' '${main}' bridge --config '${path}'`;
  const child = spawn("sh", ["-c", `while read -r _; do sh -c "$ONE"; done`], {
    env: { ...cleanEnvironment(), ONE: one },
    stdio: ["pipe", "pipe", "inherit", fd],
  });
  socket.close();
  onTestFinished(() => void child.kill());
  const log = new Log(child);
  let started = 0;
  const startNext = async (): Promise<number> => {
    child.stdin!.write("\n");
    const { pid } = await log.until("pid", ++started);
    pids.push(pid as number);
    return pid as number;
  };
  return { child, log, port, startNext };
}

/** Replaces a bridge, and returns the process id of the next one. */
export async function replace(pid: number, log: Log): Promise<number> {
  const before = log.all("Another process takes over.").length;
  process.kill(pid, "SIGUSR2");
  const { successor } = await log.until("Another process takes over.", before + 1);
  pids.push(successor as number);
  return successor as number;
}

export async function connectTo(port: number): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: authority.cert, ...sender });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** Everything that is read until the other side ends. */
export async function read(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks).toString("hex");
}

/** How often each device token was accepted. */
export function accepted(): Map<string, number> {
  const times = new Map<string, number>();
  for (const { verdict, deviceToken } of apple.received) {
    if (verdict.kind === "accepted") times.set(deviceToken, (times.get(deviceToken) ?? 0) + 1);
  }
  return times;
}

export const onceEach = (count: number): [string, number][] => tokens(count).map((one) => [one, 1]);

export async function end(pid: number, log: Log, ended: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await log.until("The bridge has ended.", ended);
}
