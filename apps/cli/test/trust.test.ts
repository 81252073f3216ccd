// A stranger who gets an apns.json into a folder where somebody works, or above it, must not get at that person's credentials.
import { chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeP12 } from "@apns/credentials";
import type { Command } from "commander";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeProgram } from "../src/program.js";
import type { Source } from "../src/settings/setting.js";
import type { Result } from "./apns.js";
import { apnsInProcess } from "./in-process.js";
import { startApple, tokenOf } from "./simulator.js";

type Values = Readonly<Record<string, unknown>>;

/** A person's machine, and the stranger's server, whose apns.json lies where the person works. */
async function machine() {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  const { simulator, folder } = apple;
  // Nothing is to be found here but what a test puts here.
  rmSync(join(folder, "apns.json"));
  const { ca, signingKey, keyId, teamId, topic, tls } = simulator.credentials;
  const { http2, gateway, feedback, channels } = simulator;
  for (const path of ["home/.config/apns", "work/project/sub/keys"]) mkdirSync(join(folder, path), { recursive: true });
  const write = (path: string, content: Values | string): string => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const keyFile = write("home/AuthKey.p8", signingKey);
  const pemFile = write("home/push.pem", tls.cert + tls.key);
  const caFile = write("ca.pem", ca);
  const ports = { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port };
  const cwd = join(folder, "work/project/sub");
  return {
    simulator,
    folder,
    cwd,
    write,
    ...{ keyFile, pemFile, caFile, signingKey },
    server: { host: http2.host, ports, ca: caFile },
    identity: { keyId, teamId, topic },
    send: (args: readonly string[], env: Record<string, string> = {}, stdin?: string): Promise<Result> =>
      apnsInProcess(["send", ...args, "--body", "x", tokenOf(1)], {
        cwd,
        env: { HOME: join(folder, "home"), ...env },
        ...(stdin === undefined ? {} : { stdin }),
      }),
  };
}

type Machine = Awaited<ReturnType<typeof machine>>;

const files: Readonly<Partial<Record<Source, string>>> = {
  "named file": "named.json",
  "user's file": "home/.config/apns/config.json",
  "working folder": "work/project/sub/apns.json",
  "folder above": "work/apns.json",
};

/** Says `server` in one place and `credentials` in another; the run's arguments and variables. */
function say(at: Machine, places: readonly (readonly [Source, Values])[]): readonly [string[], Record<string, string>] {
  const args: string[] = [];
  const env: Record<string, string> = {};
  const inFiles: Record<string, Values> = {};
  const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  for (const [source, values] of places) {
    const file = files[source];
    if (file !== undefined) {
      inFiles[file] = { ...inFiles[file], ...values };
      continue;
    }
    const { ports, ...others } = values as { ports?: { http2: number } };
    for (const [name, value] of Object.entries({ ...others, ...(ports && { port: ports.http2 }) })) {
      if (source === "option") args.push(`--${words(name)}`, String(value));
      else env[`APNS_${words(name).replaceAll("-", "_").toUpperCase()}`] = String(value);
    }
  }
  for (const [file, values] of Object.entries(inFiles)) at.write(file, values);
  if ("named.json" in inFiles) args.push("--config", join(at.folder, "named.json"));
  return [args, env];
}

const sources: readonly Source[] = [
  "option",
  "variable",
  "named file",
  "user's file",
  "working folder",
  "folder above",
];
const isFound = (source: Source): boolean => source === "working folder" || source === "folder above";
/** The nearest found file counts; a file that is named replaces all others. */
const excludes = (one: Source, other: Source): boolean =>
  one !== other &&
  ((isFound(one) && isFound(other)) ||
    (one === "named file" && files[other] !== undefined && files[one] !== undefined));

