// The password of a proxy: from a file or variable, to no proxy that a stranger has named, and with a warning in an argument.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { apns } from "./apns.js";
import { startApple } from "./simulator.js";

const token = "ab".repeat(32);

/** A proxy that lets nobody through, and what it was told. */
async function startProxy(): Promise<{ readonly at: string; readonly authorizations: (string | undefined)[] }> {
  const authorizations: (string | undefined)[] = [];
  const server = createServer();
  server.on("connect", ({ headers }, socket) => {
    authorizations.push(headers["proxy-authorization"]);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, authorizations };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test.each([
  ["a file", ["--proxy-password-file", "password.txt"], {}],
  ["a variable", [], { APNS_PROXY_PASSWORD: "a:b/ü" }],
])("comes from %s", async (_, args, env) => {
  const proxy = await startProxy();
  const { folder, write } = await startApple();
  write("password.txt", "\ufeffa:b/ü\n");
  const given = ["send", "--config", "apns.json", "--proxy", `http://jane@${proxy.at}`, ...args, "--body", "x", token];
  const { code, stderr } = await apns(given, { cwd: folder, env });
  expect(code).toBe(3);
  expect(stderr).toContain("407");
  expect(stderr).not.toContain("a:b");
  expect(proxy.authorizations).toEqual([basic("jane:a:b/ü")]);
});

test("in an argument, draws a warning, and is used", async () => {
  const proxy = await startProxy();
  const { folder } = await startApple();
  const given = ["send", "--config", "apns.json", "--proxy", `http://jane:secret@${proxy.at}`, "--body", "x", token];
  const { stderr } = await apns(given, { cwd: folder });
  expect(stderr.split("\n")[0]).toBe(
    "apns: the password in --proxy can be read by other users of this machine: give it by --proxy-password-file or APNS_PROXY_PASSWORD",
  );
  expect(proxy.authorizations).toEqual([basic("jane:secret")]);
});

test("goes to no proxy that a found file names", async () => {
  const proxy = await startProxy();
  const { simulator, folder, write } = await startApple();
  const { keyId, teamId, topic } = simulator.credentials;
  // With credentials of its own, so that it may name the server.
  write(
    "apns.json",
    JSON.stringify({
      environment: "production",
      proxy: `http://jane@${proxy.at}`,
      key: "key.p8",
      keyId,
      teamId,
      topic,
    }),
  );
  const env = { APNS_PROXY_PASSWORD: "secret" };
  const { code, stderr } = await apns(["send", "--body", "x", token], { cwd: folder, env });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^apns: APNS_PROXY_PASSWORD must not be used with "proxy" in .*apns\.json, a file that was only found/,
  );
  expect(proxy.authorizations).toEqual([]);
});

test.each([
  [
    ["--proxy", "http://127.0.0.1:1"],
    "--proxy names no user for the password: put the user in front of the host, with @ between",
  ],
  [["--proxy", "http://jane:other@127.0.0.1:1"], "--proxy and --proxy-password-file both hold a password: give one"],
])("is refused with %j", async (args, message) => {
  const { folder, write } = await startApple();
  write("password.txt", "secret");
  const given = [
    "send",
    "--config",
    "apns.json",
    ...args,
    "--proxy-password-file",
    "password.txt",
    "--body",
    "x",
    token,
  ];
  const { code, stderr } = await apns(given, { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain(`apns: ${message}\n`);
});
