// A command line without a process of its own: the start of one costs more than most commands do.
import { PassThrough, Writable } from "node:stream";
import { run } from "../src/run.js";

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | Uint8Array;
  /** A command that runs until it is told to end is told so (SIGINT) as soon as it has printed this. */
  readonly endsAfter?: RegExp | undefined;
}

/** The environment without anything that would steer the command. */
export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      !/^(CI$|COLORTERM|TERM|TMUX|APNS_|NO_COLOR|FORCE_COLOR|XDG_CONFIG_HOME|HTTPS?_PROXY)/i.test(name),
  );
  return { ...Object.fromEntries(kept), HOME: "/nonexistent" } as Record<string, string>;
}

/** The same, in a clean environment. */
export function apnsInProcess(
  args: readonly string[],
  { cwd, env = {}, stdin = "", endsAfter }: Partial<Omit<Invocation, "args">> & { readonly cwd: string },
): Promise<Result> {
  return runInProcess({ args, cwd, env: { ...cleanEnvironment(), ...env }, stdin, endsAfter });
}

let previous: Promise<unknown> = Promise.resolve();

/** Runs a command line in this process, behind those that run: each has the streams, environment and folder to itself. */
export function runInProcess(invocation: Invocation): Promise<Result> {
  const result = previous.then(() => runAlone(invocation));
  previous = result.catch(() => {});
  return result;
}

async function runAlone({ args, cwd, env, stdin, endsAfter }: Invocation): Promise<Result> {
  const stdout = new Output(endsAfter);
  const stderr = new Output(endsAfter);
  // As node prints them; a command that draws one does not print what is expected.
  const onWarning = ({ name, message }: Error): void => void stderr.write(`(node) ${name}: ${message}\n`);
  const restore = [
    replaceStream("stdout", stdout),
    replaceStream("stderr", stderr),
    replaceStream("stdin", new PassThrough().end(stdin)),
    replaceEnvironment(env),
    changeFolder(cwd),
    resetExitCode(),
    rememberListeners(),
  ];
  process.on("warning", onWarning);
  try {
    await run(args);
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text, stderr: stderr.text };
  } finally {
    process.off("warning", onWarning);
    for (const undo of restore.reverse()) undo();
  }
}

/** Collects what is written. No terminal. */
class Output extends Writable {
  readonly #chunks: Buffer[] = [];
  #endsAfter: RegExp | undefined;

  constructor(endsAfter: RegExp | undefined) {
    super();
    this.#endsAfter = endsAfter;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    if (this.#endsAfter?.test(this.text)) {
      this.#endsAfter = undefined;
      setImmediate(() => process.emit("SIGINT", "SIGINT"));
    }
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function replaceStream(name: "stdin" | "stdout" | "stderr", stream: NodeJS.EventEmitter): () => void {
  const own = Object.getOwnPropertyDescriptor(process, name)!;
  Object.defineProperty(process, name, { ...own, get: () => stream });
  return () => Object.defineProperty(process, name, own);
}

/**
 * Variable by variable: Node hands `HOME` and the like on to the system only when they are assigned. Only those that differ: each
 * assignment is a call to the system, and a run that changes nothing else takes less time than forty of them.
 */
function replaceEnvironment(env: Readonly<Record<string, string>>): () => void {
  const own = { ...process.env };
  changeEnvironment(own, env);
  return () => changeEnvironment({ ...process.env }, own);
}

function changeEnvironment(from: NodeJS.ProcessEnv, to: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(from)) if (!(name in to)) delete process.env[name];
  for (const [name, value] of Object.entries(to)) if (from[name] !== value) process.env[name] = value;
}

function changeFolder(cwd: string): () => void {
  const own = process.cwd();
  process.chdir(cwd);
  return () => process.chdir(own);
}

function resetExitCode(): () => void {
  const own = process.exitCode;
  process.exitCode = undefined;
  return () => {
    process.exitCode = own;
  };
}

/** Takes off what a run has left: otherwise its listeners are gone with its process. */
function rememberListeners(): () => void {
  const before = new Map(process.eventNames().map((name) => [name, new Set(process.rawListeners(name as never))]));
  return () => {
    for (const name of process.eventNames()) {
      for (const listener of process.rawListeners(name as never)) {
        if (!before.get(name)?.has(listener)) process.off(name, listener as () => void);
      }
    }
  };
}
