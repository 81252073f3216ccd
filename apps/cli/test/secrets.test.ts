// No secret comes out again: every command is run with a key or token in every option, argument, variable, entry of a
// configuration and on stdin, and everything that it prints and writes is searched for it. What there is to run is asked of
// the program itself, so that a new command or option cannot be left out.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Simulator, startSimulator } from "@apns/simulator";
import type { Argument, Command, Option } from "commander";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeProgram } from "../src/program.js";
import { settingRows } from "../src/settings/names.js";
import { apns, main, type Result, runProgram } from "./apns.js";
import { type Canary, canaries, findLeak, passphrase, proxyWithPassword } from "./canaries.js";
import { apnsInProcess } from "./in-process.js";
import { tokenOf } from "./simulator.js";

interface Base {
  /** A run that succeeds, to which the option that is looked at is added. */
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Files that the command was asked to write a key to. */
  readonly holdsKeys?: readonly string[];
  readonly endsAfter?: RegExp;
  /** Its key options get every form: of the commands that read them in the same way, one. */
  readonly everyForm?: boolean;
  /** It makes keys first: all variables are given in one run. */
  readonly isSlow?: boolean;
}

const device = tokenOf(1);
const config = ["--config", "apns.json"];

/** Each command with what it needs to get as far as it can. */
const bases: Readonly<Record<string, Base>> = {
  "apns send": { args: [...config, "--body", "x", "--out", "out.ndjson", "--retries", "0", device], everyForm: true },
  "apns simulate": { args: ["--dir", "sim"], endsAfter: /listening/, isSlow: true },
  "apns bench": {
    args: ["--host", "127.0.0.1", "--config", "bench.json", "--to", "list.txt", "--count", "1", "--transport", "http2"],
  },
  "apns doctor": { args: [...config, "--timeout", "5"] },
  "apns channels create": { args: [...config, "--storage", "none"] },
  "apns channels list": { args: config },
  "apns channels show": { args: [...config, "dHN0LXNyY2gtY2hubA=="] },
  "apns channels delete": { args: [...config, "dHN0LXNyY2gtY2hubA=="] },
  "apns feedback": { args: config },
  "apns payload check": { args: ["--title", "x"] },
  "apns payload size": { args: ["--title", "x"] },
  "apns cert csr": {
    args: ["--email", "jane@example.com", "--name", "Jane", "--out", "new.csr", "--key-out", "new.key"],
    holdsKeys: ["new.key", "new.csr"],
    isSlow: true,
  },
  "apns cert inspect": { args: ["push.pem"], everyForm: true },
  "apns cert convert": { args: ["push.pem", "--out", "new.pem"], holdsKeys: ["new.pem"], everyForm: true },
  "apns key inspect": { args: ["key.p8"], everyForm: true },
  "apns token make": { args: config },
  "apns token inspect": { args: [], stdin: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJURUFNMTIzNDU2In0.AAAA" },
  "apns bridge": { args: ["--config", "bridge.json", "--check"] },
  "apns completion": { args: ["bash"] },
};

let simulator: Simulator;
let folder: string;
let program: Command;

beforeAll(async () => {
  simulator = await startSimulator({ unknownDeviceTokens: "accept" });
  folder = mkdtempSync(join(tmpdir(), "apns-secrets-"));
  const { credentials } = simulator;
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write("ca.pem", credentials.ca);
  write("key.p8", credentials.signingKey);
  write("push.pem", credentials.tls.cert + credentials.tls.key);
  write("list.txt", `${device}\n`);
  write("apns.json", JSON.stringify(settings()));
  // The port of a server that an option names is not taken from "ports".
  write("bench.json", JSON.stringify({ ...settings(), port: simulator.http2.port }));
  write("bridge.json", JSON.stringify(bridgeConfig()));
  program = await makeProgram(() => true);
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

function settings(): Record<string, unknown> {
  const { credentials, http2, gateway, feedback, channels } = simulator;
  const { keyId, teamId, topic } = credentials;
  return {
    environment: "production",
    host: http2.host,
    ports: { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port },
    ...{ ca: "ca.pem", topic, key: "key.p8", keyId, teamId, cert: "push.pem" },
  };
}

function bridgeConfig() {
  return {
    gateway: { host: "127.0.0.1", port: 0, tls: { minVersion: "TLSv1.2", clientCertificate: "required" } },
    feedback: [{ host: "127.0.0.1", port: 0 }],
    operations: { host: "127.0.0.1", port: 0 },
    tls: { cert: "push.pem", key: "push.pem", clientCa: "ca.pem", ciphers: "DEFAULT" },
    store: "store",
    audit: "audit.ndjson",
    logLevel: "info",
    rules: { BadDeviceToken: "feedback", "5xx": { retryForMs: 30_000, finally: "shutdown" } },
    apps: [
      {
        name: "shop",
        topic: "com.example.Shop",
        pushTypes: [{ key: "kind", pushType: "alert" }],
        upstream: {
          environment: { host: "127.0.0.1", port: 1, ca: "ca.pem", servername: "localhost" },
          token: { key: "key.p8", keyId: "KEY1234567", teamId: "TEAM123456" },
          proxy: "http://127.0.0.1:1",
        },
      },
      {
        name: "till",
        topic: "com.example.Till",
        upstream: { environment: "production", certificate: { cert: "push.pem", key: "push.pem" } },
      },
    ],
    senders: [
      { name: "cron", app: "shop", match: { uid: "com.example.Shop", address: "127.0.0.1" } },
      { name: "php", app: "till", match: { fingerprint: "AB".repeat(32), servername: "till.example" } },
    ],
  };
}

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** The commands that do something. */
function leaves(command: Command, parents = ""): Leaf[] {
  const path = `${parents}${command.name()}`;
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, `${path} `));
}

/** Runs it, and forgets the files that it has written; what came out in every way there is. */
async function outputOf(
  path: string,
  more: readonly string[],
  { env = {}, stdin }: { readonly env?: Record<string, string>; readonly stdin?: string } = {},
): Promise<string> {
  const { args, endsAfter, holdsKeys = [], ...base } = bases[path]!;
  const before = new Set(filesIn(folder));
  const { stdout, stderr } = await apnsInProcess([...path.split(" ").slice(1), ...args, ...more], {
    cwd: folder,
    env,
    ...((stdin ?? base.stdin) === undefined ? {} : { stdin: stdin ?? base.stdin! }),
    ...(endsAfter === undefined ? {} : { endsAfter }),
  });
  let written = "";
  for (const file of filesIn(folder).filter((name) => !before.has(name))) {
    if (!holdsKeys.includes(file)) written += `${file}: ${readFileSync(join(folder, file), "latin1")}`;
    rmSync(join(folder, file));
  }
  return `${stdout}\n${stderr}\n${written}`;
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(path, name)).isFile())
    .map((name) => relative(path, join(path, name)));
}

