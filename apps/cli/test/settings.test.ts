import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { startApple } from "./simulator.js";

/** The authority a dry run shows: whence the host was taken. */
async function authority(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await apns(["send", "--dry-run", "--body", "x", ...args, "aabb"], { cwd, env });
  return /:authority: (.*)\n/.exec(stdout)?.[1] ?? stderr;
}

describe("settings", { timeout: 60_000 }, () => {
  test("come from options, then the environment, then the project's file, then the user's", async () => {
    const { folder, write } = await startApple();
    const home = join(folder, "home");
    const project = join(folder, "project");
    const deep = join(project, "a", "b");
    mkdirSync(join(home, ".config/apns"), { recursive: true });
    mkdirSync(deep, { recursive: true });
    write("home/.config/apns/config.json", '{"host": "user.example", "ports": {"http2": 1001}}');
    const env = { HOME: home };
    expect(await authority("/", [], env)).toBe("user.example:1001");
    write("project/apns.json", '{"host": "project.example", "ports": {"http2": 1002}}');
    expect(await authority(deep, [], env)).toBe("project.example:1002");
    // The port of a file belongs to the host of that file.
    expect(await authority(deep, [], { ...env, APNS_HOST: "variable.example" })).toBe("variable.example");
    expect(await authority(deep, ["--host", "option.example"], { ...env, APNS_HOST: "variable.example" })).toBe(
      "option.example",
    );
    write("other.json", '{"host": "other.example"}');
    expect(await authority(deep, ["--config", "../../../other.json"], env)).toBe("other.example");
    expect(await authority(deep, [], { ...env, APNS_CONFIG: "../../../other.json" })).toBe("other.example");
    expect(await authority(deep, ["--port", "7"], env)).toBe("project.example:7");
  });

  test("that name an environment mean Apple's, unless the host is from the same source or an earlier one", async () => {
    const { folder, write } = await startApple();
    write("apns.json", '{"environment": "production", "host": "project.example"}');
    expect(await authority(folder, [])).toBe("project.example");
    expect(await authority(folder, ["--environment", "development"])).toBe("api.sandbox.push.apple.com");
    expect(await authority(folder, [], { APNS_ENVIRONMENT: "production" })).toBe("api.push.apple.com");
    expect(await authority(folder, ["--host", "x.example"], { APNS_ENVIRONMENT: "production" })).toBe("x.example");
  });

  test("that name Apple's environment reach Apple's hosts, on either port", async () => {
    expect(await authority("/", ["--environment", "production"])).toBe("api.push.apple.com");
    expect(await authority("/", [], { APNS_ENVIRONMENT: "development", APNS_PORT: "2197" })).toBe(
      "api.sandbox.push.apple.com:2197",
    );
  });

  test("name files beside the configuration that names them", async () => {
    const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
    const config = join(folder, "apns.json");
    const { code } = await apns(["send", "--config", config, "--body", "x", "aabb"], { cwd: "/" });
    expect(code).toBe(0);
    expect(simulator.stats().http2.accepted).toBe(1);
  });

  test.each([
    ["{", "configuration apns.json is not JSON: "],
    ["[]", "configuration apns.json: must be a JSON object"],
    ['{"keyid": "x"}', 'configuration apns.json: there is no setting "keyid"; did you mean "keyId"?'],
    ['{"passphrase": "secret"}', 'configuration apns.json: "passphrase" does not belong into a file that is shared'],
    ['{"host": true}', 'configuration apns.json: "host" must be a text'],
    ['{"ports": {"htp2": 1}}', 'configuration apns.json: "ports" takes http2, gateway, feedback, channels'],
    ['{"environment": "prod"}', '"environment" in '],
  ])("%s in a file is refused, naming the file and the fix", async (text, message) => {
    const { folder, write } = await startApple();
    write("apns.json", text);
    const args = ["send", "--dry-run", "--body", "x", "--config", "apns.json", "aabb"];
    const { code, stderr } = await apns(args, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(`apns: ${message}`);
    expect(stderr).not.toContain("secret");
  });

  test.each([
    [["--key", "missing.p8"], "--key: there is no file missing.p8"],
    [["--ca", "none"], "--ca: there is no file none"],
    [["--cert", "."], "--cert: . is a folder, not a file"],
    [["--p12", "ca.pem/x"], "--p12: ca.pem/x leads through something that is no folder"],
    [
      ["--cert", "push.pem", "--passphrase-file", "none"],
      "--passphrase-file names no file that can be read; the name is not repeated here",
    ],
  ])("%j cannot be read: exit code 2", async (args, message) => {
    const { folder } = await startApple();
    const { code, stderr } = await apns(["send", "--config", "apns.json", ...args, "--body", "x", "aabb"], {
      cwd: folder,
    });
    expect(stderr).toContain(`apns: ${message}`);
    expect(code).toBe(2);
  });

  test.each([
    [["--cert", "ca.pem"], "--cert: ca.pem holds only a certificate: give the private key"],
    [
      ["--cert", "push.pem", "--passphrase-env", "NOT_SET"],
      "--passphrase-env names a variable that is not set, or empty; the name is not repeated here",
    ],
    [["--key", "apns.json"], "--key: cannot be read; give the text of the .p8 file"],
    [["--key", "ca.pem"], "--key: holds a certificate, not a signing key; give the text of the .p8 file"],
  ])("%j cannot be used: exit code 3", async (args, message) => {
    const { folder } = await startApple();
    const { code, stderr } = await apns(["send", "--config", "apns.json", ...args, "--body", "x", "aabb"], {
      cwd: folder,
    });
    expect(stderr).toContain(`apns: ${message}`);
    expect(code).toBe(3);
  });

  test("a signing key says by its file name which it is, but not whose", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write(`AuthKey_${simulator.credentials.keyId}.p8`, simulator.credentials.signingKey);
    const { host, port } = simulator.http2;
    const where = ["--host", host, "--port", String(port), "--ca", "ca.pem", "--topic", "com.example.App"];
    const who = ["--key", `AuthKey_${simulator.credentials.keyId}.p8`];
    const send = (...more: string[]) =>
      apns(["send", "--config", "empty.json", ...where, ...who, ...more, "--body", "x", "aabb"], { cwd: folder });
    write("empty.json", "{}");
    expect((await send("--team-id", simulator.credentials.teamId)).code).toBe(0);
    expect((await send()).stderr).toBe(
      "apns: a signing key does not say whose it is: give --team-id (ten characters; the portal shows it under Membership)\n",
    );
  });
});
