// Legacy senders that share nothing with this family, run for real: apn@1.7.8 as published, and PHP, Perl, Ruby, Python and
// openssl with what people ran against Apple. One at a time and all together, with a bad device token in the middle. They
// look for the answer as long as the patient ones did, 5 s, since a busy machine is not what is judged here.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority, type PemIdentity } from "@apns/credentials";
import type { Simulator } from "@apns/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type FeedbackStore, memoryFeedbackStore } from "../src/index.ts";
import { apple, bridgeFor, frame, type TestBridge, topic, transportTo, until } from "./support.ts";

/** Some of them read RSA keys only, and files only. */
interface Files {
  readonly folder: string;
  readonly pem: string;
  readonly ca: string;
  readonly server: PemIdentity;
  readonly client: PemIdentity;
  readonly authority: string;
}

let files: Files;
beforeAll(async () => {
  const authority = await CertificateAuthority.create({ keyType: "rsa" });
  const server = await authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
  const environments = ["production", "development"] as const;
  const client = await authority.issuePushCertificate({ bundleId: topic, teamId: "TEAM123456", environments });
  const folder = mkdtempSync(join(tmpdir(), "apns-judges-"));
  const [pem, ca] = [join(folder, "sender.pem"), join(folder, "ca.pem")];
  writeFileSync(pem, client.cert + client.key);
  writeFileSync(ca, authority.cert);
  files = { folder, pem, ca, server, client, authority: authority.cert };
});
afterAll(() => rmSync(files.folder, { recursive: true, force: true }));

let simulator: Simulator;
let running: TestBridge;
let feedbackStore: FeedbackStore;
beforeEach(async () => {
  simulator = await apple({ maxReceived: 100_000 });
  feedbackStore = memoryFeedbackStore();
  const tls = { ...files.server, clientCa: files.authority };
  running = await bridgeFor({ transport: transportTo(simulator) }, { tls, feedbackStore, errorLingerMs: 300 });
});

/** Device tokens of one sender, of which one is bad and one is on no device any more. */
interface Batch {
  readonly tokens: readonly string[];
  readonly bad: number | undefined;
  readonly gone: number;
}

function makeBatch(sender: number, size: number, bad: number | undefined): Batch {
  const tokens = Array.from({ length: size }, (_, index) => `${sender}f${index.toString(16).padStart(62, "0")}`);
  const gone = Math.floor(size * 0.7);
  simulator.world.register(tokens.filter((_, index) => index !== bad));
  simulator.world.unregister(tokens[gone]!);
  return { tokens, bad, gone };
}

/** Each good device token was reached once, and the one that is gone is in the feedback list. */
async function expectExactlyOnce({ tokens, bad, gone }: Batch): Promise<void> {
  const times = new Map(tokens.map((token) => [token, 0]));
  for (const { verdict, deviceToken } of simulator.received) {
    if (verdict.kind === "accepted" && times.has(deviceToken)) times.set(deviceToken, times.get(deviceToken)! + 1);
  }
  const expected = tokens.map((token, index) => [token, index === bad || index === gone ? 0 : 1]);
  expect([...times]).toEqual(expected);
  const feedback: string[] = [];
  for await (const { deviceToken } of feedbackStore.read(topic)) feedback.push(deviceToken);
  expect(feedback).toContain(tokens[gone]);
}

/** Runs a sender's program to its end and returns what it printed. */
function program(command: string, args: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output.trim().split("\n"));
      else reject(new Error(`${command} ended with ${code}: ${output}${errors}`));
    });
  });
}

interface Judge {
  readonly name: string;
  readonly command: string;
  readonly script: string;
  /** What it calls the first notification. */
  readonly firstIdentifier: number;
  /** Whether it could be told of a bad device token. */
  readonly hears: boolean;
  readonly size: number;
  /** What must be installed beside the command. */
  readonly check: readonly string[];
}

const judges: readonly Judge[] = [
  {
    name: "PHP, command 0",
    command: "php",
    script: "simple.php",
    firstIdentifier: 0,
    hears: false,
    size: 250,
    check: ["-r", 'exit(extension_loaded("openssl") ? 0 : 1);'],
  },
  {
    name: "PHP, command 1",
    command: "php",
    script: "enhanced.php",
    firstIdentifier: 0,
    hears: true,
    size: 200,
    check: ["-r", 'exit(extension_loaded("openssl") ? 0 : 1);'],
  },
  {
    name: "Perl, command 1",
    command: "perl",
    script: "enhanced.pl",
    firstIdentifier: 0,
    hears: true,
    size: 60,
    check: ["-MIO::Socket::SSL", "-e", "1"],
  },
  {
    name: "Ruby, command 2",
    command: "ruby",
    script: "framed.rb",
    firstIdentifier: 0,
    hears: true,
    size: 500,
    check: ["-ropenssl", "-e", "1"],
  },
  {
    name: "Python, command 2, resent as 1",
    command: "python3",
    script: "framed.py",
    firstIdentifier: 1,
    hears: true,
    size: 500,
    check: ["-c", "import ssl"],
  },
];

const isThere = ({ command, check }: Judge): boolean => spawnSync(command, check).status === 0;

function run({ command, script }: Judge, { tokens }: Batch): Promise<string[]> {
  const list = join(files.folder, `${script}-${Math.random()}.txt`);
  writeFileSync(list, `${tokens.join("\n")}\n`);
  const port = String(running.bridge.ports.gateway[0]);
  return program(command, [join(import.meta.dirname, "judges", script), "127.0.0.1", port, files.pem, files.ca, list]);
}

