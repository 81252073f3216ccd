// The command from its source, run in the test's own process: where there are thousands of runs, starting it each time would
// take hours. One run at a time.
import { Readable } from "node:stream";
import { run } from "../src/run.js";
import { cleanEnvironment, type Result } from "./apns.js";

export interface InProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** A command that runs until it is told to end is told so (SIGINT) as soon as it has printed this. */
  readonly endsAfter?: RegExp;
}

/** What the command is told of the process while it runs, put back afterwards. */
export async function apnsInProcess(args: readonly string[], options: InProcessOptions): Promise<Result> {
  const { cwd, env, exitCode } = { cwd: process.cwd(), env: process.env, exitCode: process.exitCode };
  const stdin = Object.getOwnPropertyDescriptor(process, "stdin")!;
  const listeners = rememberListeners();
  const written = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const original = process[name].write;
    process[name].write = ((text: string | Uint8Array) => {
      const before = written[name];
      written[name] += typeof text === "string" ? text : Buffer.from(text).toString("latin1");
      const { endsAfter } = options;
      if (endsAfter?.test(written[name]) && !endsAfter.test(before)) setImmediate(() => process.emit("SIGINT"));
      return true;
    }) as typeof process.stdout.write;
    return () => {
      process[name].write = original;
    };
  });
  Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from([options.stdin ?? ""]) });
  process.chdir(options.cwd);
  process.env = { ...cleanEnvironment(), ...options.env };
  process.exitCode = undefined;
  try {
    await run(args);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = exitCode;
    process.env = env;
    process.chdir(cwd);
    Object.defineProperty(process, "stdin", stdin);
    for (const undo of restore) undo();
    listeners.restore();
  }
}

/** Listeners that a run has left are gone with the process otherwise. */
function rememberListeners(): { restore(): void } {
  const emitters = [process, process.stdout] as readonly NodeJS.EventEmitter[];
  const before = emitters.map((emitter) => ({
    emitter,
    listeners: new Map(emitter.eventNames().map((name) => [name, new Set(emitter.rawListeners(name))])),
  }));
  return {
    restore: () => {
      for (const { emitter, listeners } of before) {
        for (const name of emitter.eventNames()) {
          for (const listener of emitter.rawListeners(name)) {
            if (!listeners.get(name)?.has(listener)) emitter.off(name, listener as () => void);
          }
        }
      }
    },
  };
}