/** One case after the other, with every second one as JSON; which of them have let something out. */
class Search {
  readonly leaks: string[] = [];
  runs = 0;

  async try(
    path: string,
    where: string,
    canary: Canary | readonly Canary[],
    more: readonly string[],
    around: { readonly env?: Record<string, string>; readonly stdin?: string } = {},
  ): Promise<void> {
    const takesJson = this.runs++ % 2 === 1;
    const output = await outputOf(path, takesJson ? [...more, "--json"] : more, around);
    for (const one of [canary].flat()) {
      const leak = findLeak(output, one);
      if (leak !== undefined) this.leaks.push(`${path}: ${where}, ${one.form}: ${leak} in ${output.slice(0, 600)}`);
    }
  }
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;
const isPassphrase = (name: string): boolean => /passphrase|password/i.test(name);

/** `SECRETS_ALL=1`: every form in every place, for some minutes. */
const everyForm = process.env["SECRETS_ALL"] === "1";

/** Each place gets one form, and each form some places: there is one reader for all of them. */
function isTried(index: number): boolean {
  return everyForm || index % canaries.length === 0;
}

/** What is tried in a place: whatever a key looks like, and what only this place makes a secret. */
function canariesFor(name: string): readonly Canary[] {
  if (isPassphrase(name)) return [...canaries, passphrase];
  return /proxy/i.test(name) ? [...canaries, proxyWithPassword] : canaries;
}

/** One of them, another one for each number. */
function formFor(name: string, number: number): Canary {
  const forms = canariesFor(name);
  return forms[number % forms.length]!;
}

test("there is a run of every command to put secrets into, which succeeds by itself", async () => {
  const paths = leaves(program).map(({ path }) => path);
  expect(Object.keys(bases)).toEqual(paths);
  for (const path of paths) {
    const { args, endsAfter, stdin } = bases[path]!;
    const options = { cwd: folder, ...(endsAfter && { endsAfter }), ...(stdin === undefined ? {} : { stdin }) };
    const { code, stderr } = await apnsInProcess([...path.split(" ").slice(1), ...args], options);
    // A channel that does not exist is refused by APNs, and the token to be inspected has no date.
    const expected = /show|delete/.test(path) ? 1 : path === "apns token inspect" ? 3 : 0;
    expect({ path, code, stderr }).toEqual({ path, code: expected, stderr: expected === 1 ? stderr : "" });
    for (const name of ["out.ndjson", "new.pem", "new.csr", "new.key"]) rmSync(join(folder, name), { force: true });
  }
});

describe.each(Object.keys(bases))("%s tells nothing of a secret", { timeout: 240_000 }, (path) => {
  const command = (): Command => leaves(program).find((leaf) => leaf.path === path)!.command;

  test("in any of its options", async () => {
    const search = new Search();
    for (const [at, option] of command().options.entries()) {
      const long = option.long!;
      const isForKeys = bases[path]!.everyForm === true && settingRows.some((row) => row.isFile && row.option === long);
      for (const [index, canary] of canariesFor(long).entries()) {
        const { text } = canary;
        if (!isForKeys && index < canaries.length && !isTried(index + at)) continue;
        await search.try(path, `${long}=…`, canary, [`${long}=${text}`]);
        if (!takesValue(option)) continue;
        await search.try(path, `${long} …`, canary, [long, text]);
        if (/key=/.test(option.flags)) {
          await search.try(path, `${long} …=1`, canary, [long, `${text}=1`]);
          await search.try(path, `${long} x=…`, canary, [long, `x=${text}`]);
        }
      }
    }
    expect(search.leaks).toEqual([]);
    expect(search.runs).toBeGreaterThan(0);
  });

  test("in an argument, in an option that does not exist, or where a command is expected", async () => {
    const search = new Search();
    for (const canary of canaries) {
      const { text } = canary;
      await search.try(path, "argument", canary, [text]);
      await search.try(path, "--nonsense=…", canary, [`--nonsense=${text}`]);
      await search.try(path, "--…", canary, [`--${text}`]);
      await search.try(path, "--key…", canary, [`--key${text}`]);
      await search.try(path, "-x…", canary, [`-x${text}`]);
    }
    expect(search.leaks).toEqual([]);
  });

  test("that comes by stdin or in a file, wherever one can be named", async () => {
    const search = new Search();
    const places: readonly (Option | Argument)[] = [
      ...command().options.filter(takesValue),
      ...command().registeredArguments,
    ];
    for (const [index, canary] of canaries.entries()) {
      writeFileSync(join(folder, "canary.txt"), canary.text);
      for (const [at, place] of places.entries()) {
        if (!isTried(index + at)) continue;
        const prefix = "long" in place ? [place.long!] : [];
        await search.try(path, `${prefix.join("")} -`, canary, [...prefix, "-"], { stdin: canary.text });
        await search.try(path, `${prefix.join("")} file`, canary, [...prefix, "canary.txt"]);
      }
    }
    rmSync(join(folder, "canary.txt"));
    expect(search.leaks).toEqual([]);
  });

  test("in a variable", async () => {
    const search = new Search();
    const variables = [
      ...settingRows.map(({ variable }) => variable),
      ...["APNS_CONFIG", "APNS_PASSPHRASE", "APNS_OUT_PASSPHRASE", "APNS_PROXY_PASSWORD", "HTTPS_PROXY", "NO_PROXY"],
    ];
    if (bases[path]!.isSlow === true) {
      // All variables in one run, since these commands read few of them; each with another form in the next run.
      for (const first of [0, 3, 6]) {
        const given = variables.map((variable, at) => [variable, formFor(variable, at + first)] as const);
        const env = Object.fromEntries(given.map(([variable, canary]) => [variable, canary.text]));
        const used = given.map(([, canary]) => canary);
        await search.try(path, "all variables", used, [], { env });
      }
      expect(search.leaks).toEqual([]);
      return;
    }
    for (const [at, variable] of variables.entries()) {
      for (const [index, canary] of canariesFor(variable).entries()) {
        if (index < canaries.length && !isTried(index + at)) continue;
        await search.try(path, variable, canary, [], { env: { [variable]: canary.text } });
      }
    }
    expect(search.leaks).toEqual([]);
  });
});

describe("a configuration file tells nothing of a secret", { timeout: 240_000 }, () => {
  const readers = ["apns send", "apns doctor", "apns feedback", "apns token make", "apns cert inspect"];

  test.each(readers)("in any entry, read by %s", async (path) => {
    const search = new Search();
    const use = async (where: string, canary: Canary, text: string): Promise<void> => {
      writeFileSync(join(folder, "canary.json"), text);
      await search.try(path, where, canary, ["--config", "canary.json"]);
    };
    for (const [at, name] of [...settingRows.map((row) => row.name), "ports", "passphrase"].entries()) {
      for (const [index, canary] of canariesFor(name).entries()) {
        if (index < canaries.length && !isTried(index + at)) continue;
        await use(`"${name}"`, canary, JSON.stringify({ ...settings(), [name]: canary.text }));
      }
    }
    for (const canary of canaries) {
      await use("a name", canary, JSON.stringify({ ...settings(), [canary.text]: "x" }));
      await use("a port's name", canary, JSON.stringify({ ...settings(), ports: { [canary.text]: 1 } }));
      await use("a port", canary, JSON.stringify({ ...settings(), ports: { http2: canary.text } }));
      await use("broken JSON", canary, `{"key": ${JSON.stringify(canary.text)} x}`);
      await use("no JSON", canary, canary.text);
    }
    rmSync(join(folder, "canary.json"));
    expect(search.leaks).toEqual([]);
  });

  test("in any entry of bridge.yaml, or in its place", async () => {
    const search = new Search();
    const use = async (where: string, canary: Canary, value: unknown): Promise<void> => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      writeFileSync(join(folder, "canary.yaml"), text);
      await search.try("apns bridge", where, canary, ["--config", "canary.yaml"]);
    };
    for (const [index, canary] of canaries.entries()) {
      for (const [at, [where, changed]] of [...variations(bridgeConfig(), canary.text)].entries()) {
        if (isTried(at + index)) await use(where, canary, changed);
      }
      await use("no YAML", canary, canary.text);
      await use("broken YAML", canary, `tls: ${canary.text}: x: [`);
      await use("an alias", canary, `tls: *${canary.text.replaceAll(/\s/g, "")}`);
    }
    for (const name of ["tls", "apps[1].upstream.certificate"]) {
      const changed = bridgeConfig() as { tls: object; apps: { upstream: { certificate?: object } }[] };
      const place = name === "tls" ? changed.tls : changed.apps[1]!.upstream.certificate!;
      Object.assign(place, { passphraseEnv: passphrase.text });
      await use(name, passphrase, changed);
    }
    rmSync(join(folder, "canary.yaml"));
    expect(search.leaks).toEqual([]);
  });
});

