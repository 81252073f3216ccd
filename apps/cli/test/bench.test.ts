import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { apnsInProcess } from "./in-process.js";
import { startApple, tokenOf } from "./simulator.js";

describe("apns bench", { timeout: 60_000 }, () => {
  test("measures both wires against a simulator of its own, whose count agrees", async () => {
    const { code, stdout, stderr } = await apns(["bench", "--count", "500", "--delay-ms", "2", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { count, delayMs, wires } = JSON.parse(stdout);
    expect({ count, delayMs }).toEqual({ count: 500, delayMs: 2 });
    expect(wires.map(({ protocol }: { protocol: string }) => protocol)).toEqual(["binary", "http2"]);
    for (const wire of wires) {
      expect(wire).toMatchObject({
        ...{ sent: 500, accepted: 500, rejected: 0, unsent: 0, unconfirmed: 0 },
        ...{ simulatorAccepted: 500, lost: 0, doubled: 0 },
      });
      for (const figure of ["elapsedMs", "perSecond", "p50Ms", "p99Ms", "bytesWritten", "connections"]) {
        expect(wire[figure]).toBeGreaterThan(0);
      }
    }
  });

  test("shows people a table", async () => {
    const { code, stdout } = await apns(["bench", "--count", "50", "--delay-ms", "0", "--transport", "http2"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^┌─+┬─+┐\n│ +│ +HTTP\/2 │\n/);
    expect(stdout).toMatch(/│ notifications per second +│ +[\d,]+ │\n/);
    expect(stdout).toMatch(/│ simulator accepted +│ +50 │\n/);
  });

  test("measures a server of one's own, with a list of one's own", async () => {
    const { simulator, folder, write } = await startApple();
    simulator.world.register(tokenOf(1));
    write("list.txt", `${tokenOf(1)}\n${tokenOf(2)}\n`);
    const { host, port } = simulator.http2;
    const args = ["--host", host, "--port", String(port), "--to", "list.txt", "--transport", "http2", "--count", "10"];
    const { code, stdout } = await apns(["bench", ...args, "--json"], { cwd: folder });
    expect(code).toBe(1);
    const [wire] = JSON.parse(stdout).wires;
    expect(wire).toMatchObject({ sent: 10, accepted: 5, rejected: 5, rejectedByReason: { BadDeviceToken: 5 } });
    expect(wire.simulatorAccepted).toBeUndefined();
    expect(simulator.stats().http2.received).toBe(10);
  });

  test("never pushes to anybody by accident: not by a configuration file either", async () => {
    const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
    // apns.json names the simulator of this test, but an option has to.
    const { code } = await apns(["bench", "--count", "5", "--transport", "http2"], { cwd: folder });
    expect(code).toBe(0);
    expect(simulator.stats().http2.received).toBe(0);
  });

  test.each([
    [
      ["--host", "api.push.apple.com"],
      "this pushes for real to api.push.apple.com, as fast as it can: if that is meant, add --confirm-host api.push.apple.com",
    ],
    [
      ["--environment", "production"],
      "this pushes for real to production, as fast as it can: if that is meant, add --confirm-host production",
    ],
    [["--environment", "production", "--confirm-host", "development"], "this pushes for real to production"],
    [["--host", "127.evil.example"], "this pushes for real to 127.evil.example"],
    [
      ["--environment", "production", "--confirm-host", "production"],
      "made-up device tokens are an abuse of production: give a list of your own by --to FILE",
    ],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await apnsInProcess(["bench", ...args], { cwd: "/" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`apns: ${message}`);
  });

  test("says that nobody answers, with exit code 3", async () => {
    const { folder } = await startApple();
    const args = ["bench", "--host", "127.0.0.1", "--port", "1", "--transport", "http2", "--count", "5"];
    const { code, stderr } = await apnsInProcess(args, { cwd: folder });
    expect(code).toBe(3);
    expect(stderr).toContain("nobody listens there; check host and port");
  });
});
