import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { fixture } from "./fixtures.js";

const p8 = fixture("AuthKey_ABC123DEFG.p8");
const text = readFileSync(p8, "utf8");

describe("apns key inspect", { timeout: 60_000 }, () => {
  test.each([
    ["nowhere.p8", 2, "apns: the argument: there is no file nowhere.p8\n"],
    [fixture("push.key"), 3, /push\.key is a key of kind RSA 2048, but provider tokens are signed with EC P-256/],
    [fixture("p384.p8"), 3, /p384\.p8 is a key of kind EC secp384r1/],
    [fixture("universal.cer"), 3, /is a certificate, not a signing key/],
    // Node 20 ends its process over this one, at the first question about it.
    [fixture("undeclared/fail-3"), 3, /fail-3 looks like a private key, but is damaged/],
    [fixture("encrypted-aes.key"), 3, /is protected by a passphrase.*--passphrase-file/],
  ])("refuses %s", async (path, code, stderr) => {
    expect(await apns(["key", "inspect", path])).toEqual({
      code,
      stdout: "",
      stderr: typeof stderr === "string" ? stderr : expect.stringMatching(stderr),
    });
  });

  test("says which key it is, and nothing of it", async () => {
    const { code, stdout } = await apns(["key", "inspect", p8]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /AuthKey_ABC123DEFG\.p8 is a signing key \(EC P-256\)\nkey ID {2}ABC123DEFG\n-----BEGIN PUBLIC KEY/,
    );
    expect(stdout).not.toContain(text.split("\n")[1]);
  });

  test("reads a key that a variable has mangled from stdin, and says so", async () => {
    const escaped = await apns(["key", "inspect", "-"], { stdin: text.replaceAll("\n", "\\n") });
    expect(escaped.stdout).toMatch(
      /^stdin is a signing key.*\nkey ID {2}not in the file's name.*\nnote {4}its line breaks/,
    );
    const json = await apns(["key", "inspect", "-", "--json"], { stdin: text.replaceAll("\n", "") });
    expect(JSON.parse(json.stdout)).toEqual({
      ok: true,
      publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/),
      wasRepaired: true,
    });
  });
});
