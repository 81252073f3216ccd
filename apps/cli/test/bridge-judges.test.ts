// Senders of old, run for real, while the bridge is replaced in the middle of what they write: each notification arrives once.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { accepted, apple, authority, config, end, folder, freePort, replace, sender, start } from "./bridges.ts";

const bridgePackage = new URL("../../../packages/bridge/", import.meta.url);

interface Program {
  readonly command: string;
  readonly script: string;
  /** What must be installed beside the command. */
  readonly check: readonly string[];
  /** How many it sends at most: PHP's looks for an answer for five seconds each hundred. */
  readonly atMost?: number;
}

/** Each takes host, port, certificate, authority and a list of device tokens. */
const programs: readonly Program[] = [
  { command: "php", script: "enhanced.php", check: ["-r", 'exit(extension_loaded("openssl") ? 0 : 1);'], atMost: 150 },
  { command: "perl", script: "enhanced.pl", check: ["-MIO::Socket::SSL", "-e", "1"] },
  { command: "ruby", script: "framed.rb", check: ["-ropenssl", "-e", "1"] },
  { command: "python3", script: "framed.py", check: ["-c", "import ssl"] },
];
const present = programs.filter(({ command, check }) => spawnSync(command, check).status === 0);

const listOf = (place: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${place}a${index.toString(16).padStart(62, "0")}`);

/** Runs a sender's program to its end and returns what it printed. */
function run({ command, script }: Program, port: number, list: readonly string[]): Promise<string> {
  const file = join(folder, `${script}-${list.length}.txt`);
  writeFileSync(file, `${list.join("\n")}\n`);
  const path = new URL(`test/judges/${script}`, bridgePackage).pathname;
  const args = [path, "127.0.0.1", String(port), join(folder, "sender.pem"), join(folder, "ca.pem"), file];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  return once(child, "close").then(() => printed);
}

/** apn@1.7.8, which resends by itself. */
function runNodeApn(port: number, list: readonly string[]): void {
  const apn = createRequire(new URL("package.json", bridgePackage))("apn");
  const { cert, key } = sender;
  // It keeps as many as it may have to resend.
  const options = {
    address: "localhost",
    port,
    ca: [authority.cert],
    cert,
    key,
    production: true,
    cacheLength: 10_000,
  };
  const connection = new apn.Connection(options);
  onTestFinished(() => connection.shutdown());
  const notification = new apn.Notification({ aps: { alert: "Hello from Node 0.12" } });
  notification.expiry = Math.floor(Date.now() / 1000) + 3_600;
  connection.pushNotification(notification, list);
}

test("Apple is away: they write, hear nothing bad and leave; each arrives once, when Apple is back", {
  timeout: 120_000,
}, async () => {
  const lists = present.map((_, place) => listOf(place, 90));
  const byNode = listOf(9, 90);
  const all = [...lists, byNode].flat();
  apple.world.register(all);
  const port = await freePort();
  // Nothing listens there yet.
  const way = await freePort();
  const toApple = (text: string): string => text.replace(`port: ${apple.http2.port}`, `port: ${way}`);
  const running = await start(await config(port, toApple));
  runNodeApn(port, byNode);
  const printed = await Promise.all(present.map((program, place) => run(program, port, lists[place]!)));
  expect(printed).toEqual(present.map(() => "DONE\n"));
  expect(accepted().size).toBe(0);
  const server = createServer((socket) => {
    const onward = connect(apple.http2.port, "127.0.0.1");
    socket
      .on("error", () => {})
      .pipe(onward)
      .on("error", () => {})
      .pipe(socket);
  });
  await once(server.listen(way, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  while (accepted().size < all.length) await new Promise((resolve) => setTimeout(resolve, 20));
  await end(running.child.pid!, running.log, 1);
  expect([...accepted()].filter(([, times]) => times !== 1)).toEqual([]);
});

test.each([1_000, 5_000])(
  "%i frames each, the bridge being replaced in the middle: each arrives once",
  {
    timeout: 120_000,
  },
  async (count) => {
    const lists = present.map(({ atMost = count }, place) => listOf(place, Math.min(atMost, count)));
    const byNode = listOf(9, count);
    const all = [...lists, byNode].flat();
    apple.world.register(all);
    const port = await freePort();
    const running = await start(await config(port));
    runNodeApn(port, byNode);
    const programs = Promise.all(present.map((program, place) => run(program, port, lists[place]!)));
    while (accepted().size < all.length / 3) await new Promise((resolve) => setTimeout(resolve, 20));
    const pid = await replace(running.child.pid!, running.log);
    for (const [place, printed] of (await programs).entries()) {
      // Whoever was in the middle of it was told where to go on, and did.
      expect(printed, present[place]!.script).toMatch(/^(ERROR 10 \d+\n)*DONE\n$/);
    }
    while (accepted().size < all.length) await new Promise((resolve) => setTimeout(resolve, 20));
    await end(pid, running.log, 2);
    expect([...accepted()].filter(([, times]) => times !== 1)).toEqual([]);
  },
);
