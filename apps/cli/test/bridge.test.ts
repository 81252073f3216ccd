// `apns bridge` as a service: its file, its signals, its log, in a process of its own.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { encodeFrame } from "@apns/binary/wire";
import { type Simulator, startSimulator } from "@apns/simulator";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { apns, type Result } from "./apns.ts";

let apple: Simulator;
let folder: string;
beforeAll(async () => {
  apple = await startSimulator({ bundleId: "com.example.App" });
  apple.world.register("ab".repeat(32));
  folder = mkdtempSync(join(tmpdir(), "apns-cli-bridge-"));
  const server = await apple.authority.issueServer({ hosts: ["localhost"] });
  const { ca, signingKey } = apple.credentials;
  const files = { "bridge.pem": server.cert, "bridge.key": server.key, "ca.pem": ca, "AuthKey.p8": signingKey };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(async () => {
  await apple.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A configuration file; each test has a store of its own. */
function config(name: string, change: (text: string) => string = (text) => text): string {
  const { port } = apple.http2;
  const { keyId, teamId } = apple.credentials;
  const path = join(folder, `${name}.yaml`);
  const text = `gateway: { host: 127.0.0.1, port: 0 }
feedback: { host: 127.0.0.1, port: 0 }
operations: { port: 0 }
tls: { cert: bridge.pem, key: bridge.key, clientCa: ca.pem }
store: store-${name}
audit: audit-${name}.ndjson
apps:
  - name: app
    topic: com.example.App
    upstream:
      environment: { host: 127.0.0.1, port: ${port}, ca: ca.pem, servername: localhost }
      token: { key: AuthKey.p8, keyId: ${keyId}, teamId: ${teamId} }
senders:
  - name: old script
    app: app
    match: { uid: com.example.App }
`;
  writeFileSync(path, change(text));
  return path;
}

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A running `apns bridge`: the lines of its log as they come. */
class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  readonly lines: Line[] = [];

  constructor(args: readonly string[]) {
    let started: ChildProcess | undefined;
    this.ended = apns(["bridge", ...args], {
      onStart: (child) => {
        started = child;
      },
    });
    this.child = started!;
    onTestFinished(() => void this.child.kill("SIGKILL"));
    let rest = "";
    this.child.stdout!.on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      this.lines.push(...parts.map((line) => JSON.parse(line) as Line));
    });
  }

  /** The first line with this message, whether it has come or will. */
  async line(msg: string): Promise<Line> {
    for (;;) {
      const found = this.lines.find((line) => line.msg === msg);
      if (found !== undefined) return found;
      await Promise.race([
        once(this.child.stdout!, "data"),
        this.ended.then(({ code, stdout, stderr }) => {
          throw new Error(`ended with ${code}, before "${msg}": ${stdout}${stderr}`);
        }),
      ]);
    }
  }
}

async function connectTo(port: number): Promise<TLSSocket> {
  const { ca, tls } = apple.credentials;
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca, ...tls });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

function frame(identifier: number, token = "ab".repeat(32)): Uint8Array {
  const payload = Buffer.from('{"aps":{"alert":"Hi"}}');
  return encodeFrame({ command: 1, identifier, expiry: 0, deviceToken: Buffer.from(token, "hex"), payload });
}

const portOf = (line: Line): number => (line["gateway"] as number[])[0]!;

test("a right file is said to be right, a wrong one with file, line and column", async () => {
  const right = await apns(["bridge", "--check", "--json", "--config", config("right")]);
  expect(right).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(right.stdout)).toEqual({ ok: true, apps: ["app"], senders: ["old script"] });
  const path = config("wrong", (text) => text.replace("app: app", "app: ap").replace("topic:", "topc:"));
  const wrong = await apns(["bridge", "--check", "--config", path]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain(`${path}:8:5: apps[0].topic: is missing.`);
  expect(wrong.stderr).toContain(`${path}:9:5: apps[0].topc: is not a setting that exists here.`);
});

