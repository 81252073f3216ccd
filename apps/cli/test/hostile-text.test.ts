// Text of others (peers, certificates, tokens, lists) never reaches a terminal raw: it could clear it, rewrite what stands
// there, forge lines, or reorder what is read.
import { readdirSync, readFileSync } from "node:fs";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CertificateAuthority } from "@apns/credentials";
import type { ReceivedNotification, SimulatorStats } from "@apns/simulator";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { makeView } from "../src/simulate/view.js";
import { apnsOnTerminal, hasTerminal, type Result } from "./apns.js";
import { apnsInProcess } from "./in-process.js";
import { type Apple, startApple, tokenOf } from "./simulator.js";

const hostile = "\u001b[2J\u001b]0;owned\u0007\r\naccepted\u009b31m\u0085\u202egnp\u2028\u007f";
const escaped = String.raw`\u001b[2J\u001b]0;owned\u0007\r\naccepted\u009b31m\u0085\u202egnp\u2028\u007f`;

/** By the code, so that no class of the implementation judges itself. */
const steers = (text: string): boolean =>
  [...text].some((character) => {
    const code = character.charCodeAt(0);
    const isControl = (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code <= 0x9f);
    const reorders = code === 0x61c || code === 0x200e || code === 0x200f || (code >= 0x2066 && code <= 0x2069);
    return isControl || reorders || (code >= 0x2028 && code <= 0x202e);
  });

/** A server that answers every request with this reason. */
async function serverSaying(apple: Apple, reason: string): Promise<Http2SecureServer> {
  const { cert, key } = await apple.simulator.authority.issueServer({ hosts: ["127.0.0.1"] });
  const server = createSecureServer({ cert, key });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 400 });
    stream.end(JSON.stringify({ reason }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return server;
}

const portOf = (server: Http2SecureServer): string => String((server.address() as AddressInfo).port);

/** A command in the folder, and everything that comes out of it, which must be harmless. */
async function harmless(folder: string, args: readonly string[], stdin?: string): Promise<Result> {
  const result = await apnsInProcess(args, {
    cwd: folder,
    env: { APNS_CONFIG: "apns.json" },
    ...(stdin === undefined ? {} : { stdin }),
  });
  expect({ args, steered: steers(result.stdout + result.stderr) }).toEqual({ args, steered: false });
  expect(result.stdout + result.stderr).not.toMatch(/^accepted/m);
  return result;
}

describe("a reason that a peer made up", () => {
  test.each([
    ["send", ["--body", "x", tokenOf(1)]],
    ["send --json", ["--json", "--body", "x", tokenOf(1)]],
    ["send, many", ["--to", "list.txt", "--body", "x"]],
    ["channels create", ["--storage", "none"]],
    ["channels create --json", ["--json", "--storage", "none"]],
    ["channels show", ["dHN0LXNyY2gtY2hubA=="]],
    ["doctor", ["--timeout", "5"]],
    ["doctor --json", ["--json", "--timeout", "5"]],
    ["bench", ["--host", "127.0.0.1", "--count", "1", "--transport", "http2"]],
  ])("is harmless in %s", async (command, args) => {
    const apple = await startApple();
    apple.write("list.txt", [1, 2, 3].map(tokenOf).join("\n"));
    const server = await serverSaying(apple, hostile);
    const words = command.replace(/,.*| --json/g, "").split(" ");
    const { stdout, stderr } = await harmless(apple.folder, [...words, ...args, "--port", portOf(server)]);
    // Of its JSON, the same is read; for people, it is shown.
    const output = stdout + stderr;
    if (args.includes("--json")) expect(JSON.stringify(output)).toContain("owned");
    else expect(output).toContain(escaped);
  });

  test("is harmless in the file of outcomes, which says the same", async () => {
    const apple = await startApple();
    const server = await serverSaying(apple, hostile);
    const out = join(apple.folder, "out.ndjson");
    await harmless(apple.folder, ["send", "--body", "x", "--out", out, "--port", portOf(server), tokenOf(1)]);
    const text = readFileSync(out, "utf8");
    expect(steers(text)).toBe(false);
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).reason),
    ).toContain(hostile);
  });

  test("that is what was sent to it is not repeated", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issueServer({ hosts: ["127.0.0.1"] });
    const server = createSecureServer({ cert, key });
    let token = "";
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      // The doctor asks for the time, too, without one.
      token = headers["authorization"]?.slice("bearer ".length) ?? token;
      stream.respond({ ":status": 400 });
      stream.end(JSON.stringify({ reason: token }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const out = join(apple.folder, "out.ndjson");
    for (const args of [["send", "--body", "x", "--out", out, tokenOf(1)], ["doctor"], ["channels", "list"]]) {
      const { stdout, stderr } = await harmless(apple.folder, [...args, "--port", portOf(server)]);
      expect(token).toMatch(/^eyJ/);
      expect(stdout + stderr).toContain("text that looks like a provider token (JWT)");
      expect(stdout + stderr).not.toContain(token.slice(-20));
    }
    expect(readFileSync(out, "utf8")).not.toContain(token.slice(-20));
  });
});

