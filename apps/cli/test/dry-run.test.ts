import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { apns } from "./apns.js";
import { startApple } from "./simulator.js";

const args = ["send", "--dry-run", "--body", "Hi", "--expiration", "2033-05-18T03:33:20Z"];

describe("apns send and a payload that is wrong", { timeout: 60_000 }, () => {
  const given = (payload: string): string[] => [
    ...["send", "--dry-run", "--environment", "production", "--topic", "a.b"],
    ...["--payload", payload, "ab".repeat(32)],
  ];

  test("warns of what a device would ignore, on stderr, and sends it", async () => {
    const { code, stdout, stderr } = await apns(given('{"aps":{"alert":"x","allert":"y"}}'));
    expect([code, stderr]).toEqual([
      0,
      'apns: warning: line 1, column 21: aps.allert: is no key that Apple defines here. Do you mean "alert"?\n',
    ]);
    expect(stdout).toContain('  {"aps":{"alert":"x","allert":"y"}}');
  });

  test("refuses what cannot be JSON, and says where", async () => {
    const { code, stdout, stderr } = await apns(given('{"aps":{"alert":"x"},}'));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^apns: --payload: line 1, column 22: the payload is not JSON: /);
  });

  test("says nothing of a sound one", async () => {
    expect((await apns(given('{"aps":{"alert":"x"}}'))).stderr).toBe("");
  });
});

