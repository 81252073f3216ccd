// The folder of credentials, used by the programs that stand in its README, in their languages.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readIdentity } from "@apns/credentials";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CredentialFiles, Simulator } from "../src/index.ts";
import { deviceToken, start } from "./peers.ts";

const run = promisify(execFile);
const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

async function written(): Promise<{ apple: Simulator; folder: string; files: CredentialFiles }> {
  const apple = await start({ errorLingerMs: 0 });
  apple.world.register(deviceToken);
  const parent = mkdtempSync(join(tmpdir(), "apns-simulator-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, "made", "on the way");
  return { apple, folder, files: await apple.writeCredentials(folder) };
}

/** The program in the README's block of this language. */
function program(files: CredentialFiles, language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "s").exec(readFileSync(files.readme, "utf8")) ?? [];
  return text!;
}

describe("the folder of credentials", () => {
  it("holds what it says, readable for its owner alone", async () => {
    const { apple, folder, files } = await written();
    const { ca, signingKey, keyId, tls } = apple.credentials;
    expect(readdirSync(folder).sort()).toEqual([
      `AuthKey_${keyId}.p8`,
      "README.md",
      "ca.pem",
      "client-cert.pem",
      "client-key.pem",
      "client.p12",
      "client.pem",
      "server-cert.pem",
      "server-key.pem",
    ]);
    for (const file of Object.values(files)) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(files.ca, "utf8")).toBe(ca);
    expect(readFileSync(files.signingKey, "utf8")).toBe(signingKey);
    expect(readIdentity(readFileSync(files.clientP12), { passphrase: "apns" }).cert.trim()).toBe(tls.cert.trim());
    expect(await apple.writeCredentials(folder)).toEqual(files);
  });

  it("is refused without a name", async () => {
    const apple = await start();
    await expect(apple.writeCredentials("")).rejects.toMatchObject({ field: "folder" });
  });
});

describe("the programs in its README push", () => {
  const hasCurl = works("curl", "--version") && spawnSync("curl", ["--version"]).stdout.includes("HTTP2");
  // Without a home to keep its cache in, Go compiles nothing.
  const hasGo = works("go", "list", "-export", "fmt");
  // A program in one source file needs the compiler, which a mere runtime lacks.
  const hasJava = works("javac", "--version");
  const languages: [
    name: string,
    language: string,
    file: string,
    command: string[],
    answer: RegExp,
    present: boolean,
  ][] = [
    ["curl", "sh", "push.sh", ["sh"], /^HTTP\/2 200/, hasCurl],
    // Without optimisation and C, the standard library is compiled in half the time where Go's cache does not have it.
    ["Go", "go", "push.go", ["go", "run", "-gcflags=all=-N -l"], /^HTTP\/2.0 200$/m, hasGo],
    ["Java", "java", "Push.java", ["java"], /^HTTP_2 200$/m, hasJava],
    ["Python", "python", "push.py", ["python3"], /^080200000002$/m, works("python3", "--version")],
    ["PHP", "php", "push.php", ["php"], /^080200000002$/m, works("php", "--version")],
  ];
  for (const [name, language, file, [command, ...args], answer, present] of languages) {
    it.skipIf(!present)(
      `${name}${present ? "" : " (SKIPPED: not on this machine)"}`,
      { timeout: 240_000 },
      async () => {
        const { apple, folder, files } = await written();
        writeFileSync(join(folder, file), program(files, language));
        const env = { ...process.env, CGO_ENABLED: "0" };
        const { stdout } = await run(command!, [...args, file, deviceToken], { cwd: folder, env });
        expect(stdout).toMatch(answer);
        const payload = JSON.stringify({ aps: { alert: `Hello from ${name}` } });
        expect(apple.received.at(0)).toMatchObject({ deviceToken, payload, verdict: { kind: "accepted" } });
      },
    );
  }
});
