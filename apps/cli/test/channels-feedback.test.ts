import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { startApple, tokenOf } from "./simulator.js";

describe("apns channels", { timeout: 60_000 }, () => {
  test("creates, shows, lists and deletes", async () => {
    const { folder } = await startApple();
    const channels = (...args: string[]) => apns(["channels", ...args], { cwd: folder });
    expect(await channels("list")).toEqual({ code: 0, stdout: "", stderr: "" });

    const { code, stdout } = await channels("create", "--storage", "most-recent");
    const id = stdout.trim();
    expect({ code, id }).toEqual({ code: 0, id: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) });
    expect(await channels("show", id)).toMatchObject({ code: 0, stdout: `${id}  storage most-recent\n` });
    expect(JSON.parse((await channels("list", "--json")).stdout)).toEqual({ channelIds: [id] });
    expect(await channels("delete", id)).toMatchObject({ code: 0, stdout: `deleted ${id}\n` });
    expect((await channels("list")).stdout).toBe("");
  });

  test("says what APNs refused, with exit code 1", async () => {
    const { folder } = await startApple();
    const { code, stderr } = await apns(["channels", "show", "dHN0LXNyY2gtY2hubA=="], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^apns: Reading channel dHN0LXNyY2gtY2hubA== of com\.example\.App: APNs answered 4\d\d /);
  });

  test("says that the credentials are refused, with exit code 3", async () => {
    const { folder } = await startApple();
    const { code, stderr } = await apns(["channels", "list", "--key-id", "OTHER12345"], { cwd: folder });
    expect(code).toBe(3);
    expect(stderr).toContain("APNs answered 403 InvalidProviderToken");
  });

  test.each([
    [["create"], "required option '--storage <policy>' not specified"],
    [["create", "--storage", "all"], "option '--storage <policy>' argument \"all\" is invalid."],
    [["show"], "missing required argument 'channel-id'"],
    [["list", "--config", "none.json"], "--config: there is no file none.json"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { folder } = await startApple();
    const { code, stderr } = await apns(["channels", ...args], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(`apns: ${message}`);
  });

  test("needs to know whose they are", async () => {
    const { stderr } = await apns(["channels", "list", "--environment", "production"], { cwd: "/" });
    expect(stderr).toBe("apns: whose channels? Give --topic, the app's bundle ID\n");
  });
});

describe("apns feedback", { timeout: 60_000 }, () => {
  async function appleWithRemovals() {
    const apple = await startApple();
    for (const index of [1, 2]) {
      apple.simulator.world.register(tokenOf(index));
      apple.simulator.world.unregister(tokenOf(index));
    }
    await apns(["send", "--transport", "binary", "--body", "x", tokenOf(1), tokenOf(2)], { cwd: apple.folder });
    return apple;
  }

  test("prints the devices on which the app is gone, once", async () => {
    const { folder } = await appleWithRemovals();
    const { code, stdout } = await apns(["feedback"], { cwd: folder });
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n").sort();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^${tokenOf(1)}  \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.000Z$`));
    expect(await apns(["feedback"], { cwd: folder })).toEqual({
      code: 0,
      stdout: "no device has lost the app since the list was last read\n",
      stderr: "",
    });
  });

  test("prints them as NDJSON", async () => {
    const { folder } = await appleWithRemovals();
    const { stdout } = await apns(["feedback", "--json"], { cwd: folder });
    const records = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.map(({ deviceToken }) => deviceToken).sort()).toEqual([tokenOf(1), tokenOf(2)]);
    expect((await apns(["feedback", "--json"], { cwd: folder })).stdout).toBe("");
  });

  test("says that nobody answers, and that a certificate is needed, with exit code 3", async () => {
    const { folder } = await startApple();
    const refused = await apns(["feedback", "--port", "1"], { cwd: folder });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("nobody listens there; check host and port");
    const bare = await apns(["feedback", "--host", "localhost"], { cwd: "/" });
    expect(bare).toMatchObject({ code: 3, stderr: expect.stringContaining("Give --cert with --cert-key, or --p12") });
  });
});