for (const [index, judge] of judges.entries()) {
  test.skipIf(!isThere(judge))(
    `${judge.name}: told of the bad one, and every other delivered once`,
    { timeout: 120_000 },
    async () => {
      const batch = makeBatch(index, judge.size, judge.hears ? Math.floor(judge.size * 0.4) : undefined);
      const heard = batch.bad === undefined ? [] : [`ERROR 8 ${batch.bad + judge.firstIdentifier}`];
      expect(await run(judge, batch)).toEqual([...heard, "DONE"]);
      await until(() => running.bridge.stats().undecided === 0 && running.bridge.stats().gatewayConnections === 0);
      await expectExactlyOnce(batch);
    },
  );
}

for (const [index, judge] of judges.entries()) {
  test.skipIf(!isThere(judge))(
    `${judge.name}: reports an error while it is not listed`,
    { timeout: 60_000 },
    async () => {
      const senders = [{ name: "another", app: "app", match: { uid: "com.example.Another" } }];
      await running.bridge.reload({ ...running.options, senders });
      const printed = await run(judge, makeBatch(index, 20, undefined)).catch(({ message }: Error) => [message]);
      expect(printed).not.toContain("DONE");
      expect(printed.join(" ")).toMatch(/connect|reset|SSL|handshake/i);
      expect([...simulator.received]).toEqual([]);
    },
  );
}

test.skipIf(!judges.every(isThere))("all of them together", { timeout: 180_000 }, async () => {
  const batches = judges.map((judge, index) => makeBatch(index, judge.size, judge.hears ? 7 + index : undefined));
  const printed = await Promise.all(judges.map((judge, index) => run(judge, batches[index]!)));
  expect(printed).toEqual(
    judges.map(({ hears, firstIdentifier }, index) =>
      hears ? [`ERROR 8 ${7 + index + firstIdentifier}`, "DONE"] : ["DONE"],
    ),
  );
  await until(() => running.bridge.stats().undecided === 0 && running.bridge.stats().gatewayConnections === 0);
  for (const batch of batches) await expectExactlyOnce(batch);
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test.skipIf(!hasOpenssl)("openssl s_client with bytes typed in", { timeout: 60_000 }, async () => {
  const [good, bad] = ["000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "ee".repeat(32)];
  simulator.world.register(good);
  const port = String(running.bridge.ports.gateway[0]);
  const client = spawn("openssl", [
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    "-cert",
    files.pem,
    "-key",
    files.pem,
    "-quiet",
    "-ign_eof",
  ]);
  onTestFinished(() => void client.kill("SIGKILL"));
  const chunks: Buffer[] = [];
  client.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
  // The vector of the reference: command 1, identifier 0x01020304, the token above.
  const vector = `01010203046553f1000020${good}00167b22617073223a7b22616c657274223a224869227d7d`;
  client.stdin.write(Buffer.from(vector, "hex"));
  client.stdin.write(frame({ identifier: 0xcafe, token: bad }));
  await until(() => Buffer.concat(chunks).length >= 6);
  expect(Buffer.concat(chunks).toString("hex")).toBe("08080000cafe");
  expect(simulator.received.for(good)).toMatchObject([
    { wire: "http2", expiration: 1_700_000_000, verdict: { kind: "accepted" } },
  ]);
});

describe("apn@1.7.8", () => {
  interface LegacyConnection {
    on(event: string, listener: (...args: never[]) => void): void;
    pushNotification(notification: unknown, recipients: readonly string[]): void;
    shutdown(): void;
  }
  interface LegacyFeedback {
    on(event: string, listener: (...args: never[]) => void): void;
    cancel(): void;
  }
  const require = createRequire(import.meta.url);
  const apn = require("apn") as {
    Connection: new (options: object) => LegacyConnection;
    Feedback: new (options: object) => LegacyFeedback;
    Notification: new (payload: object) => unknown;
  };
  const optionsFor = (port: number): object => {
    const { cert, key } = files.client;
    return { address: "localhost", port, ca: [files.authority], cert, key, production: true };
  };

  test("resends by itself behind the bad one, and reads the feedback", { timeout: 60_000 }, async () => {
    const batch = makeBatch(9, 400, 150);
    const connection = new apn.Connection(optionsFor(running.bridge.ports.gateway[0]!));
    onTestFinished(() => connection.shutdown());
    const errors: [number, string][] = [];
    connection.on("transmissionError", (code: number, _: unknown, device: { token: Buffer }) => {
      errors.push([code, device.token.toString("hex")]);
    });
    connection.pushNotification(new apn.Notification({ aps: { alert: "Hello from Node 0.12" } }), batch.tokens);
    await until(() => running.bridge.stats().apps["app"]?.accepted === batch.tokens.length - 2);
    expect(errors).toEqual([[8, batch.tokens[150]!]]);
    await expectExactlyOnce(batch);

    const feedback = new apn.Feedback({ ...optionsFor(running.bridge.ports.feedback[0]!), interval: 0 });
    onTestFinished(() => feedback.cancel());
    const told = await new Promise<string[]>((resolve) => {
      feedback.on("feedback", (items: { device: { token: Buffer } }[]) =>
        resolve(items.map(({ device }) => device.token.toString("hex"))),
      );
    });
    expect(told).toEqual([batch.tokens[batch.gone]]);
  });
});
