import { describe, expect, test } from "vitest";
import { apns, apnsOnTerminal, hasTerminal } from "./apns.js";
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
