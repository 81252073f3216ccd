import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CommandNode } from "../src/completion/tree.js";
import { apns, apnsProcess, main } from "./apns.js";

/** Every command there is, as the command itself lists them. */
const tree = JSON.parse(
  execFileSync(process.execPath, [main, "completion", "bash", "--json"], { encoding: "utf8" }),
) as CommandNode;
const all = (node: CommandNode): CommandNode[] => [
  node,
  // `apns help` only prints what others say of themselves.
  ...node.commands.filter(({ name }) => name !== "help").flatMap(all),
];
const nodes = all(tree);

describe("the command line", { timeout: 60_000 }, () => {
  test.each(nodes.map(({ path }) => path))("%s explains itself, with examples", async (path) => {
    const args = path.split(" ").slice(1);
    const { code, stdout, stderr } = await apns([...args, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: ${path} `));
    expect(stdout).toMatch(/^Examples:\n {2}\$ .*apns /m);
  });

  test("every command that does something knows --json", () => {
    const leaves = nodes.filter(({ commands }) => commands.length === 0);
    const without = leaves.filter(({ options }) => !options.some(({ long }) => long === "--json"));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test.each(nodes.filter(({ commands }) => commands.length > 0).map(({ path }) => path))(
    "%s by itself prints its help to stderr, with exit code 2",
    async (path) => {
      const { code, stdout, stderr } = await apns(path.split(" ").slice(1));
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^Usage: ${path} `));
    },
  );

  test("the list of commands shows the summaries the commands have themselves", async () => {
    const { stdout } = await apnsProcess(["--help"]);
    for (const { name, summary } of tree.commands) expect(stdout.replace(/\s+/g, " ")).toContain(`${name} ${summary}`);
  });

  test("apns help prints the help of a command", async () => {
    expect(await apnsProcess(["help", "payload"])).toEqual(await apnsProcess(["payload", "--help"]));
  });

  test("prints its version", async () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));
    expect(await apnsProcess(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  test.each([
    [["paylaod"], "apns: unknown command 'paylaod' (Did you mean payload?); see apns --help\n"],
    [["payload", "chekc"], "apns: unknown command 'chekc' (Did you mean check?); see apns payload --help\n"],
    [
      ["payload", "size", "--titel", "x"],
      "apns: unknown option '--titel' (Did you mean --title?); see apns payload size --help\n",
    ],
    [["payload", "size", "--badge", "many"], 'apns: --badge takes a whole number from 0 to 2147483647, not "many"\n'],
    [["payload", "size", "--title"], "apns: option '--title <text>' argument missing; see apns payload size --help\n"],
    [
      ["payload", "size", "extra"],
      "apns: too many arguments for 'size'. Expected 0 arguments but got 1.; see apns payload size --help\n",
    ],
  ])("refuses %j in one line, with exit code 2", async (args, stderr) => {
    expect(await apnsProcess(args)).toEqual({ code: 2, stdout: "", stderr });
  });

  test("with --json, says what is wrong as JSON, too", async () => {
    const { code, stdout, stderr } = await apnsProcess(["payload", "size", "--json"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: "ERR_APNS_USAGE",
        message: "there is nothing to say: give --title or --body, --content-available, or --payload FILE",
        exitCode: 2,
      },
    });
  });

  test("ends quietly when nobody reads on", () => {
    const line = `"${process.execPath}" "${main}" completion bash | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const output = execFileSync("bash", ["-c", line], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    expect(output).toBe("# bash completion of apns; made by: apns completion bash\n0\n");
  });
});
