import { createHash, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { runCampaign, runInput } from "./campaign.js";
import { findingsFolder } from "./folders.js";
import type { Finding } from "./fuzz.js";
import type { Target } from "./target.js";
import { targetNamed, targets } from "./targets/targets.js";

const helpText = `Feeds hostile input to what takes input of strangers, and tells what that brings to light.

Usage: npx pnpm@10 fuzz NAME [--minutes N] [--seed S] [--inputs COUNT] [--json]
       npx pnpm@10 fuzz NAME --input FILE

  NAME            a target, or all of them in turn: all
  --minutes N     how long for each target  (default: 1)
  --seed S        an integer; the same seed makes the same inputs  (default: by chance)
  --inputs COUNT  end after so many inputs, however long they take
  --input FILE    feed this one input, such as a finding, and tell how it went
  --json          print one JSON object for each target, on a line of its own

Targets:
${targets.map(({ name, summary }) => `  ${name.padEnd(14)}  ${summary}`).join("\n")}

A finding is an input that draws an error that is declared nowhere, ends the process, takes too long or too much memory. It is
made smaller where that is cheap, and written to apps/fuzz/findings.

Exit codes: 0 nothing found, 1 something found, 2 the command line is wrong, 130 ended by Ctrl-C.
`;

class UsageError extends Error {}

interface Options {
  readonly chosen: readonly Target[];
  readonly maxMs: number;
  readonly maxInputs: number;
  readonly seed: number;
  readonly inputFile: string | undefined;
  readonly json: boolean;
}

function readOptions(args: string[]): Options | "help" {
  const { values, positionals } = parsed(args);
  if (values.help) return "help";
  const [name] = positionals;
  const one = targetNamed(name ?? "");
  const chosen = name === "all" ? targets : one === undefined ? [] : [one];
  if (positionals.length !== 1 || chosen.length === 0) {
    throw new UsageError(`name one of all, ${targets.map((target) => target.name).join(", ")}`);
  }
  const inputFile = values.input;
  if (inputFile !== undefined && (chosen.length > 1 || !existsSync(inputFile))) {
    throw new UsageError(chosen.length > 1 ? "--input is for one target" : "--input: there is no such file");
  }
  const maxInputs = numberOf("--inputs", values.inputs, 1, 0xffff_ffff) ?? 0xffff_ffff;
  const minutes = numberOf("--minutes", values.minutes, 0.01, 10_000, false);
  return {
    chosen,
    maxInputs,
    maxMs: minutes === undefined && values.inputs !== undefined ? Number.POSITIVE_INFINITY : (minutes ?? 1) * 60_000,
    seed: numberOf("--seed", values.seed, 0, 0xffff_ffff) ?? randomInt(0xffff_ffff),
    inputFile,
    json: values.json ?? false,
  };
}

interface Parsed {
  readonly values: {
    readonly minutes?: string;
    readonly seed?: string;
    readonly inputs?: string;
    readonly input?: string;
    readonly json?: boolean;
    readonly help?: boolean;
  };
  readonly positionals: readonly string[];
}

function parsed(args: string[]): Parsed {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        minutes: { type: "string" },
        seed: { type: "string" },
        inputs: { type: "string" },
        input: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
}

function numberOf(
  option: string,
  text: string | undefined,
  min: number,
  max: number,
  whole = true,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`${option} must be ${whole ? "an integer" : "a number"} from ${min} to ${max}`);
}

/** Writes a finding's input, by its content, and returns the file's path from here. */
function writeFinding(target: Target, { input }: Finding): string {
  mkdirSync(findingsFolder, { recursive: true });
  const name = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const file = join(findingsFolder, `${target.name}-${name}`);
  writeFileSync(file, input);
  return relative(process.cwd(), file);
}

/** On one line of a terminal; nothing anywhere else. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Text of a finding may be whatever the input made of it: control characters are written out. */
function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function fuzzOne(target: Target, options: Options, signal: AbortSignal): Promise<number> {
  const { seed, maxMs, maxInputs, json } = options;
  const start = performance.now();
  const { inputs, ms, findings } = await runCampaign(target, {
    seed,
    maxMs,
    maxInputs,
    signal,
    onProgress: (fed, found) => {
      const seconds = (performance.now() - start) / 1000;
      progress(
        `${target.name}: ${count(fed)} inputs, ${count(fed / seconds)}/s, ${found} findings, ${count(seconds)} s`,
      );
    },
  });
  progress("");
  const files = findings.map((finding) => ({ ...finding, file: writeFinding(target, finding) }));
  const perSecond = Math.round((inputs / ms) * 1000);
  const commandOf = (file: string): string => `npx pnpm@10 fuzz ${target.name} --input ${file}`;
  if (json) {
    const told = files.map(({ kind, index, message, file, input }) => {
      return { kind, index, message, bytes: input.length, file, command: commandOf(file) };
    });
    const result = { target: target.name, seed, inputs, seconds: Math.round(ms / 100) / 10, perSecond, findings: told };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return files.length;
  }
  const seconds = (ms / 1000).toFixed(1);
  process.stdout.write(
    `${target.name}: ${count(inputs)} inputs of seed ${seed} in ${seconds} s (${count(perSecond)}/s), ${files.length} findings\n`,
  );
  for (const { kind, index, message, file, input } of files) {
    process.stdout.write(
      `\n${kind}, input ${index}, ${input.length} bytes: ${harmless(message)}\n  ${commandOf(file)}\n`,
    );
  }
  return files.length;
}

async function feedFile(target: Target, file: string, json: boolean): Promise<number> {
  const problem = await runInput(target, readFileSync(file));
  if (json) process.stdout.write(`${JSON.stringify({ target: target.name, file, problem: problem ?? null })}\n`);
  else if (problem === undefined) process.stdout.write(`${target.name}: taken, or refused as declared\n`);
  else process.stdout.write(`${target.name}: ${problem.kind}: ${harmless(problem.message)}\n`);
  return problem === undefined ? 0 : 1;
}

async function main(): Promise<number> {
  let options: Options | "help";
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`fuzz: ${error.message}; see --help\n`);
    return 2;
  }
  if (options === "help") {
    process.stdout.write(helpText);
    return 0;
  }
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort());
  const { chosen, inputFile, json } = options;
  if (inputFile !== undefined) return feedFile(chosen[0]!, inputFile, json);
  let found = 0;
  for (const target of chosen) if (!ending.signal.aborted) found += await fuzzOne(target, options, ending.signal);
  if (found > 0) return 1;
  return ending.signal.aborted ? 130 : 0;
}

process.exitCode = await main();
