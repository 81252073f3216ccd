// Configuration files: what is wrong is told with line and column, all of it at once.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryTransport } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { memoryFeedbackStore, startBridge } from "../index.ts";
import { ConfigFile } from "./parse-config.ts";
import { toBridgeOptions } from "./to-options.ts";

const good = `
gateway: { port: 0, host: 127.0.0.1 }
feedback: []
tls:
  cert: bridge.pem
  key: bridge.key
  clientCa: ca.pem
store: feedback
apps:
  - name: shop
    topic: com.example.Shop
    upstream:
      environment: production
      token: { key: AuthKey.p8, keyId: KEY1234567, teamId: TEAM123456 }
senders:
  - name: cron
    app: shop
    match: { uid: com.example.Shop }
rules:
  BadDeviceToken: feedback
  5xx: { retryForMs: 30000, finally: shutdown }
`;

const messageOf = (text: string): string => {
  try {
    ConfigFile.parse(text, "bridge.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
};

test("a right file is read", () => {
  const { config } = ConfigFile.parse(good, "bridge.yaml");
  expect(config).toMatchObject({ store: "feedback", apps: [{ name: "shop" }], rules: { BadDeviceToken: "feedback" } });
});

// Each key was compared with every other, and the line of each searched for in all of the file: for 20,000, two minutes.
test("of thousands of wrong keys the first fifty are told", () => {
  const text = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1\n`).join("");
  const lines = messageOf(text).split("\n");
  expect(lines).toHaveLength(51);
  expect(lines.slice(-2)).toEqual([
    "bridge.yaml:46:1: k45: is not a setting that exists here.",
    "bridge.yaml: there are more problems than these 50.",
  ]);
});

test("an alias stands for the value it names", () => {
  const text = good
    .replace("token: {", "token: &token {")
    .replace(
      "senders:",
      "  - name: other\n    topic: com.example.Other\n    upstream: { environment: production, token: *token }\nsenders:",
    );
  const [shop, other] = ConfigFile.parse(text, "bridge.yaml").config.apps;
  expect(other!.upstream).toEqual({ environment: "production", token: (shop!.upstream as { token: object }).token });
});

const laughs = Array.from(
  { length: 30 },
  (_, index) => `x${index}: &x${index} [${index === 0 ? "a" : `*x${index - 1}, *x${index - 1}`}]`,
).join("\n");

const tooDeep = (line: number): string =>
  `bridge.yaml:${line}:1: The file nests deeper than any setting does; take levels out of this line.`;

test.each([
  ["a tab", "apps:\n\t- x", /^bridge\.yaml:2:1: /],
  [
    "an alias of no anchor",
    good.replace("bridge.pem", "*certificate"),
    "bridge.yaml:5:9: The alias *certificate names no anchor before it.",
  ],
  [
    "aliases of aliases",
    laughs,
    /^bridge\.yaml:3:10: The alias \*x1 stands for a value that has aliases in it; write that value out\.$/m,
  ],
  [
    "an alias of itself",
    "apps: &apps [*apps]",
    "bridge.yaml:1:14: The alias *apps stands for a value that has aliases in it; write that value out.",
  ],
  [
    "aliases without end",
    `a: &a 1\nb: [${"*a, ".repeat(200)}]`,
    "bridge.yaml:2:405: The alias *a is one too many; a configuration may have 100.",
  ],
  // On the parser of YAML, these ended the process, or took its stack or its memory.
  ["three thousand keys of keys", "? ".repeat(3000), tooDeep(1)],
  ["lists in lists", `apps: ${"[".repeat(51)}${"]".repeat(51)}`, tooDeep(1)],
  ["maps in lists in one line", `apps: [${"a: ".repeat(51)}]`, tooDeep(1)],
  ["maps in maps", Array.from({ length: 300 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"), tooDeep(202)],
  [
    "keys that are maps",
    `${"? ".repeat(30)}a`,
    /^bridge\.yaml:1:3: A key must be plain text, not a list, a map or an alias\.$/m,
  ],
  [
    "a key that is binary",
    "!!binary aGk=: x",
    "bridge.yaml:1:10: A key must be plain text, not a list, a map or an alias.",
  ],
  [
    "a key that stands there twice",
    good.replace("store: feedback", "store: a\nstore: b"),
    "bridge.yaml:9:1: Map keys must be unique.",
  ],
  [
    "a key that is an alias",
    "apps: &apps [x]\n? *apps\n: y",
    "bridge.yaml:2:3: A key must be plain text, not a list, a map or an alias.",
  ],
  [
    "a key that does not exist",
    good.replace("store: feedback", "store: feedback\nstoer: x"),
    "bridge.yaml:9:1: stoer: is not a setting that exists here.",
  ],
  [
    "a nested key that does not exist",
    good.replace("uid:", "uuid:"),
    "bridge.yaml:18:14: senders[0].match.uuid: is not a setting that exists here.",
  ],
  [
    "something missing",
    good.replace("    topic: com.example.Shop\n", ""),
    "bridge.yaml:10:5: apps[0].topic: is missing.",
  ],
  ["a wrong type", good.replace("port: 0", "port: http"), /^bridge\.yaml:2:12: gateway\.port: expected number/],
  [
    "a number out of range",
    good.replace("port: 0", "port: 70000"),
    /^bridge\.yaml:2:12: gateway\.port: Too big: expected number to be <=65535/,
  ],
  [
    "a rule that is none",
    good.replace("BadDeviceToken: feedback", "BadDeviceToken: explode"),
    "bridge.yaml:20:3: rules.BadDeviceToken: is not a rule; give accept, feedback, hold, shutdown, close, { refuse: status } or { retryForMs, finally }.",
  ],
  [
    "no way to authenticate",
    good.replace(/ {6}token: .*\n/, ""),
    "bridge.yaml:12:5: apps[0].upstream: gives no way to authenticate, or two; give token or certificate.",
  ],
])("%s is told with its line", (_, text, message) => {
  if (typeof message === "string") expect(messageOf(text)).toBe(message);
  else expect(messageOf(text)).toMatch(message);
});

test("all that is wrong is told at once", () => {
  const lines = messageOf(good.replace("port: 0", "port: -1").replace("uid:", "uuid:")).split("\n");
  expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(["bridge.yaml:2:12:", "bridge.yaml:18:14:"]);
});

async function folder(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "apns-bridge-config-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const { ca, server } = await testIdentities();
  writeFileSync(join(path, "bridge.pem"), server.cert);
  writeFileSync(join(path, "bridge.key"), server.key);
  writeFileSync(join(path, "ca.pem"), ca);
  return path;
}

const surroundings = { feedbackStore: memoryFeedbackStore(), transportFor: () => new InMemoryTransport() };

test("a file starts a bridge", async () => {
  const file = ConfigFile.parse(good, "bridge.yaml");
  const bridge = await startBridge(toBridgeOptions(file, { ...surroundings, folder: await folder() }));
  onTestFinished(() => bridge.close());
  expect(bridge.ports.gateway).toHaveLength(1);
  expect(bridge.ports.feedback).toEqual([]);
});

test("a key that cannot be read, and what only the bridge can know, are told with their lines as well", async () => {
  const path = await folder();
  const start = async (text: string): Promise<unknown> => {
    const file = ConfigFile.parse(text, "bridge.yaml");
    try {
      const bridge = await startBridge(toBridgeOptions(file, { ...surroundings, folder: path }));
      await bridge.close();
      return "started";
    } catch (error) {
      return (file.locate(error) as Error).message;
    }
  };
  expect(await start(good.replace("bridge.key", "none.key"))).toBe(
    "bridge.yaml:6:3: tls.key: none.key cannot be read (ENOENT).",
  );
  const body = `MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg${"q3Yb0nV7".repeat(8)}`;
  expect(await start(good.replace("bridge.key", body))).toBe(
    "bridge.yaml:6:3: tls.key: text that looks like a key, certificate or .p12 (base64) cannot be read (ENOENT).",
  );
  expect(await start(good.replace("key: bridge.key", "key: bridge.key\n  passphraseEnv: hunter2"))).toBe(
    "bridge.yaml:7:3: tls.passphraseEnv: names an environment variable that is not set (not repeated here: it may be the passphrase itself).",
  );
  expect(messageOf(good.replace("name: cron", `name: ${body}`))).toBe(
    "bridge.yaml:16:5: senders[0].name: is text that looks like a key, certificate or .p12 (base64), which does not belong here.",
  );
  expect(messageOf(good.replace("store:", `${body}:`))).not.toContain("q3Yb0nV7");
  expect(await start(good.replace("app: shop", "app: shpo"))).toBe(
    'bridge.yaml:17:5: senders[0].app: no app is named "shpo"; there are shop.',
  );
  expect(await start(good.replace("  BadDeviceToken:", "  BadDeviceTokn:"))).toMatch(
    /^bridge\.yaml:20:3: rules\.BadDeviceTokn: names nothing that can happen/,
  );
  expect(await start(good.replace("com.example.Shop\n", "com example\n"))).toMatch(
    /^bridge\.yaml:11:5: apps\[0\]\.topic: /,
  );
  expect(await start(good.replace("port: 0,", "port: 0, tls: { minVersion: TLSv1.3 },"))).toMatch(
    /^bridge\.yaml:2:28: gateway\[0\]\.tls\.minVersion: TLSv1\.3 is newer/,
  );
});