describe("credentials", () => {
  const pairs = sources.flatMap((server) => sources.map((credentials) => [server, credentials] as const));
  test.each(pairs.filter(([one, other]) => !excludes(one, other) && !excludes(other, one)))(
    "with the server from: %s, and the key from: %s",
    async (server, credentials) => {
      const at = await machine();
      // A found file has to bring its key along.
      const key = isFound(credentials) ? join(at.folder, files[credentials]!, "../keys.p8") : at.keyFile;
      writeFileSync(key, at.signingKey);
      const [args, env] = say(at, [
        [server, at.server],
        [credentials, { key, ...at.identity }],
      ]);
      const { code, stderr } = await at.send(args, env);
      const isRefused = isFound(server) && credentials !== server;
      expect({ stderr, code }).toEqual({
        stderr: isRefused
          ? expect.stringMatching(/^apns: (--key|APNS_KEY|"key" in .*) must not be used with "host" in /)
          : "",
        code: isRefused ? 2 : 0,
      });
      if (isRefused) expect(stderr).toContain(join(at.folder, files[server]!));
      if (isRefused && files[credentials] !== undefined) expect(stderr).toContain(join(at.folder, files[credentials]!));
      expect(at.simulator.stats().http2.received).toBe(isRefused ? 0 : 1);
    },
  );

  test.each([
    ["a key itself, in a variable", { APNS_KEY: "key" }],
    ["a certificate", { APNS_CERT: "pem" }],
    ["a certificate and its key", { APNS_CERT: "pem", APNS_CERT_KEY: "pem" }],
  ])("that are %s do not go to a found server", async (_, given) => {
    const at = await machine();
    const values: Record<string, string> = { key: at.signingKey, pem: at.pemFile };
    const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, values[value]!]));
    at.write("work/apns.json", { ...at.server, ...at.identity });
    const { code, stderr } = await at.send([], env);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(" must not be used with ") });
    expect(at.simulator.stats().http2.received).toBe(0);
  });

  test("do not go to a found server with a found certificate in front of them", async () => {
    const at = await machine();
    const cert = at.write("work/cert.pem", at.simulator.credentials.tls.cert);
    at.write("work/apns.json", { ...at.server, ...at.identity, cert });
    at.write("home/.config/apns/config.json", { certKey: at.pemFile });
    const { code, stderr } = await at.send([]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^apns: "certKey" in .*config\.json must not be used with "host" in .*work\/apns\.json/,
      ),
    });
  });
});

describe("a found file decides nothing about the server of the user's own:", () => {
  test.each([
    ["its authority", "ca", (at: Machine) => ({ ca: at.caFile })],
    ["its port", "port", (at: Machine) => ({ port: at.server.ports.http2 })],
    ["a proxy to it", "proxy", () => ({ proxy: "http://127.0.0.1:1" })],
  ])("not %s", async (_, name, planted) => {
    const at = await machine();
    const { ca, host, ports } = at.server;
    const own = { host, ca, port: ports.http2, key: at.keyFile, ...at.identity };
    delete (own as Values & { [key: string]: unknown })[name];
    at.write("home/.config/apns/config.json", own);
    at.write("work/apns.json", planted(at));
    const { code, stderr } = await at.send([]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(` must not be used with "${name}" in ${join(at.folder, "work/apns.json")}`),
    });
  });

  test("nor a proxy to Apple's", async () => {
    const at = await machine();
    const proxied: unknown[] = [];
    const proxy = createServer((socket) => proxied.push(socket.destroy()));
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as { port: number };
    at.write("work/apns.json", { environment: "production", proxy: `http://127.0.0.1:${port}`, ...at.identity });
    const { code, stderr } = await at.send(["--key", at.keyFile]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('must not be used with "proxy" in') });
    expect(proxied).toEqual([]);
  });

  test("but it may say which of Apple's it is, and on which port, and which app", async () => {
    const at = await machine();
    const { Settings } = await import("../src/settings/settings.js");
    const { http2ClientOptions } = await import("../src/settings/transports.js");
    at.write("work/apns.json", { environment: "development", port: 2197, topic: "com.example.App" });
    at.write("home/.config/apns/config.json", { key: at.keyFile, ...at.identity });
    const settings = await Settings.read({}, { HOME: join(at.folder, "home") }, at.cwd);
    expect(await http2ClientOptions(settings, "http2")).toMatchObject({ environment: "development", port: 2197 });
  });
});

describe("credentials that a found file names", () => {
  test.each<[string, (at: Machine) => unknown, 0 | 2]>([
    ["in its folder", () => "keys.p8", 0],
    ["below it", () => "project/sub/keys/AuthKey.p8", 0],
    ["as text", (at) => at.signingKey, 0],
    ["by an absolute path in its folder", (at) => join(at.folder, "work/keys.p8"), 0],
    ["outside of its folder", () => "../home/AuthKey.p8", 2],
    ["by an absolute path outside", (at) => at.keyFile, 2],
    ["by a link that leads outside", () => "link.p8", 2],
    ["by a folder that is a link", () => "linked/AuthKey.p8", 2],
    ["in a folder whose name begins alike", () => "../work-of-others/keys.p8", 2],
    ["as what is piped in", () => "-", 2],
  ])("%s", async (_, key, code) => {
    const at = await machine();
    at.write("work/keys.p8", at.signingKey);
    at.write("work/project/sub/keys/AuthKey.p8", at.signingKey);
    mkdirSync(join(at.folder, "work-of-others"));
    at.write("work-of-others/keys.p8", at.signingKey);
    symlinkSync(at.keyFile, join(at.folder, "work/link.p8"));
    symlinkSync(join(at.folder, "home"), join(at.folder, "work/linked"));
    const path = at.write("work/apns.json", { ...at.server, ...at.identity, key: key(at) });
    const run = await at.send([], {}, at.signingKey);
    expect({ code: run.code, stderr: run.stderr }).toEqual({
      code,
      stderr: code === 0 ? "" : expect.stringContaining(`"key" in ${path}, a file outside of that folder, must not`),
    });
    expect(at.simulator.stats().http2.received).toBe(code === 0 ? 1 : 0);
    // Named, it is the user's own word.
    const named = await at.send(["--config", path], {}, at.signingKey);
    expect({ code: named.code, stderr: named.stderr }).toEqual({ code: 0, stderr: "" });
  });
});

