// h2spec, the conformance suite for HTTP/2 servers (RFC 7540 and 7541), in its strict mode. Go builds it from its module
// proxy, in the versions of judges/h2spec/go.mod.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { appleSettings } from "../src/http2/settings.ts";
import { start } from "./peers.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "apns-h2spec-"));
afterAll(() => rmSync(folder, { recursive: true }));
const h2spec = join(folder, "h2spec");

/** Why h2spec cannot be had here; `undefined` once it is built. */
async function missing(): Promise<string | undefined> {
  const args = ["build", "-mod=readonly", "-o", h2spec, "github.com/summerwind/h2spec/cmd/h2spec"];
  const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" };
  try {
    await run("go", args, { cwd: join(import.meta.dirname, "judges/h2spec"), env, timeout: 240_000 });
    return undefined;
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return "no Go on this machine";
    return `Go cannot build it: ${stderr.trim().split("\n").at(-1)}`;
  }
}

/** The closing line of a run, and the cases that failed. */
async function judged(): Promise<{ readonly closing: string | undefined; readonly failed: readonly string[] }> {
  const { port } = (await start()).http2;
  const args = ["--host", "127.0.0.1", "--port", String(port), "--tls", "--insecure", "--strict", "--timeout", "5"];
  // It exits with 1 if a case fails.
  const { stdout } = await run(h2spec, args).catch((error: { stdout: string }) => error);
  const failures = stdout.slice(stdout.indexOf("\nFailures:"));
  return {
    closing: stdout.trim().split("\n").at(-1),
    failed: [...failures.matchAll(/^ *× \d+: (.*)$/gm)].map(([, name]) => name!),
  };
}

const reason = await missing();

describe.skipIf(reason !== undefined)(`h2spec${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`, () => {
  it("passes all but the case that has more headers than Apple takes", async () => {
    expect(await judged()).toEqual({
      closing: "146 tests, 145 passed, 0 skipped, 1 failed",
      failed: ["Sends multiple CONTINUATION frames preceded by a HEADERS frame"],
    });
  });

  it("passes that case, too, where header lists may be longer than Apple's 8,000 octets", async () => {
    const settings: { maxHeaderListSize: number } = appleSettings;
    const { maxHeaderListSize } = appleSettings;
    onTestFinished(() => {
      settings.maxHeaderListSize = maxHeaderListSize;
    });
    // Two headers of 4,000 octets and those that every request has.
    settings.maxHeaderListSize = 16_384;
    expect(await judged()).toEqual({ closing: "146 tests, 146 passed, 0 skipped, 0 failed", failed: [] });
  });
});
