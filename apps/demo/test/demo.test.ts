// The built demo, run as a child process: what a newcomer types, and what comes back.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "../src/options.ts";

const main = join(import.meta.dirname, "../dist/main.js");

function demo(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("the demo", { timeout: 60_000 }, () => {
  test.each([1, 2, 3])("balances its books with seed %i", async (seed) => {
    const { code, stdout, stderr } = await demo("--count", "1000", "--seed", String(seed), "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { workload, transports } = JSON.parse(stdout);
    expect(workload).toEqual({
      count: 1000,
      badPercent: 1,
      unregisteredPercent: 0.5,
      delayMs: 20,
      reconnectEvery: 10_000,
      seed,
    });
    const [binary, http2] = transports;
    expect([binary.protocol, http2.protocol]).toEqual(["binary", "http2"]);
    const bad = http2.rejectedByReason.BadDeviceToken ?? 0;
    const unregistered = http2.rejectedByReason.Unregistered ?? 0;
    // Over the legacy wire a removed app is no refusal: it is told by the feedback service.
    expect(binary.rejectedByReason).toEqual(bad === 0 ? {} : { BadDeviceToken: bad });
    expect([binary.accepted, http2.accepted]).toEqual([1000 - bad, 1000 - bad - unregistered]);
    for (const transport of transports) {
      expect(transport).toMatchObject({ sent: 1000, unsent: 0, unconfirmed: 0, lost: 0, doubled: 0, misreported: 0 });
      expect(transport.accepted + transport.rejected).toBe(1000);
      expect(transport.simulatorReceived).toBe(transport.accepted);
      for (const figure of ["elapsedMs", "perSecond", "p50Ms", "p99Ms", "cpuSeconds", "bytesWritten", "connections"]) {
        expect(transport[figure]).toBeGreaterThan(0);
      }
    }
  });

  test("balances them with every fifth device token bad and no delay, and nothing but them in the object", async () => {
    const { code, stdout } = await demo(
      "--count",
      "400",
      "--bad",
      "20",
      "--unregistered",
      "0",
      "--delay-ms",
      "0",
      "--json",
    );
    expect(code).toBe(0);
    for (const transport of JSON.parse(stdout).transports) {
      expect(transport.rejected).toBeGreaterThan(40);
      expect(transport.lost + transport.doubled + transport.misreported).toBe(0);
    }
  });

  test("balances them when barriers are more frequent than notifications are many", async () => {
    const { code, stdout } = await demo("--count", "300", "--reconnect-every", "50", "--delay-ms", "0", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).transports[0].connections).toBeGreaterThanOrEqual(6);
  });

  test("shows people a table, a sentence for each wire, the verdict, and how to go on", async () => {
    const { code, stdout, stderr } = await demo("--count", "200");
    expect(code).toBe(0);
    // No bar where there is no terminal.
    expect(stderr).toBe("");
    for (const text of [
      "200 notifications over each wire",
      "│ notifications per second",
      "binary (legacy): the gateway speaks only when it refuses",
      "HTTP/2: every notification had an answer of its own",
      "binary (legacy): books balance: nothing lost, nothing doubled, each of 200 notifications accounted for.",
      "HTTP/2: books balance: nothing lost, nothing doubled, each of 200 notifications accounted for.",
      "npx pnpm@10 demo --bad 20 --delay-ms 0 --count 200000",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  test("explains itself", async () => {
    const { code, stdout } = await demo("--help");
    expect(code).toBe(0);
    for (const option of [
      "count",
      "bad",
      "unregistered",
      "delay-ms",
      "reconnect-every",
      "seed",
      "page",
      "no-page",
      "port",
      "json",
      "help",
    ]) {
      expect(stdout).toContain(`--${option}`);
    }
  });

  test("refuses what it does not know in one line, with exit code 2", async () => {
    const stderr = "demo: Unknown option '--frobnicate'; see --help\n";
    expect(await demo("--frobnicate")).toEqual({ code: 2, stdout: "", stderr });
  });

  test.each([
    [["extra"], "Unexpected argument 'extra'"],
    [["--count", "0"], '--count takes a number from 1 to 5000000, not "0"'],
    [["--count", "1.5"], '--count takes a whole number from 1 to 5000000, not "1.5"'],
    [["--bad", "many"], '--bad takes a number from 0 to 100, not "many"'],
    [["--delay-ms", ""], '--delay-ms takes a number from 0 to 10000, not ""'],
    [["--bad", "80", "--unregistered", "30"], "--bad 80 and --unregistered 30 are more than 100 percent together"],
  ])("refuses %j and says why", (args, message) => {
    expect(() => parseOptions(args)).toThrow(new UsageError(message));
  });
});
