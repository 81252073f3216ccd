// Peers that nobody here wrote: curl, h2load and openssl, where they are installed.
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Simulator } from "../src/index.ts";
import { deviceToken, enhanced, providerToken, start } from "./peers.ts";

const run = promisify(execFile);
const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasCurl = works("curl", "--version") && spawnSync("curl", ["--version"]).stdout.includes("HTTP2");
const hasH2load = works("h2load", "--version");
const hasOpenssl = works("openssl", "version");
const title = (name: string, present: boolean) => `${name}${present ? "" : ` (SKIPPED: no ${name} on this machine)`}`;

/** The simulator's certificates in a folder, for tools that want files. */
function files(apple: Simulator): string {
  const folder = mkdtempSync(join(tmpdir(), "apns-simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "ca.pem"), apple.credentials.ca);
  writeFileSync(join(folder, "client.pem"), apple.credentials.tls.cert + apple.credentials.tls.key);
  writeFileSync(join(folder, "body.json"), '{"aps":{"alert":"Hi"}}');
  return folder;
}

async function ready(): Promise<{ apple: Simulator; folder: string; url: string }> {
  const apple = await start({ errorLingerMs: 30 });
  apple.world.register(deviceToken);
  return { apple, folder: files(apple), url: `https://localhost:${apple.http2.port}/3/device/` };
}

describe.skipIf(!hasCurl)(title("curl", hasCurl), () => {
  it("pushes with a provider token, as in Apple's own recipe", async () => {
    const { apple, folder, url } = await ready();
    const curl = async (token: string, ...args: string[]) => {
      const base = ["-s", "-i", "--http2", "--cacert", "ca.pem", "-d", '{"aps":{"alert":"Hi"}}'];
      const { stdout } = await run("curl", [...base, ...args, url + token], { cwd: folder });
      return stdout.replaceAll("\r", "");
    };
    const headers = [
      "-H",
      "apns-topic: com.example.App",
      "-H",
      `authorization: ${providerToken(apple, { signature: "der" })}`,
    ];
    expect(await curl(deviceToken, ...headers)).toMatch(/^HTTP\/2 200 \napns-id: [0-9A-F-]{36}\n\n$/);
    expect(await curl("ab".repeat(32), ...headers)).toMatch(
      /^HTTP\/2 400 \napns-id: [0-9A-F-]{36}\n\n\{"reason":"BadDeviceToken"\}$/,
    );
    expect(await curl("aaaa")).toMatch(/^HTTP\/2 403 \n.*\n\n\{"reason":"MissingProviderToken"\}$/);
    expect(await curl(deviceToken, "--cert", "client.pem", "-H", "apns-topic: com.example.App")).toMatch(
      /^HTTP\/2 200/,
    );
  });
});

describe.skipIf(!hasH2load)(title("h2load", hasH2load), () => {
  it("gets four thousand answers over four connections", async () => {
    const { apple, folder, url } = await ready();
    // One request warms each connection up: a client that opens more before the first answer is refused, as by Apple.
    const { stdout } = await run(
      "h2load",
      [
        "-n",
        "4000",
        "-c",
        "4",
        "-m",
        "1",
        "-d",
        "body.json",
        "-H",
        `authorization: ${providerToken(apple)}`,
        "-H",
        "apns-topic: com.example.App",
        url + deviceToken,
      ],
      { cwd: folder },
    );
    expect(stdout).toContain("4000 succeeded, 0 failed");
    expect(apple.stats().http2).toMatchObject({ connections: 4, accepted: 4000 });
  });
});

describe.skipIf(!hasOpenssl)(title("openssl", hasOpenssl), () => {
  it("s_client gets the six bytes from the gateway", async () => {
    const { apple, folder } = await ready();
    const { host, port } = apple.gateway;
    const args = ["s_client", "-quiet", "-connect", `${host}:${port}`, "-CAfile", "ca.pem", "-cert", "client.pem"];
    const child = spawn("openssl", [...args, "-verify_return_error", "-servername", "localhost"], { cwd: folder });
    onTestFinished(() => void child.kill());
    const frames = enhanced(1) + enhanced(2, "ab".repeat(32)) + enhanced(3);
    child.stdin.write(Buffer.from(frames, "hex"));
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString("hex")).toBe("080800000002");
    expect(apple.stats().binary).toMatchObject({ accepted: 1, rejected: 1, discarded: 1 });
  });
});
