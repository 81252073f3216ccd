import { readFileSync } from "node:fs";
import { signProviderToken } from "@apns/http2";
import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { fixture } from "./fixtures.js";

const p8 = fixture("AuthKey_ABC123DEFG.p8");
const key = readFileSync(p8, "utf8");
const make = ["token", "make", "--key", p8, "--team-id", "TEAM123456"];
const minutes = (count: number): number => count * 60_000;
const tokenOfAge = (ageMs: number): string =>
  signProviderToken({ key, keyId: "ABC123DEFG", teamId: "TEAM123456", issuedAt: Date.now() - ageMs });

describe("apns token make", { timeout: 60_000 }, () => {
  test.each([
    [["--team-id", "TEAM123456"], 3, /^apns: no signing key: give --key, set APNS_KEY, or name it in apns\.json\n$/],
    [["--key", p8], 3, /^apns: a signing key does not say whose it is: give --team-id/],
    [["--key", fixture("sec1.key"), "--team-id", "TEAM123456"], 3, /give --key-id/],
    [["--key", p8, "--team-id", "short"], 2, /^apns: --team-id: is not ten letters and digits/],
    [
      ["--key", p8, "--team-id", "TEAM123456", "--key-id", "short"],
      2,
      /^apns: --key-id: is not ten letters and digits/,
    ],
    [["--key", fixture("push.key"), "--key-id", "ABC123DEFG", "--team-id", "TEAM123456"], 3, /--key: is of type rsa/],
    [["--key", "AuthKey_ABC123DEFG.p8", "--team-id", "TEAM123456"], 2, /^apns: --key: there is no file AuthKey_ABC/],
  ])("refuses %j", async (args, code, stderr) => {
    expect(await apns(["token", "make", ...args])).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });

  test("prints a token that is good", async () => {
    const { code, stdout } = await apns(make);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const judged = await apns(["token", "inspect", "--key", p8, "--json"], { stdin: stdout });
    expect(JSON.parse(judged.stdout)).toMatchObject({
      keyId: "ABC123DEFG",
      teamId: "TEAM123456",
      algorithm: "ES256",
      signature: "valid",
      ok: true,
      problems: [],
    });
  });

  test("prints it as JSON, with a key from the environment", async () => {
    const env = { APNS_KEY: key.replaceAll("\n", "\\n"), APNS_KEY_ID: "XYZ123DEFG", APNS_TEAM_ID: "TEAM123456" };
    const { stdout } = await apns(["token", "make", "--json"], { env });
    expect(JSON.parse(stdout)).toEqual({
      token: expect.any(String),
      keyId: "XYZ123DEFG",
      teamId: "TEAM123456",
      issuedAt: expect.any(String),
    });
  });
});

describe("apns token inspect", { timeout: 60_000 }, () => {
  test.each([
    ["nothing", "", [], 3, /^apns: stdin is empty/],
    ["a key", key, [], 3, /stdin is a private key, not a provider token/],
    ["noise", "a.b.c", [], 3, /the header of stdin is not a JSON object in base64url/],
    ["a token with another's key", tokenOfAge(0), ["--key", fixture("push.key")], 3, /is a key of kind RSA 2048/],
  ])("refuses %s", async (_name, stdin, args, code, stderr) => {
    const result = await apns(["token", "inspect", ...args], { stdin });
    expect(result).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });

  test("says that all is well, as far as it can", async () => {
    const { code, stdout } = await apns(["token", "inspect"], { stdin: `bearer ${tokenOfAge(minutes(10))}\n` });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^key ID {5}ABC123DEFG\nteam ID {4}TEAM123456\nalgorithm {2}ES256\nissued at .*, 10 minutes ago\nsignature {2}unchecked: give --key\nnothing that APNs would refuse\n$/,
    );
  });

  test("ends with 3 for what APNs will refuse, and says why", async () => {
    const { code, stdout } = await apns(["token", "inspect", "--team-id", "TEAM999999"], {
      stdin: tokenOfAge(minutes(61)),
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^refused: "iss" is "TEAM123456", not "TEAM999999": sign it with the right team ID\.$/m);
    expect(stdout).toMatch(/^refused: it was issued at .*, more than an hour ago/m);
  });

  test("ends with 0 for a warning", async () => {
    const { code, stdout } = await apns(["token", "inspect", "--json"], { stdin: tokenOfAge(-minutes(30)) });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      problems: [{ code: "FROM_THE_FUTURE", severity: "warning" }],
    });
  });
});
