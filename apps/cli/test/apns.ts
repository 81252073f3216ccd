// Runs the command: its command line in, its output and exit code out.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { cleanEnvironment, type Result, runInProcess } from "./in-process.js";

export { cleanEnvironment, type Result };

/** The built command. */
export const main: string = join(import.meta.dirname, "../dist/main.js");

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** A file descriptor to write to instead: then `stdout` of the result is empty. */
  readonly stdout?: number;
  /** Of the pseudo-terminal. @default 120 columns and 24 rows */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** For what is typed while the command runs: `onStart` writes to it. */
  readonly keepStdinOpen?: boolean;
  /** Told of the process as soon as there is one. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * The same on a pseudo-terminal: stdout and stderr are one there. Needs `script` (util-linux).
 *
 * The shell gives its place to the command (`exec`): Ctrl-C reaches whoever runs on the terminal, and a shell such as dash that
 * stays would end by it, with a code of its own.
 */
export function apnsOnTerminal(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const quoted = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const { columns, rows } = options.size ?? { columns: 120, rows: 24 };
  const command = ["script", "-qefc", `stty cols ${columns} rows ${rows}; exec ${quoted}`, "/dev/null"] as const;
  return runProgram(command, { ...options, env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...options.env } });
}

/** Waits until this stands on a terminal that `onStart` was told of. */
export function shows(child: ChildProcess, pattern: RegExp): Promise<void> {
  let shown = "";
  return new Promise((resolve) => {
    child.stdout!.on("data", (text: string) => {
      shown += text;
      if (pattern.test(shown)) resolve();
    });
  });
}

/** Whether there is a `script` as on Linux; BSD's takes other options. */
export const hasTerminal: boolean = spawnSync("script", ["-qefc", "true", "/dev/null"]).status === 0;

/** Whether a command ends by a signal, or starts processes of its own. */
function needsProcess([command, ...args]: readonly string[]): boolean {
  return command === "bench" || command === "simulate" || (command === "bridge" && !args.includes("--check"));
}

/** The command, in this process unless it takes one of its own to be what it is; see also {@link apnsProcess}. */
export function apns(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const { cwd = process.cwd(), env = {}, stdin = "", onStart, keepStdinOpen } = options;
  if (onStart !== undefined || keepStdinOpen === true || needsProcess(args)) return apnsProcess(args, options);
  return runInProcess({ args, cwd, env: { ...cleanEnvironment(), ...env }, stdin });
}

/** The built command as a process: for what only a process shows, such as that it ends. */
export function apnsProcess(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return runProgram([process.execPath, main, ...args], options);
}

export function runProgram([program, ...args]: readonly [string, ...string[]], options: RunOptions): Promise<Result> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    timeout: 60_000,
    stdio: ["pipe", options.stdout ?? "pipe", "pipe"],
  });
  options.onStart?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A command that ends before it has read everything is no failure of the test.
  child.stdin!.on("error", () => {});
  if (options.keepStdinOpen !== true) child.stdin!.end(options.stdin ?? "");
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