describe("apns send --dry-run", { timeout: 60_000 }, () => {
  test("shows the header fields and the payload of an HTTP/2 request, but no provider token, and sends nothing", async () => {
    const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
    const { code, stdout } = await apns([...args, "--priority", "10", "aabb"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        stdout.split("\n")[0],
        "  :method: POST",
        "  :scheme: https",
        `  :authority: 127.0.0.1:${simulator.http2.port}`,
        "  :path: /3/device/aabb",
        "  authorization: bearer [provider token, not shown]",
        "  apns-topic: com.example.App",
        "  apns-push-type: alert",
        "  apns-priority: 10",
        "  apns-expiration: 2000000000",
        "",
        '  {"aps":{"alert":{"body":"Hi"}}}',
        "",
        "",
      ].join("\n"),
    );
    expect(stdout).toMatch(/^HTTP\/2 request for aabb: \d+ bytes as the first of a connection\n/);
    expect(simulator.stats().http2.connections).toBe(0);
  });

  test("shows a legacy frame field by field, without credentials", async () => {
    const { code, stdout } = await apns([...args, "--transport", "binary", "aabb"], { cwd: "/" });
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "binary frame for aabb: 46 bytes, format enhanced",
        "  command         1 (enhanced)",
        "  identifier      1",
        "  expiry          2000000000 (2033-05-18T03:33:20.000Z)",
        "  token length    2 bytes",
        "  device token    aabb",
        "  payload length  31 bytes",
        '  payload         {"aps":{"alert":{"body":"Hi"}}}',
        "",
        "",
      ].join("\n"),
    );
  });

  test("shows every byte of it with --hex", async () => {
    const { stdout } = await apns([...args, "--transport", "binary", "--format", "framed", "--hex", "aabb"], {
      cwd: "/",
    });
    expect(stdout).toBe(
      [
        "binary frame for aabb: 62 bytes, format framed",
        "  0000  02                                               command: 2 (framed)",
        "  0001  00 00 00 39                                      frame length: 57 bytes of items",
        "  0005  03                                               item id: 3 (identifier)",
        "  0006  00 04                                            item length: 4 bytes",
        "  0008  00 00 00 01                                      identifier: 1",
        "  000c  01                                               item id: 1 (device token)",
        "  000d  00 02                                            item length: 2 bytes",
        "  000f  aa bb                                            device token: aabb",
        "  0011  02                                               item id: 2 (payload)",
        "  0012  00 1f                                            item length: 31 bytes",
        '  0014  7b 22 61 70 73 22 3a 7b 22 61 6c 65 72 74 22 3a  payload: {"aps":{"alert":{"body":"Hi"}}}',
        "  0024  7b 22 62 6f 64 79 22 3a 22 48 69 22 7d 7d 7d",
        "  0033  04                                               item id: 4 (expiry)",
        "  0034  00 04                                            item length: 4 bytes",
        "  0036  77 35 94 00                                      expiry: 2000000000 (2033-05-18T03:33:20.000Z)",
        "  003a  05                                               item id: 5 (priority)",
        "  003b  00 01                                            item length: 1 bytes",
        "  003d  0a                                               priority: 10",
        "",
        "",
      ].join("\n"),
    );
  });

  test("shows the frames of HTTP/2 with --hex, all of whose bytes are there", async () => {
    const { stdout } = await apns([...args, "--hex", "--environment", "development", "aabb"], { cwd: "/" });
    const dump = stdout.split("\n").filter((line) => /^ {2}[0-9a-f]{4} {2}/.test(line));
    const bytes = dump.flatMap((line) => line.slice(8, 55).trim().split(" "));
    expect(stdout).toContain(`HTTP/2 request for aabb: ${bytes.length} bytes`);
    expect(stdout).toContain("type: 1 (HEADERS)\n");
    expect(stdout).toContain("flags: END_STREAM\n");
    expect(stdout).toContain("  :authority: api.sandbox.push.apple.com\n");
    expect(stdout).not.toContain("authorization");
  });

  test("with --json, is JSON a device", async () => {
    const { stdout } = await apns([...args, "--json", "--transport", "binary", "aabb", "ccdd"], { cwd: "/" });
    const [first, second] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ transport: "binary", deviceToken: "aabb", format: "enhanced" });
    expect(first.frame).toMatch(/^0100000001773594000002aabb001f7b22/);
    expect(first.fields[3]).toEqual({ offset: 9, length: 2, name: "token length", meaning: "2 bytes" });
    expect(second.frame).toContain("ccdd");
  });

  test("of a list, shows three filled examples, and with --strict checks the others", async () => {
    const folder = mkdtempSync(join(tmpdir(), "apns-cli-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const lines = ["Ada", "Bob", "Eve", "Jo", "Kim"].map((name, index) => `${name},${index}${"a".repeat(63)}`);
    writeFileSync(join(folder, "list.csv"), ["name,token", ...lines, "x"].join("\n"));
    const given = ["send", "--dry-run", "--environment", "production", "--to", "list.csv", "--body", "Dear {{name}}"];
    const { code, stdout } = await apns(given, { cwd: folder });
    expect(code).toBe(0);
    expect([...stdout.matchAll(/"body":"Dear (\w+)"/g)].map(([, name]) => name)).toEqual(["Ada", "Bob", "Eve"]);
    expect(stdout).toMatch(/\nThese are the first 3 of the list; --strict checks all of it\.\n$/);
    expect((await apns([...given, "--json"], { cwd: folder })).stdout.trim().split("\n")).toHaveLength(3);
    const strict = await apns([...given, "--strict"], { cwd: folder });
    expect(strict).toMatchObject({ code: 2, stdout: "" });
    expect(strict.stderr).toContain("line 7: has 1 values, but there are 2 columns");
  });

  test("says which line lacks a merge field", async () => {
    const { code, stderr } = await apns(["send", "--dry-run", "--transport", "binary", "--body", "{{name}}", "aabb"]);
    expect(code).toBe(2);
    expect(stderr).toBe('apns: line 1 of the list has no field "name", which the payload asks for\n');
  });

  test.each([
    [["--transport", "binary", "--format", "simple", "aabb"], '--expiration: format "simple" has none'],
    [["--environment", "production", "xyz"], "line 1 of the list deviceToken: "],
  ])("refuses %j as sending would", async (more, message) => {
    const { code, stderr } = await apns([...args, ...more], { cwd: "/" });
    expect(code).toBe(2);
    expect(stderr).toContain(`apns: ${message}`);
  });
});