test.each([
  ["in its folder", "secret.txt", 0],
  ["outside of it", "../home/secret.txt", 2],
  ["behind a link", "link.txt", 2],
])("a file of a passphrase that a found file names %s", async (_, passphraseFile, code) => {
  const at = await machine();
  const p12 = Buffer.from(writeP12(at.simulator.credentials.tls, { passphrase: "canary" })).toString("base64");
  for (const path of ["home/secret.txt", "work/secret.txt"]) at.write(path, "canary\n");
  symlinkSync(join(at.folder, "home/secret.txt"), join(at.folder, "work/link.txt"));
  const path = at.write("work/apns.json", { ...at.server, topic: at.identity.topic, p12, passphraseFile });
  const run = await at.send([]);
  expect({ code: run.code, stderr: run.stderr }).toEqual({
    code,
    stderr:
      code === 0 ? "" : expect.stringContaining(`"passphraseFile" in ${path} names a file outside of that folder`),
  });
  expect((await at.send(["--config", path])).code).toBe(0);
});

test.skipIf(process.getuid?.() !== 0)("a file above that belongs to another user is refused", async () => {
  const at = await machine();
  const path = at.write("work/apns.json", {});
  chownSync(path, 54_321, 54_321);
  const { code, stderr } = await at.send(["--environment", "production"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `apns: configuration ${path}: it was found in a folder above this one, and belongs to another user; name it by --config if you trust it, else another one, or --config {}\n`,
  });
});

test("a folder for the user's file that is not absolute is no user's file", async () => {
  const at = await machine();
  mkdirSync(join(at.cwd, "planted/apns"), { recursive: true });
  at.write("work/project/sub/planted/apns/config.json", at.server);
  const { code, stderr } = await at.send(["--key", at.keyFile], { XDG_CONFIG_HOME: "planted" });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("where to? Give --environment") });
});

/** Every command that reaches a server with credentials, as the program itself has it. */
function connecting(command: Command, parents: readonly string[] = []): string[][] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => connecting(child, [...parents, child.name()]));
  }
  return command.options.some(({ long }) => long === "--cert") ? [[...parents]] : [];
}

test("no command gives credentials away", async () => {
  const at = await machine();
  at.write("work/apns.json", at.server);
  at.write("home/.config/apns/config.json", { key: at.keyFile, cert: at.pemFile, ...at.identity });
  at.write("work/project/sub/list.txt", tokenOf(1));
  const more: Readonly<Record<string, readonly string[]>> = {
    send: ["--body", "x", tokenOf(1)],
    bench: ["--host", "127.0.0.1", "--transport", "both", "--to", "list.txt", "--count", "1"],
    "channels create": ["--storage", "none"],
    "channels list": [],
    "channels show": ["dHN0LXNyY2gtY2hubA=="],
    "channels delete": ["dHN0LXNyY2gtY2hubA=="],
    feedback: [],
    doctor: ["--timeout", "5"],
  };
  const before = at.simulator.stats();
  const commands = connecting(await makeProgram(() => true));
  expect(commands.map((words) => words.join(" ")).sort()).toEqual(Object.keys(more).sort());
  for (const words of commands.sort(
    (a, b) => Object.keys(more).indexOf(a.join(" ")) - Object.keys(more).indexOf(b.join(" ")),
  )) {
    if (words[0] === "doctor") expect(at.simulator.stats()).toEqual(before);
    const args = [...words, ...more[words.join(" ")]!];
    const { code, stdout, stderr } = await apnsInProcess(args, { cwd: at.cwd, env: { HOME: join(at.folder, "home") } });
    expect(stdout + stderr, args.join(" ")).toMatch(/must not be used with "(host|ca)" in .*work\/apns\.json/);
    expect(code).toBe(words[0] === "doctor" ? 3 : 2);
  }
  // The doctor looks at the server, and asks it for the time, without credentials.
  expect(at.simulator.stats().http2).toMatchObject({ accepted: 0, received: 1 });
});
