// Wherever a file is read, what it holds does as well, in every form in which people have it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixture, temporaryFolder } from "./fixtures.js";
import { apnsInProcess } from "./in-process.js";
import { startApple, tokenOf } from "./simulator.js";

const pem = readFileSync(fixture("AuthKey_ABC123DEFG.p8"), "utf8");
const body = pem.replaceAll(/-----.*-----|\n/g, "");
const base64 = (content: string | Buffer): string => Buffer.from(content).toString("base64");
const cwd = temporaryFolder();
const who = ["--key-id", "ABC123DEFG", "--team-id", "TEAM123456"];

describe("a signing key may be", () => {
  test.each([
    ["its path", fixture("AuthKey_ABC123DEFG.p8")],
    ["its text", pem],
    ["its text with escaped line breaks", pem.replaceAll("\n", "\\n")],
    ["its text in one line", pem.replaceAll("\n", " ")],
    ["base64 of it", base64(pem)],
    ["base64 of it, in lines", base64(pem).replaceAll(/.{64}/g, "$&\n")],
    ["base64url of it", Buffer.from(pem).toString("base64url")],
    ["base64 of it with escaped line breaks", base64(pem.replaceAll("\n", "\\n"))],
    ["what stands between BEGIN and END", body],
    ["the same in lines", body.replaceAll(/.{64}/g, "$&\n")],
    ["the same in base64url", body.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")],
  ])("%s: by option, variable, stdin and configuration", async (_, given) => {
    const isPath = given.startsWith("/");
    const config = JSON.stringify({ key: given });
    const runs = await Promise.all([
      await apnsInProcess(["token", "make", ...who, "--key", given], { cwd }),
      await apnsInProcess(["token", "make", ...who], { cwd, env: { APNS_KEY: given } }),
      await apnsInProcess(["token", "make", ...who, "--key", "-"], { cwd, stdin: isPath ? pem : given }),
      await apnsInProcess(["token", "make", ...who, "--config", config], { cwd }),
      await apnsInProcess(["token", "make", ...who, "--config", base64(config)], { cwd }),
      await apnsInProcess(["token", "make", ...who, "--config", "-"], { cwd, stdin: config }),
      await apnsInProcess(["token", "make", ...who], { cwd, env: { APNS_CONFIG: config } }),
    ]);
    for (const { code, stdout, stderr } of runs) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const judged = await apnsInProcess(["token", "inspect", "--json", "--key", given, stdout.trim()], { cwd });
      expect(JSON.parse(judged.stdout)).toMatchObject({ ok: true, signature: "valid", keyId: "ABC123DEFG" });
    }
    const looked = await apnsInProcess(["key", "inspect", "--json", "--", given], { cwd });
    expect(JSON.parse(looked.stdout)).toMatchObject({ ok: true });
  });
});

test("certificates, keys, .p12 and authorities may be what they hold, or base64 of it", async () => {
  const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
  const { ca, tls } = simulator.credentials;
  const { host, port } = simulator.http2;
  const { writeP12 } = await import("@apns/credentials");
  const p12 = Buffer.from(writeP12(tls, { passphrase: "canary" }));
  const where = ["--host", host, "--port", String(port), "--topic", "com.example.App", "--config", "{}"];
  const send = ["send", ...where, "--body", "x", tokenOf(1)];
  const derOf = (text: string): string => text.replaceAll(/-----.*-----|\n/g, "");
  const env = { APNS_PASSPHRASE: "canary" };
  for (const options of [
    ["--ca", ca, "--cert", tls.cert, "--cert-key", tls.key],
    ["--ca", base64(ca), "--cert", base64(tls.cert), "--cert-key", base64(tls.key)],
    ["--ca", ca.replaceAll("\n", "\\n"), "--cert", `${tls.cert}${tls.key}`.replaceAll("\n", "\\n")],
    [
      "--ca",
      derOf(ca),
      "--cert",
      derOf(tls.cert.split(/(?<=END CERTIFICATE-----\n)/)[0]!),
      "--cert-key",
      derOf(tls.key),
    ],
    ["--ca", ca, "--p12", base64(p12)],
    ["--ca", ca, "--p12", p12.toString("base64url")],
  ]) {
    const { code, stderr } = await apnsInProcess([...send, ...options], { cwd: folder, env });
    expect({ options: options.map((text) => text.slice(0, 20)), code, stderr }).toMatchObject({ code: 0, stderr: "" });
  }
});

test("a payload may be its text, base64 of it, a file or stdin", async () => {
  const text = '{"aps": {"alert": "Hello"}}';
  for (const [given, stdin] of [[text], [base64(text)], ["-", text]] as const) {
    const run = await apnsInProcess(["payload", "size", "--json", "--payload", given], {
      cwd,
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ sizeBytes: text.length });
  }
});

test("what bridge.yaml names may stand in it", async () => {
  const { simulator, folder, write } = await startApple();
  const { ca, tls } = simulator.credentials;
  write(
    "bridge.yaml",
    JSON.stringify({
      tls: { cert: base64(tls.cert), key: tls.key.replaceAll("\n", "\\n"), clientCa: ca },
      store: "store",
      apps: [pem, base64(pem), body].map((key, index) => ({
        name: `app${index}`,
        topic: "com.example.App",
        upstream: { environment: "production", token: { key, keyId: "ABC123DEFG", teamId: "TEAM123456" } },
      })),
      senders: [{ name: "php", app: "app0", match: { uid: "com.example.App" } }],
    }),
  );
  const path = join(folder, "bridge.yaml");
  expect(await apnsInProcess(["bridge", "--config", path, "--check"], { cwd })).toEqual({
    code: 0,
    stdout: `${path} is right: 3 app(s), 1 sender(s).\n`,
    stderr: "",
  });
});

test.each([
  ["two options", ["send", "--to", "-", "--payload", "-"], "--to - and --payload - cannot both read stdin"],
  ["two arguments", ["cert", "inspect", "-", "-"], "the argument - and the argument - cannot both read stdin"],
  [
    "a setting and an argument",
    ["key", "inspect", "-", "--config", "-"],
    /^apns: .* - and .* - cannot both read stdin/,
  ],
])("stdin is read once: not by %s", async (_, args, message) => {
  const { code, stderr } = await apnsInProcess(args, { cwd, stdin: "{}" });
  expect(code).toBe(2);
  if (typeof message === "string") expect(stderr).toBe(`apns: ${message}\n`);
  else expect(stderr).toMatch(message);
});

test("PEM as an argument would be taken for an option, and the way out is told", async () => {
  const { code, stderr } = await apnsInProcess(["key", "inspect", pem], { cwd });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "apns: unknown option (text that looks like a private key (PEM); in place of a file it stands behind --); see apns key inspect --help\n",
  });
});

test("a file that is larger than any key is not read whole", async () => {
  const { folder, write } = await startApple();
  write("huge.p8", "x".repeat(1_048_577));
  const { code, stderr } = await apnsInProcess(["key", "inspect", "huge.p8"], { cwd: folder });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "apns: the argument: huge.p8 has more than 1048576 bytes, and is no such file\n",
  });
  const endless = await apnsInProcess(["key", "inspect", "/dev/zero"], { cwd: folder });
  expect(endless.code).toBe(2);
});

// Two searches for blanks beside each other took a minute for ten thousand of them.
test("a value of nothing but blanks is told to be no file, however long it is", async () => {
  const { code, stderr } = await apnsInProcess(["token", "make", "--config", `${"\t".repeat(20_000)}!`], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^apns: --config: .*give a path, what the file holds, base64 of that, or - for stdin\n$/);
});
