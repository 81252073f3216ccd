import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority, readIdentity, readP12 } from "@apns/credentials";
import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { fixture, temporaryFolder } from "./fixtures.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const secret = { env: { APNS_PASSPHRASE: "secret" } };
const certificate = readFileSync(fixture("universal.pem"), "utf8");
const intermediate = readFileSync(fixture("intermediate.pem"), "utf8");
const key = readFileSync(fixture("push.key"), "utf8");
const mode = (name: string): string => (statSync(file(name)).mode & 0o777).toString(8);
const errorOf = (stderr: string) => JSON.parse(stderr).error;

describe("apns cert csr", { timeout: 60_000 }, () => {
  test.each([
    [["--name", "A"], "apns: required option '--email <address>' not specified; see apns cert csr --help\n"],
    [["--email", "a@b.c"], "apns: required option '--name <text>' not specified; see apns cert csr --help\n"],
    [
      ["--email", "nobody", "--name", "A"],
      "apns: --email: is not an e-mail address in ASCII such as jane@example.com.\n",
    ],
    [
      ["--email", "a@b.c", "--name", "x".repeat(65)],
      "apns: --name: has 65 characters; at most 64 are allowed (X.520).\n",
    ],
    [
      ["--email", "a@b.c", "--name", "A", "--country", "x"],
      'apns: --country: is not two capital letters such as "DE".\n',
    ],
    [
      ["--email", "a@b.c", "--name", "A", "--out", "x", "--key-out", "x"],
      "apns: --out and --key-out name the same file\n",
    ],
    [
      ["--email", "a@b.c", "--name", "A", "--key-out", "no/such/folder.key"],
      "apns: --key-out: there is no folder for no/such/folder.key\n",
    ],
  ])("refuses %j, and writes nothing", async (args, stderr) => {
    expect(await apns(["cert", "csr", ...args], { cwd: folder })).toEqual({ code: 2, stdout: "", stderr });
    expect(existsSync(file("push.key"))).toBe(false);
    expect(existsSync(file("push.certSigningRequest"))).toBe(false);
  });

  test("writes a request that an authority signs, and its key, for its owner alone", async () => {
    const args = ["cert", "csr", "--email", "jane@example.com", "--name", "Jane Doe"];
    const { code, stdout } = await apns(args, { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toBe(
      "push.key  the private key: keep it, and keep it to yourself\n" +
        "push.certSigningRequest  the request: upload it to https://developer.apple.com/account/resources/certificates\n" +
        "then: apns cert convert THE.cer push.key --out push.pem\n",
    );
    expect(mode("push.key")).toBe("600");
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const cer = await authority.signPushRequest(readFileSync(file("push.certSigningRequest")), {
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["production"],
    });
    expect(readIdentity([cer, readFileSync(file("push.key"))]).cert).toBe(cer);

    const before = readFileSync(file("push.key"), "utf8");
    expect(await apns(args, { cwd: folder })).toEqual({
      code: 2,
      stdout: "",
      stderr: "apns: --key-out: push.key is there already; --force replaces it\n",
    });
    expect(readFileSync(file("push.key"), "utf8")).toBe(before);
    expect((await apns([...args, "--force"], { cwd: folder })).code).toBe(0);
    expect(readFileSync(file("push.key"), "utf8")).not.toBe(before);
  });

  test("leaves no key behind if the request cannot be written", async () => {
    writeFileSync(file("there.csr"), "");
    const args = ["cert", "csr", "--email", "a@b.c", "--name", "A", "--out", "there.csr", "--key-out", "lonely.key"];
    expect((await apns(args, { cwd: folder })).stderr).toBe(
      "apns: --out: there.csr is there already; --force replaces it\n",
    );
    expect(existsSync(file("lonely.key"))).toBe(false);
  });

  test("encrypts the key, and says so as JSON", async () => {
    const args = ["cert", "csr", "--email", "a@b.c", "--name", "A", "--out", "e.csr", "--key-out", "e.key", "--json"];
    const { stdout } = await apns(args, { cwd: folder, env: { APNS_OUT_PASSPHRASE: "hunter2" } });
    expect(JSON.parse(stdout)).toEqual({ request: "e.csr", key: "e.key", encrypted: true });
    expect(readFileSync(file("e.key"), "utf8")).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  });
});

describe("apns cert csr, without the passphrase it was told of,", { timeout: 60_000 }, () => {
  test("writes nothing", async () => {
    const args = ["cert", "csr", "--email", "a@b.c", "--name", "A", "--out", "n.csr", "--key-out", "n.key"];
    expect(await apns([...args, "--out-passphrase-env", "NO_SUCH"], { cwd: folder })).toEqual({
      code: 3,
      stdout: "",
      stderr:
        "apns: --out-passphrase-env names a variable that is not set, or empty; the name is not repeated here, since it may be the passphrase: give that by APNS_OUT_PASSPHRASE\n",
    });
    expect(existsSync(file("n.key"))).toBe(false);
  });
});

describe("apns cert inspect", { timeout: 60_000 }, () => {
  test.each([
    [["nowhere.cer"], 2, "ERR_APNS_USAGE", "the argument: there is no file nowhere.cer"],
    [["."], 2, "ERR_APNS_USAGE", "the argument: . is a folder, not a file"],
    [[fixture("push.key")], 3, "ERR_APNS_CREDENTIALS_NO_CERTIFICATE", /holds a private key, but no certificate/],
    [[fixture("request.csr")], 3, "ERR_APNS_CREDENTIALS_WRONG_KIND", /is a certificate signing request/],
    [
      [fixture("rc2-40.p12")],
      3,
      "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING",
      /by --passphrase-file, or set APNS_PASSPHRASE\.$/,
    ],
    [[fixture("rc2-40.p12"), "--passphrase-env", "WRONG"], 3, "ERR_APNS_CREDENTIALS_PASSPHRASE_WRONG", /does not open/],
    [["-"], 3, "ERR_APNS_CREDENTIALS_EMPTY", /^stdin is empty/],
  ])("refuses %j", async (args, code, errorCode, message) => {
    const result = await apns(["cert", "inspect", "--json", ...args], { cwd: folder, env: { WRONG: "hunter2" } });
    expect(result).toMatchObject({ code, stdout: "" });
    expect(errorOf(result.stderr)).toEqual({
      code: errorCode,
      message: typeof message === "string" ? message : expect.stringMatching(message),
      exitCode: code,
    });
    expect(result.stderr).not.toContain("hunter2");
  });

  test("says what a certificate is for", async () => {
    const { code, stdout, stderr } = await apns(["cert", "inspect", fixture("rc2-40.p12")], secret);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(/\d+ days/, "N days").replaceAll(/[0-9a-f]{38,64}/g, "HEX")).toBe(
      `name          Apple Push Services: com.example.App
for           an app, development and production (universal)
environments  production, development
topics        com.example.App (app), com.example.App.voip (voip), com.example.App.complication (complication)
team          TEAM123456
valid         from 2024-01-01T00:00:00.000Z to 2124-01-01T00:00:00.000Z, N days left
private key   given, and its own
public key    RSA 2048
issuer        Fixture Worldwide Developer Relations
chain         Fixture Worldwide Developer Relations < (not given)
serial        HEX
SHA-256       HEX
`,
    );
  });

  test.each([
    ["expired.pem", [], /^valid +EXPIRED at 2021-01-30T12:00:00.000Z: make a new one/m],
    ["future.pem", [], /^valid +NOT BEFORE 2100-01-01T00:00:00.000Z/m],
    ["universal.cer", [fixture("other.key")], /^private key +ANOTHER CERTIFICATE'S/m],
  ])("ends with 3 if %s is of no use", async (name, more, text) => {
    const { code, stdout } = await apns(["cert", "inspect", fixture(name), ...more]);
    expect(code).toBe(3);
    expect(stdout).toMatch(text);
  });

  test("prints JSON, reads stdin, and several certificates", async () => {
    const one = await apns(["cert", "inspect", "-", "--json"], { stdin: certificate });
    expect(JSON.parse(one.stdout)).toMatchObject({
      ok: true,
      certificates: [{ kind: "universal", privateKey: "absent" }],
    });
    const several = await apns(["cert", "inspect", fixture("pass.pem"), fixture("expired.pem"), "--json"]);
    expect(several.code).toBe(3);
    expect(JSON.parse(several.stdout)).toMatchObject({
      ok: false,
      certificates: [
        { kind: "pass", validity: "valid" },
        { kind: "universal", validity: "expired" },
      ],
    });
  });
});

describe("apns cert convert", { timeout: 60_000 }, () => {
  const convert = (args: readonly string[], env: Record<string, string> = {}) =>
    apns(["cert", "convert", ...args], { cwd: folder, env });

  test.each([
    [["--out", "x.p12"], 2, /missing required argument 'files'/],
    [[fixture("universal.cer")], 2, /required option '--out <file>'/],
    [[fixture("universal.cer"), "--out", "x"], 2, /the name x does not say what to write; end it in \.p12/],
    [[fixture("combined.pem"), "--out", "x.p12"], 2, /a \.p12 wants a passphrase: give --out-passphrase-file/],
    [[fixture("universal.cer"), "--out", "-"], 2, /the name - does not say what to write/],
    [[fixture("universal.cer"), "--out", "-", "--to", "crt", "--json"], 2, /leaves no room for --json/],
    [[fixture("universal.cer"), "--out", "x.p12"], 2, /a \.p12 wants a passphrase/],
    [[fixture("universal.cer"), "--out", "x.pem"], 3, /universal\.cer holds only a certificate: give the private key/],
    [[fixture("universal.cer"), fixture("other.key"), "--out", "x.pem"], 3, /is not that of the certificate/],
    [[fixture("push.key"), "--out", "x.cer"], 3, /holds a private key, but no certificate/],
    [[fixture("universal.cer"), "--out", "x.key"], 3, /holds only a certificate/],
    [[fixture("3des.p12"), "--out", "x.pem"], 3, /protected by a passphrase.*--passphrase-file/],
    [[fixture("combined.pem"), "--out", "x.pem", "--encryption", "rot13"], 2, /Allowed choices are compatible, modern/],
    [
      [fixture("3des.p12"), "--out", "x.pem", "--passphrase-env", "NO_SUCH"],
      3,
      /^apns: --passphrase-env names a variable that is not set, or empty(?!.*NO_SUCH)/,
    ],
    [
      [fixture("3des.p12"), "--out", "x.pem", "--passphrase-file", "nowhere"],
      2,
      /^apns: --passphrase-file names no file that can be read(?!.*nowhere)/,
    ],
  ])("refuses %j, and writes nothing", async (args, code, message) => {
    const result = await convert(args);
    expect(result).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
    for (const name of ["x", "x.p12", "x.pem", "x.cer", "x.key"]) expect(existsSync(file(name))).toBe(false);
  });

  test("makes a .p12 of the portal's .cer and its key", async () => {
    writeFileSync(file("passphrase.txt"), "p4ss phrase\n");
    const args = [fixture("universal.cer"), fixture("push.key"), "--out", "made.p12"];
    const { code, stdout } = await convert([...args, "--out-passphrase-file", "passphrase.txt", "--name", "push"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "made.p12  certificate and private key\n" });
    expect(mode("made.p12")).toBe("600");
    expect(readP12(readFileSync(file("made.p12")), { passphrase: "p4ss phrase" })).toMatchObject({
      identities: [{ cert: certificate, key, friendlyName: "push" }],
      encryption: ["3DES"],
    });
  });

  test("makes a .p12 of today of one of old, with the same passphrase", async () => {
    const args = [fixture("rc2-40.p12"), "--out", "modern.pfx", "--encryption", "modern", "--json"];
    const { stdout } = await convert(args, { APNS_PASSPHRASE: "secret" });
    expect(JSON.parse(stdout)).toEqual({ file: "modern.pfx", form: "p12", encrypted: true });
    const { identities, encryption } = readP12(readFileSync(file("modern.pfx")), { passphrase: "secret" });
    expect(encryption).toEqual(["AES-256"]);
    expect(identities).toMatchObject([{ cert: certificate + intermediate, key }]);
  });

  test("writes each form", async () => {
    const source = fixture("rc2-40.p12");
    const env = { APNS_PASSPHRASE: "secret" };
    expect((await convert([source, "--out", "all.pem"], env)).stdout).toBe(
      "all.pem  certificate and private key, NOT encrypted: keep it to yourself\n",
    );
    expect(readFileSync(file("all.pem"), "utf8")).toBe(certificate + intermediate + key);
    expect(mode("all.pem")).toBe("600");
    expect((await convert([source, "--out", "all.cer"], env)).stdout).toBe("all.cer  the certificate\n");
    expect(readFileSync(file("all.cer"))).toEqual(readFileSync(fixture("universal.cer")));
    // Nothing in it is secret: whoever made the file says who reads it.
    expect(mode("all.cer")).toBe((0o666 & ~process.umask()).toString(8));
    await convert([source, "--out", "all.crt"], env);
    expect(readFileSync(file("all.crt"), "utf8")).toBe(certificate + intermediate);
    await convert([source, "--out", "all.txt", "--to", "key"], env);
    expect(readFileSync(file("all.txt"), "utf8")).toBe(key);
    const printed = await convert([source, "--out", "-", "--to", "crt"], env);
    expect(printed).toEqual({ code: 0, stdout: certificate + intermediate, stderr: "" });
    await convert([fixture("universal.pem"), "--out", "only.cer"]);
    expect(readFileSync(file("only.cer"))).toEqual(readFileSync(fixture("universal.cer")));
    await convert([fixture("pkcs1.key"), "--out", "only.key"]);
    expect(readFileSync(file("only.key"), "utf8")).toBe(key);
    await convert([fixture("expired.pem"), fixture("push.key"), "--out", "expired.pem"]);
    expect(readFileSync(file("expired.pem"), "utf8")).toBe(readFileSync(fixture("expired.pem"), "utf8") + key);
  });

  test("encrypts the key of a .pem, and replaces a file only if told so", async () => {
    writeFileSync(file("there.pem"), "precious", { mode: 0o644 });
    const args = [fixture("combined.pem"), "--out", "there.pem"];
    const env = { APNS_OUT_PASSPHRASE: "hunter2" };
    expect(await convert(args, env)).toEqual({
      code: 2,
      stdout: "",
      stderr: "apns: --out: there.pem is there already; --force replaces it\n",
    });
    expect(readFileSync(file("there.pem"), "utf8")).toBe("precious");
    expect((await convert([...args, "--force"], env)).stdout).toBe("there.pem  certificate and private key\n");
    expect(mode("there.pem")).toBe("600");
    expect(readIdentity(readFileSync(file("there.pem")), { passphrase: "hunter2" })).toEqual({
      cert: certificate,
      key,
    });
  });

  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
  test.skipIf(!hasOpenssl)(`openssl opens it${hasOpenssl ? "" : " (SKIPPED: there is no openssl)"}`, async () => {
    await convert([fixture("combined.pem"), "--out", "judged.p12"], { APNS_OUT_PASSPHRASE: "secret" });
    const args = ["pkcs12", "-in", "judged.p12", "-passin", "pass:secret", "-noenc"];
    const { status, stdout } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toContain(certificate);
    expect(stdout).toContain(key);
  });
});