test("a key that cannot be used is told with its place, and not shown", async () => {
  writeFileSync(join(folder, "bad.p8"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  const path = config("bad-key", (text) => text.replace("AuthKey.p8", "bad.p8"));
  const { code, stderr } = await apns(["bridge", "--check", "--config", path]);
  expect(code).toBe(2);
  expect(stderr).toContain(`${path}:10:5: apps[0].upstream: `);
  expect(stderr).not.toContain("c2VjcmV0");
  const missing = await apns(["bridge", "--check", "--config", "/nonexistent.yaml"]);
  expect(missing).toMatchObject({ code: 2, stderr: "apns: --config: there is no file /nonexistent.yaml\n" });
  const large = join(folder, "large.yaml");
  writeFileSync(large, "#".repeat(1_048_577));
  expect(await apns(["bridge", "--check", "--config", large])).toMatchObject({
    code: 2,
    stderr: `apns: --config: ${large} has more than 1048576 bytes, and is no such file\n`,
  });
});

test("a store or an audit that cannot be written is told before the bridge is started", async () => {
  writeFileSync(join(folder, "taken"), "");
  const check = async (change: (text: string) => string): Promise<string> =>
    (await apns(["bridge", "--check", "--config", config("unwritable", change)])).stderr;
  const path = join(folder, "unwritable.yaml");
  const taken = join(folder, "taken");
  expect(await check((text) => text.replace("store-unwritable", "taken"))).toBe(
    `apns: ${path}:5:1: store: ${taken} is no folder.\n`,
  );
  expect(await check((text) => text.replace("audit-unwritable.ndjson", "taken/a/b"))).toBe(
    `apns: ${path}:6:1: audit: ${taken}/a/b cannot be made: ${taken} is no folder.\n`,
  );
  expect(await check((text) => text.replace("audit: audit-unwritable.ndjson", "audit: { file: . }"))).toBe(
    `apns: ${path}:6:10: audit.file: ${folder} is a folder.\n`,
  );
  expect(existsSync(join(folder, "store-unwritable"))).toBe(false);
});

test("it serves, reloads under a connection that lives on, and drains", { timeout: 60_000 }, async () => {
  const path = config("service");
  const bridge = new Running(["--config", path]);
  const started = await bridge.line("The bridge runs.");
  const socket = await connectTo(portOf(started));
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("hex");
  });
  const accepted = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${started["operations"]}/metrics`);
    return (await response.text()).match(/^apns_bridge_accepted_total\{app="app"\} (\d+)$/m)?.[1] ?? "";
  };
  socket.write(frame(1));
  while ((await accepted()) !== "1");

  // A wrong file changes nothing; a right one takes effect.
  const right = readFileSync(path, "utf8");
  writeFileSync(path, right.replace("topic:", "topc:"));
  bridge.child.kill("SIGHUP");
  const refused = await bridge.line("The configuration is wrong; nothing was changed.");
  expect(refused["error"]).toContain(`${path}:8:5: apps[0].topic: is missing.`);
  writeFileSync(path, `${right}rules: { BadDeviceToken: feedback }\n`);
  bridge.child.kill("SIGHUP");
  expect(await bridge.line("The configuration was read again.")).toMatchObject({ needRestart: [] });
  writeFileSync(path, `${right}rules: { BadDeviceToken: feedback }\nlimits: { maxUndecided: 5 }\n`);
  bridge.child.kill("SIGHUP");
  while (!bridge.lines.some(({ needRestart }) => JSON.stringify(needRestart) === '["limits.maxUndecided"]')) {
    await once(bridge.child.stdout!, "data");
  }
  socket.write(frame(2, "cd".repeat(32)));
  socket.write(frame(3));
  while ((await accepted()) !== "2");
  expect(apple.stats().http2.connections).toBe(1);

  bridge.child.kill("SIGTERM");
  await once(socket, "end");
  expect(answer).toBe("080a00000003");
  socket.end();
  expect((await bridge.ended).code).toBe(0);
  // It names device tokens.
  expect(statSync(join(folder, "audit-service.ndjson")).mode & 0o777).toBe(0o600);
  const audit = readFileSync(join(folder, "audit-service.ndjson"), "utf8").trim().split("\n");
  expect(audit.map((line) => JSON.parse(line))).toMatchObject([
    {
      sender: "old script",
      app: "app",
      command: 1,
      identifier: 2,
      deviceToken: "cd".repeat(32),
      cause: "BadDeviceToken",
      done: "feedback",
    },
  ]);
  // No secret is in the log.
  const secret = apple.credentials.signingKey.split("\n")[1]!;
  expect(JSON.stringify(bridge.lines)).not.toContain(secret);
});

test("--replay sends again, once, what was lost, and says what is missing for the rest", async () => {
  const deviceToken = "ab".repeat(32);
  const lost = (number: number, change: object = {}): string =>
    JSON.stringify({
      app: "app",
      deviceToken,
      apnsId: `00000000-0000-8000-8000-00000000000${number}`,
      cause: "unsent",
      done: "shutdown",
      isGone: true,
      payload: Buffer.from(`{"aps":{"alert":"${number}"}}`).toString("base64"),
      pushType: "alert",
      priority: 5,
      expiration: 0x7f00_0000,
      ...change,
    });
  const lines = [
    lost(1),
    // Its sender was told, and resends it.
    lost(2, { isGone: false }),
    lost(3, { cause: "unconfirmed", done: "accepted" }),
    lost(4, { expiration: 1 }),
    lost(5, { payload: undefined }),
    lost(6, { app: "another" }),
    lost(7, { cause: "BadDeviceToken", done: "status 8" }),
    '{"half a line',
  ];
  writeFileSync(join(folder, "lost.ndjson"), `${lines.join("\n")}\n`);
  const path = config("replay", (text) => text.replace("audit-replay.ndjson", "lost.ndjson"));
  const replay = async (...flags: string[]): Promise<unknown> =>
    JSON.parse((await apns(["bridge", "--replay", "--json", "--config", path, ...flags])).stdout);
  const before = apple.received.length;
  const rest = { notAccepted: 0, expired: 1, withoutPayload: 1, ofOtherApps: 1 };
  expect(await replay()).toEqual({ accepted: 1, ...rest });
  expect(await replay()).toEqual({ accepted: 0, ...rest });
  expect(await replay("--uncertain")).toEqual({ accepted: 1, ...rest });
  const sent = [...apple.received].slice(before).map(({ apnsId, priority }) => [apnsId, priority]);
  expect(sent).toEqual([1, 3].map((number) => [`00000000-0000-8000-8000-00000000000${number}`, 5]));
  expect((await apns(["bridge", "--replay", "--config", path])).stdout).toContain("0 accepted, 0 not accepted.\n");
});

test("the audit has the payload where that is asked for", { timeout: 60_000 }, async () => {
  const change = (text: string): string =>
    text.replace("audit: audit-payload.ndjson", "audit: { file: audit-payload.ndjson, payload: true }");
  const bridge = new Running(["--config", config("payload", change)]);
  const socket = await connectTo(portOf(await bridge.line("The bridge runs.")));
  socket.write(frame(1, "cd".repeat(32)));
  await once(socket.resume(), "end");
  socket.end();
  const [line] = readFileSync(join(folder, "audit-payload.ndjson"), "utf8").split("\n");
  expect(JSON.parse(line!)).toMatchObject({
    payload: Buffer.from('{"aps":{"alert":"Hi"}}').toString("base64"),
    pushType: "alert",
    priority: 10,
    expiration: 0,
  });
  bridge.child.kill("SIGKILL");
});

test.skipIf(!existsSync("/dev/full"))("a disk that is full ends nothing", { timeout: 60_000 }, async () => {
  const path = config("full", (text) => text.replace("audit-full.ndjson", "/dev/full"));
  const bridge = new Running(["--config", path]);
  const port = portOf(await bridge.line("The bridge runs."));
  for (const identifier of [1, 2]) {
    const socket = await connectTo(port);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("hex");
    });
    socket.write(frame(identifier, "cd".repeat(32)));
    await once(socket, "end");
    expect(answer).toBe(`08080000000${identifier}`);
    socket.end();
  }
  bridge.child.kill("SIGTERM");
  expect((await bridge.ended).code).toBe(0);
  const told = bridge.lines.filter(({ msg }) => msg === "The audit cannot be written.");
  expect(told).toMatchObject([{ error: expect.stringContaining("ENOSPC") }]);
});

test("the audit moves to a new file on SIGHUP, and stays with the old one where there can be none", {
  timeout: 60_000,
}, async () => {
  const inFolder = join(folder, "audits");
  const path = config("rotated", (text) => text.replace("audit-rotated.ndjson", "audits/rejected.ndjson"));
  const bridge = new Running(["--config", path]);
  const port = portOf(await bridge.line("The bridge runs."));
  const refuse = async (identifier: number): Promise<void> => {
    const socket = await connectTo(port);
    socket.write(frame(identifier, "cd".repeat(32)));
    await once(socket.resume(), "end");
    socket.end();
  };
  const identifiers = (file: string): number[] =>
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).identifier);
  await refuse(1);
  renameSync(join(inFolder, "rejected.ndjson"), join(inFolder, "rejected.1"));
  bridge.child.kill("SIGHUP");
  await bridge.line("The configuration was read again.");
  await refuse(2);
  expect(identifiers(join(inFolder, "rejected.1"))).toEqual([1]);
  expect(identifiers(join(inFolder, "rejected.ndjson"))).toEqual([2]);
  renameSync(inFolder, join(folder, "moved"));
  writeFileSync(inFolder, "");
  bridge.child.kill("SIGHUP");
  await bridge.line("The audit cannot be opened anew; the old file is written on.");
  await refuse(3);
  expect(identifiers(join(folder, "moved", "rejected.ndjson"))).toEqual([2, 3]);

  const { code, stderr } = await apns(["bridge", "--config", path]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `apns: ${path}:6:1: audit: ${join(inFolder, "rejected.ndjson")} cannot be opened for writing (EEXIST).\n`,
  });
});

test("--shadow says what would be sent, and sends nothing", { timeout: 60_000 }, async () => {
  const before = apple.stats().http2.received;
  const bridge = new Running(["--shadow", "--config", config("shadow")]);
  const socket = await connectTo(portOf(await bridge.line("The bridge runs.")));
  socket.write(frame(7));
  expect(await bridge.line("This would be sent.")).toMatchObject({
    app: "app",
    deviceToken: "ab".repeat(32),
    topic: "com.example.App",
    pushType: "alert",
    apnsId: expect.stringMatching(/00000007$/),
  });
  expect(apple.stats().http2.received).toBe(before);
  bridge.child.kill("SIGINT");
  socket.resume();
  socket.once("end", () => socket.end());
  expect((await bridge.ended).code).toBe(0);
});

test("no text steers the terminal that the log is shown on, and what is parsed is what was said", async () => {
  const name = "app\u009b31m\u202e";
  const change = (text: string): string => text.replaceAll(/(name|app): app$/gm, `$1: ${JSON.stringify(name)}`);
  const bridge = new Running(["--shadow", "--config", config("hostile", change)]);
  const socket = await connectTo(portOf(await bridge.line("The bridge runs.")));
  socket.write(frame(7));
  expect(await bridge.line("This would be sent.")).toMatchObject({ app: name });
  bridge.child.kill("SIGINT");
  socket.resume();
  socket.once("end", () => socket.end());
  const { code, stdout } = await bridge.ended;
  expect(code).toBe(0);
  expect(stdout).toContain(String.raw`"app":"app\u009b31m\u202e"`);
  expect(stdout).not.toContain(name);
});