test("names in certificates are harmless", async () => {
  const { folder, write } = await startApple();
  const authority = await CertificateAuthority.create({ commonName: `A${hostile}`.slice(0, 60), keyType: "ec" });
  const { cert, key } = await authority.issuePushCertificate({
    bundleId: "com.example.App",
    teamId: "TEAM123456",
    environments: ["production"],
    commonName: hostile,
  });
  write("hostile.pem", `${cert}${key}${authority.cert}`);
  for (const json of [[], ["--json"]]) {
    const { stdout } = await harmless(folder, ["cert", "inspect", ...json, "hostile.pem"]);
    expect(stdout).toContain(escaped);
    await harmless(folder, ["doctor", ...json, "--cert", "hostile.pem", "--timeout", "5"]);
    await harmless(folder, [
      "cert",
      "convert",
      "hostile.pem",
      "--out",
      `x${hostile.slice(0, 8)}.crt`,
      "--force",
      ...json,
    ]);
  }
});

test("the claims of a token are harmless", async () => {
  const { folder } = await startApple();
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: hostile, kid: hostile })}.${part({ iss: hostile, iat: hostile })}.AAAA`;
  for (const json of [[], ["--json"]]) {
    const { stdout } = await harmless(folder, ["token", "inspect", ...json], token);
    expect(stdout).toContain(escaped.slice(0, 30));
  }
});

test.each([
  [
    "the heading of a CSV",
    ["send", "--to", "-", "--to-format", "csv", "--body", "x"],
    `name,${hostile.slice(0, 20)}\n`,
  ],
  ["a field of a line", ["send", "--to", "-", "--body", "x"], `{"deviceToken":"${hostile.slice(0, 4)}"}\n`],
  ["a payload", ["payload", "check", "--payload", "-"], JSON.stringify({ aps: { [hostile]: 1 } })],
  ["a payload of a dry run", ["send", "--payload", "-", "--dry-run", tokenOf(1)], `{"a":"\u009b31m\u202e"}`],
  [
    "a payload of a dry run, byte by byte",
    ["send", "--payload", "-", "--dry-run", "--hex", tokenOf(1)],
    '{"a":"\u009b"}',
  ],
  ["a payload of a dry run as JSON", ["send", "--payload", "-", "--dry-run", "--json", tokenOf(1)], '{"a":"\u009b"}'],
  ["a configuration", ["token", "make", "--config", "-"], JSON.stringify({ [hostile]: 1 })],
  ["an option", ["payload", "size", `--${hostile}`], ""],
  ["a path", ["key", "inspect", `x${hostile.slice(0, 6)}.p8`], ""],
  ["a name of a variable", ["send", "--merge", hostile, tokenOf(1)], ""],
])("%s is harmless", async (_, args, stdin) => {
  const { folder } = await startApple();
  await harmless(folder, args, stdin);
});

describe("what arrives at the simulator", () => {
  afterEach(() => vi.restoreAllMocks());

  const received = {
    receivedAt: 0,
    wire: "http2",
    deviceToken: hostile.slice(0, 12),
    payload: hostile,
    verdict: { kind: "rejected", reason: hostile },
  } as unknown as ReceivedNotification;
  const stats = { http2: { accepted: 0, rejected: 1 }, binary: { accepted: 0, rejected: 0 } } as SimulatorStats;
  const where = {
    http2: "h",
    gateway: "g",
    feedback: "f",
    channels: "c",
    control: undefined,
    folder: "d",
    config: "e",
  };

  /** Everything that a view prints of it. */
  function shown(json: boolean, isTTY: boolean): string {
    let text = "";
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    const { stdout } = process;
    const terminal = { isTTY, hasColors: () => true };
    const original = Object.fromEntries(
      Object.keys(terminal).map((name) => [name, Object.getOwnPropertyDescriptor(stdout, name)]),
    );
    for (const [name, value] of Object.entries(terminal)) {
      Object.defineProperty(stdout, name, { configurable: true, value });
    }
    try {
      const view = makeView(json);
      view.listening(where);
      view.received(received);
      view.note(`signed ${hostile}`);
      view.end(stats);
    } finally {
      for (const [name, descriptor] of Object.entries(original)) {
        if (descriptor === undefined) Reflect.deleteProperty(stdout, name);
        else Object.defineProperty(stdout, name, descriptor);
      }
    }
    return text;
  }

  test.each([
    ["lines", false, false],
    ["JSON", true, false],
  ])("is harmless as %s", (_, json, isTTY) => {
    const text = shown(json, isTTY);
    expect(steers(text)).toBe(false);
    expect(text).toContain(escaped.slice(0, 20));
  });

  test("is harmless in the table that is drawn over itself", () => {
    const text = shown(false, true);
    // Its own: to the start of the line, up some lines, clear below, colours.
    const own = new RegExp(`(\\r(?=${"\u001b"}))?${"\u001b"}\\[(\\d+A|0J|\\d{1,2}m)`, "g");
    expect(text).toMatch(own);
    expect(steers(text.replaceAll(own, ""))).toBe(false);
    expect(text).toContain(escaped.slice(0, 20));
  });
});

test.skipIf(!hasTerminal)("on a terminal, the command's own colours are there, and the peer's are not", async () => {
  const apple = await startApple();
  const server = await serverSaying(apple, "\u001b[32mfine\u001b[39m");
  const args = ["send", "--port", portOf(server), "--body", "x", tokenOf(1)];
  const { stdout } = await apnsOnTerminal(args, { cwd: apple.folder, env: { APNS_CONFIG: "apns.json" } });
  expect(stdout).toContain(`\u001b[31mrejected\u001b[39m  ${tokenOf(1)}  ${String.raw`\u001b[32mfine\u001b[39m`}: `);
});

test("nothing writes to the terminal but the modules that escape", () => {
  const source = join(import.meta.dirname, "../src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("terminal"),
  );
  const writers = files.filter((name) =>
    /std(out|err)\.write|console\.|\bready:|readyText/.test(readFileSync(join(source, name), "utf8")),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(writers).toEqual([]);
});
