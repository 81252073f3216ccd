import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, ChildError } from "@apns/processes";
import type { FuzzCalls } from "./child.js";
import { type Finding, maxFindings } from "./fuzz.js";
import { InputSource } from "./inputs/input-source.js";
import type { Problem } from "./probe.js";
import type { Target } from "./target.js";

export interface CampaignOptions {
  readonly seed: number;
  readonly maxMs: number;
  readonly maxInputs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (inputs: number, findings: number) => void;
}

export interface CampaignResult {
  readonly inputs: number;
  readonly ms: number;
  readonly findings: readonly Finding[];
}

/** An input that is fed for so long will never be done. */
const hangMs = 180_000;

/** What a child may keep of its heap; more ends it. */
const childFlags = ["--max-old-space-size=512"];

function startChild(onFinding: (finding: Finding) => void = () => {}): Child<FuzzCalls, Finding> {
  const module = new URL("child.js", import.meta.url);
  return new Child(module, { name: "The process that feeds", execArgv: childFlags, onEvent: onFinding });
}

/** Feeds inputs to a target in processes of their own: one that an input ends is followed by another, behind that input. */
export async function runCampaign(target: Target, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, maxMs, maxInputs, signal, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), "apns-fuzz-"));
  const positionFile = join(folder, "position");
  const findings = new Map<string, Finding>();
  const add = (finding: Finding): void =>
    void (findings.has(finding.signature) || findings.set(finding.signature, finding));
  const start = performance.now();
  let next = 0;
  try {
    for (let isDone = false; !isDone; ) {
      const position = new Position(positionFile, next);
      const child = startChild(add);
      const stop = (): void => void child.end();
      signal.addEventListener("abort", stop);
      const watch = setInterval(() => {
        onProgress(position.read(), findings.size);
        if (position.stoodForMs > hangMs) stop();
      }, 500);
      const msLeft = maxMs - (performance.now() - start);
      try {
        next = await child.call("fuzz", {
          target: target.name,
          seed,
          from: next,
          maxInputs,
          maxMs: msLeft,
          positionFile,
        });
        isDone = true;
      } catch (error) {
        if (!(error instanceof ChildError) || error.code !== "ERR_APNS_CHILD_ENDED") throw error;
        const index = position.read();
        next = index + 1;
        if (!signal.aborted) {
          add({ ...deathProblem(error, position), index, input: await inputOf(target, seed, index) });
        }
        isDone =
          signal.aborted || next >= maxInputs || performance.now() - start >= maxMs || findings.size >= maxFindings;
      } finally {
        clearInterval(watch);
        signal.removeEventListener("abort", stop);
        await child.end();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { inputs: next, ms: performance.now() - start, findings: [...findings.values()] };
}

/** Feeds one input, in a process of its own. */
export async function runInput(target: Target, input: Uint8Array): Promise<Problem | undefined> {
  const child = startChild();
  try {
    return await child.call("feedOne", { target: target.name, input });
  } catch (error) {
    if (error instanceof ChildError && error.code === "ERR_APNS_CHILD_ENDED") return deathProblem(error);
    throw error;
  } finally {
    await child.end();
  }
}

function deathProblem({ message }: ChildError, position?: Position): Problem {
  if (position !== undefined && position.stoodForMs > hangMs) {
    return { kind: "hang", message: `was not done after ${hangMs / 1000} s`, signature: "hang" };
  }
  return { kind: "crash", message, signature: message };
}

async function inputOf(target: Target, seed: number, index: number): Promise<Uint8Array> {
  const open = await target.open();
  const input = new InputSource(target, open).input(seed, index);
  await open.close?.();
  return input;
}

/** The number of the input that a child is feeding, and how long it has been the same. */
class Position {
  readonly #file: string;
  #index: number;
  #movedAt = performance.now();

  constructor(file: string, from: number) {
    this.#file = file;
    this.#index = from;
  }

  get stoodForMs(): number {
    return performance.now() - this.#movedAt;
  }

  read(): number {
    const bytes = readIfThere(this.#file);
    const index = bytes.length < 4 ? this.#index : bytes.readUInt32LE(0);
    if (index !== this.#index) this.#movedAt = performance.now();
    this.#index = index;
    return index;
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    // The child has not begun.
    return Buffer.alloc(0);
  }
}