/** The value with each text in it, and each name, replaced in turn. */
function* variations(value: unknown, by: string): Generator<readonly [where: string, changed: unknown]> {
  if (typeof value === "string") yield ["", by];
  if (typeof value !== "object" || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    for (const [where, changed] of variations(entry, by)) yield [`${key}.${where}`, replaced(value, key, key, changed)];
    if (!Array.isArray(value)) yield [`name of ${key}`, replaced(value, key, by, entry)];
  }
}

function replaced(value: object, key: string, name: string, entry: unknown): unknown {
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === key ? entry : one));
  return Object.fromEntries(Object.entries(value).map((pair) => (pair[0] === key ? [name, entry] : pair)));
}

describe("the process itself tells nothing of a secret", { timeout: 60_000 }, () => {
  const canary = canaries.find(({ form }) => form === "bare body without its beginning")!;

  test("when it crashes: the error, its fields and its causes", async () => {
    const thrower = join(folder, "thrower.mjs");
    onTestFinished(() => rmSync(thrower));
    // As an event handler would throw, once the command is well under way.
    writeFileSync(
      thrower,
      `const { write } = process.stdout;
       process.stdout.write = (...args) => {
         const secret = process.env.CANARY;
         const cause = Object.assign(new Error("open '" + secret + "'"), { path: secret });
         setImmediate(() => { throw Object.assign(new Error("of " + secret, { cause }), { path: secret }); });
         return write.apply(process.stdout, args);
       };`,
    );
    const args = ["--import", thrower, main, "simulate", "--dir", "crash"];
    const result = await runProgram([process.execPath, ...args], { cwd: folder, env: { CANARY: canary.text } });
    rmSync(join(folder, "crash"), { recursive: true });
    expect(result.code).toBe(70);
    expect(result.stderr).toMatch(
      /^apns: this is a defect of apns, please report it: Error: of \[text that looks like/,
    );
    expect(result.stderr).toMatch(/\n +at .*thrower\.mjs/);
    expect(leakIn(result, canary)).toBeUndefined();
  });

  test("in the log of a bridge that reads a broken configuration again", async () => {
    const path = join(folder, "bridge-reload.json");
    writeFileSync(path, JSON.stringify(bridgeConfig()));
    const result = await apns(["bridge", "--config", path], {
      cwd: folder,
      onStart: (child) => {
        let log = "";
        child.stdout!.on("data", (text: string) => {
          log += text;
          if (log.endsWith('"The bridge runs."}\n')) {
            const broken = bridgeConfig();
            broken.apps[0]!.upstream.token!.key = canary.text;
            writeFileSync(path, JSON.stringify(broken));
            child.kill("SIGHUP");
          }
          if (log.endsWith('nothing was changed."}\n')) child.kill("SIGTERM");
        });
      },
    });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("apps[0].upstream: auth.key: cannot be read");
    expect(leakIn(result, canary)).toBeUndefined();
  });

  test("when it is started as people start it", async () => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    const env = { APNS_KEY: canary.text, APNS_KEY_ID: "KEY1234567", APNS_TEAM_ID: "TEAM123456" };
    const result = await apns(["token", "make", "--json"], { cwd: join(folder, "empty"), env });
    expect(result.code).toBe(3);
    expect(leakIn(result, canary)).toBeUndefined();
  });
});

function leakIn({ stdout, stderr }: Result, canary: Canary): string | undefined {
  return findLeak(stdout + stderr, canary);
}
