import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { apns, apnsOnTerminal, hasTerminal, shows } from "./apns.js";
import { screenOf } from "./screen.js";
import { startApple, tokenOf } from "./simulator.js";

const known = "ab".repeat(32);
const esc = "\u001b";

describe.skipIf(!hasTerminal)("on a terminal", { timeout: 60_000 }, () => {
  test("a list has a progress bar with rate, ETA and rejects by reason, which leaves the summary behind", async () => {
    const { simulator, folder, write } = await startApple({ latencyMs: 100 });
    const tokens = Array.from({ length: 5000 }, (_, index) => tokenOf(index));
    for (const token of tokens.slice(2)) simulator.world.register(token);
    write("list.txt", tokens.join("\n"));
    const { code, stdout } = await apnsOnTerminal(["send", "--to", "list.txt", "--body", "x"], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/█.*░ \d+% {2}\d+\/5000 {2}\d+\/s {2}ETA .*BadDeviceToken [12]/);
    const summary = stdout.slice(stdout.indexOf("┌"));
    expect(summary).toMatch(/│ accepted +│ +4,998 │/);
    expect(summary).toMatch(/│ {3}BadDeviceToken +│ +2 │/);
  });

  test.each([60, 80, 200])(
    "of %i columns, progress fits its line and leaves nothing behind after Ctrl-C",
    async (columns) => {
      const { folder, write } = await startApple({ latencyMs: 100 });
      write("list.txt", Array.from({ length: 20_000 }, (_, index) => tokenOf(index)).join("\n"));
      const size = { columns, rows: 10 };
      let isInterrupted = false;
      const { code, stdout } = await apnsOnTerminal(["send", "--to", "list.txt", "--body", "x", "--connections", "1"], {
        cwd: folder,
        size,
        keepStdinOpen: true,
        onStart: async (child) => {
          await shows(child, /\d+\/20000 {2}\d+\/s {2}ETA .* BadDeviceToken/);
          isInterrupted = true;
          child.stdin!.write("\u0003");
        },
      });
      expect({ isInterrupted, code }).toEqual({ isInterrupted: true, code: 130 });
      const drawn = stdout.split(/[\r\n]/).filter((text) => text.includes("ETA"));
      expect(drawn.length).toBeGreaterThan(0);
      for (const text of drawn) expect(stripVTControlCharacters(text).length).toBeLessThan(columns);
      const screen = screenOf(stdout, size);
      expect(screen[0]).toBe("");
      expect(screen[1]).toBe(
        "apns: stopping; what is in flight settles first. Again to give up on that".slice(0, columns),
      );
      expect(screen.join("\n")).not.toMatch(/ETA|[█░]/);
    },
  );

  test.each([60, 80, 120])("of %i columns, every line of the help fits", async (columns) => {
    const size = { columns, rows: 24 };
    const { stdout } = await apnsOnTerminal(["send", "--help"], { size });
    const lines = stdout.split("\r\n");
    // Command lines of examples are to be copied, and not cut.
    const tooLong = lines.filter((line) => line.length > columns && !line.startsWith("  $ "));
    expect(tooLong).toEqual([]);
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(columns * 0.8);
  });

  test("the bench leaves nothing of its progress behind after Ctrl-C", async () => {
    const size = { columns: 80, rows: 10 };
    const { code, stdout } = await apnsOnTerminal(["bench", "--count", "200000", "--delay-ms", "200"], {
      size,
      keepStdinOpen: true,
      onStart: async (child) => {
        await shows(child, /\d+\/200000 .*binary/);
        child.stdin!.write("\u0003");
      },
    });
    expect(code).toBe(130);
    expect(screenOf(stdout, size)).toEqual([""]);
  });

  test("one push is coloured, unless NO_COLOR or a dumb terminal asks for none", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const send = async (env: Record<string, string>): Promise<string> =>
      (await apnsOnTerminal(["send", "--body", "x", known], { cwd: folder, env })).stdout;
    expect(await send({})).toContain(`${esc}[32maccepted${esc}[39m`);
    expect(await send({ NO_COLOR: "1" })).not.toContain(esc);
    expect(await send({ TERM: "dumb" })).not.toContain(esc);
  });

  test("--json is JSON there, too", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { stdout } = await apnsOnTerminal(["send", "--json", "--body", "x", known], { cwd: folder });
    expect(
      stdout
        .trim()
        .split("\r\n")
        .map((line) => JSON.parse(line).kind),
    ).toEqual(["accepted", "summary"]);
  });

  test("a list from stdin needs something piped into it", async () => {
    const { folder } = await startApple();
    const { code, stdout } = await apnsOnTerminal(["send", "--to", "-", "--body", "x"], { cwd: folder });
    expect(code).toBe(2);
    expect(stdout).toBe("apns: --to - reads stdin, but nothing is piped into it\r\n");
  });
});

test("without a terminal there is no bar and no colour", { timeout: 60_000 }, async () => {
  const { folder, write } = await startApple({ unknownDeviceTokens: "accept" });
  write("list.txt", [1, 2, 3].map(tokenOf).join("\n"));
  const { code, stdout, stderr } = await apns(["send", "--to", "list.txt", "--body", "x"], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toContain(esc);
  expect(stdout).not.toContain("█");
});
