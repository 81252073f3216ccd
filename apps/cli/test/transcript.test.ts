// The commands that the documentation shows are run, and print what it shows.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cleanEnvironment, main } from "./apns.js";

const root = join(import.meta.dirname, "../../..");

interface Step {
  readonly command: string;
  readonly output: string;
}

/** The commands of all ```console blocks, and what they print. */
function stepsOf(path: string): Step[] {
  const steps: { command: string; output: string }[] = [];
  for (const [, block] of readFileSync(path, "utf8").matchAll(/^```console\n(.*?)^```$/gms)) {
    for (const line of block!.trimEnd().split("\n")) {
      if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: "" });
      else steps.at(-1)!.output += `${line}\n`;
    }
  }
  return steps;
}

/** Replaces what differs from run to run: ids, ports, times, fingerprints, sizes of random keys. */
function steady(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?/g, "DATE")
    .replace(/\b\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
    .replace(/[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/gi, "UUID")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/\btcp-\d+/g, "tcp-PORT")
    .replace(/\b(?!(?:ab|cd){8})[0-9a-f]{30,}\b/g, "HEX")
    .replace(/\d+ ms\b/g, "N ms")
    .replace(/\d+ days left/g, "N days left")
    .trim();
}

/** Runs the commands in one shell, as a person would; what each printed. */
async function play(steps: readonly Step[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "apns-transcript-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const mark = "======== next ========";
  const script = [
    // In the background, a function is a shell of its own; the signal that ends that has to reach node.
    `apns() { if [ "$1" = simulate ]; then exec "${process.execPath}" "${main}" "$@"; fi; "${process.execPath}" "${main}" "$@"; }`,
    ...steps.flatMap(({ command }) => [command, `echo "${mark}"`]),
  ].join("\n");
  const shell = spawn("bash", ["-c", script], {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve) => shell.once("close", resolve));
  return output.split(`${mark}\n`).slice(0, steps.length);
}

test.each([["apps/cli/README.md"], ["docs/cli-transcript.md"]])(
  "%s shows what really happens",
  { timeout: 120_000 },
  async (path) => {
    const steps = stepsOf(join(root, path));
    expect(steps.length).toBeGreaterThan(3);
    const outputs = await play(steps);
    for (const [index, { command, output }] of steps.entries()) {
      expect(`$ ${command}\n${steady(outputs[index] ?? "")}`).toBe(`$ ${command}\n${steady(output)}`);
    }
  },
);
