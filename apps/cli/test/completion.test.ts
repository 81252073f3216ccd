import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { apns } from "./apns.js";

const folder = mkdtempSync(join(tmpdir(), "apns-cli-completion-"));
afterAll(() => rmSync(folder, { recursive: true }));

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** What bash offers for this command line, whose last word is being typed, once it has read the script in a file. */
function offeredByBash(path: string, words: readonly string[]): string[] {
  const commands = `
    source "$0"
    COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=()
    _apns
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["-c", commands, path, ...words], { encoding: "utf8" });
  return output.split("\n").filter((line) => line !== "");
}

describe("completion", { timeout: 60_000 }, () => {
  /** The script of this shell, in a file: shells do not source a pipe of ours. */
  async function script(shell: string): Promise<string> {
    const path = join(folder, `apns.${shell}`);
    writeFileSync(path, (await apns(["completion", shell])).stdout);
    return path;
  }

  test("bash is offered commands, subcommands, options and known values", async () => {
    const path = await script("bash");
    expect(offeredByBash(path, ["apns", "pay"])).toEqual(["payload"]);
    expect(offeredByBash(path, ["apns", "payload", ""])).toEqual(["check", "size"]);
    expect(offeredByBash(path, ["apns", "payload", "size", "--ti"])).toEqual(["--title"]);
    expect(offeredByBash(path, ["apns", "payload", "check", "--transport", "b"])).toEqual(["binary"]);
    expect(offeredByBash(path, ["apns", "payload", "check", "--payload", "x"])).toEqual([]);
    expect(offeredByBash(path, ["apns", "completion", ""])).toEqual(["bash", "zsh", "fish"]);
  });

  test.skipIf(!has("zsh"))("zsh takes its script, and has a function for each command", async () => {
    const commands =
      'autoload -U compinit; compinit -u -D; source "$0"; whence -w _apns_payload_size; echo $_comps[apns]';
    const output = execFileSync("zsh", ["-fc", commands, await script("zsh")], { encoding: "utf8" });
    expect(output).toBe("_apns_payload_size: function\n_apns\n");
  });

  test.skipIf(!has("fish"))("fish is offered commands and known values", async () => {
    const path = await script("fish");
    const offered = (line: string): string[] =>
      execFileSync("fish", ["--no-config", "-c", `source ${path}; complete -C "${line}"`], { encoding: "utf8" })
        .trim()
        .split("\n")
        .map((entry) => entry.split("\t")[0]!);
    expect(offered("apns pay")).toEqual(["payload"]);
    expect(offered("apns payload ")).toEqual(["check", "size"]);
    expect(offered("apns payload check --transport ")).toEqual(["binary", "http2"]);
  });

  test("refuses a shell it does not know", async () => {
    const { code, stderr } = await apns(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `apns: command-argument value "tcsh" is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.; see apns completion --help\n`,
    );
  });
});
