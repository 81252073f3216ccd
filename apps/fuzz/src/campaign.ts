import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job, Message } from "./child.js";
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
const hangMs = 60_000;

/** What a child may keep of its heap; more ends it. */
const childFlags = ["--max-old-space-size=512"];

/** Feeds inputs to a target in processes of their own: one that an input ends is followed by another, behind that input. */
export async function runCampaign(target: Target, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, maxMs, maxInputs, signal, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), "apns-fuzz-"));
  const positionFile = join(folder, "position");
  const findings = new Map<string, Finding>();
  const start = performance.now();
  let next = 0;
  try {
    while (!signal.aborted && next < maxInputs && performance.now() - start < maxMs && findings.size < maxFindings) {
      const job: Job = {
        target: target.name,
        positionFile,
        seed,
        from: next,
        maxInputs,
        maxMs: maxMs - (performance.now() - start),
      };
      const child = new Child(job, positionFile, signal);
      child.onFinding = (finding) => void (findings.has(finding.signature) || findings.set(finding.signature, finding));
      child.onPosition = (index) => onProgress(index, findings.size);
      const ended = await child.ended;
      if (ended.kind === "done") {
        next = ended.next;
        break;
      }
      next = ended.index + 1;
      if (ended.kind === "stopped") break;
      const problem = ended.problem;
      if (findings.has(problem.signature)) continue;
      const open = await target.open();
      const input = new InputSource(target, open).input(seed, ended.index);
      await open.close?.();
      findings.set(problem.signature, { ...problem, index: ended.index, input });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { inputs: next, ms: performance.now() - start, findings: [...findings.values()] };
}

/** Feeds one input from a file, in a process of its own. */
export async function runInput(target: Target, inputFile: string, signal: AbortSignal): Promise<Problem | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "apns-fuzz-"));
  const positionFile = join(folder, "position");
  try {
    const child = new Child({ target: target.name, positionFile, inputFile }, positionFile, signal);
    let verdict: Problem | undefined;
    child.onVerdict = (problem) => {
      verdict = problem;
    };
    const ended = await child.ended;
    return ended.kind === "died" ? ended.problem : verdict;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Ended =
  | { readonly kind: "done"; readonly next: number }
  | { readonly kind: "stopped"; readonly index: number }
  | { readonly kind: "died"; readonly index: number; readonly problem: Problem };

class Child {
  readonly ended: Promise<Ended>;
  onFinding: (finding: Finding) => void = () => {};
  onVerdict: (problem: Problem | undefined) => void = () => {};
  onPosition: (index: number) => void = () => {};
  readonly #process: ChildProcess;
  readonly #positionFile: string;
  #index: number;
  #movedAt = performance.now();
  #hung = false;
  #done: Ended | undefined;
  #lastWords = "";

  constructor(job: Job, positionFile: string, signal: AbortSignal) {
    this.#positionFile = positionFile;
    this.#index = "from" in job ? job.from : 0;
    this.#process = fork(join(import.meta.dirname, "child.js"), [JSON.stringify(job)], {
      execArgv: childFlags,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#process.on("message", (message) => this.#receive(message as Message));
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.on("data", (text: Buffer) => {
        this.#lastWords = (this.#lastWords + text.toString()).slice(-4000);
      });
    }
    const watch = setInterval(() => this.#watch(), 500);
    const stop = (): void => void this.#process.kill("SIGKILL");
    signal.addEventListener("abort", stop);
    this.ended = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code, killedBy) => {
        clearInterval(watch);
        signal.removeEventListener("abort", stop);
        this.#readPosition();
        if (this.#done !== undefined) resolve(this.#done);
        else if (signal.aborted) resolve({ kind: "stopped", index: this.#index });
        else resolve({ kind: "died", index: this.#index, problem: this.#death(killedBy ?? `exit code ${code}`) });
      });
    });
  }

  #receive(message: Message): void {
    if (message.kind === "done") this.#done = { kind: "done", next: message.next };
    else if (message.kind === "verdict") {
      this.onVerdict(message.problem);
      this.#done = { kind: "done", next: 1 };
    } else {
      const { inputBase64, ...finding } = message.finding;
      this.onFinding({ ...finding, input: Buffer.from(inputBase64, "base64") });
    }
  }

  #watch(): void {
    this.#readPosition();
    this.onPosition(this.#index);
    if (performance.now() - this.#movedAt < hangMs) return;
    this.#hung = true;
    this.#process.kill("SIGKILL");
  }

  #readPosition(): void {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#positionFile);
    } catch {
      return;
    }
    if (bytes.length < 4) return;
    const index = bytes.readUInt32LE(0);
    if (index !== this.#index) this.#movedAt = performance.now();
    this.#index = index;
  }

  #death(how: string): Problem {
    if (this.#hung) {
      return { kind: "hang", message: `was not done after ${hangMs / 1000} s`, signature: "hang" };
    }
    const line = /^(?:.*(?:Assertion|FATAL ERROR|Error:|node:).*)$/m.exec(this.#lastWords)?.[0] ?? "";
    return {
      kind: "crash",
      message: `ended the process (${how})\n${this.#lastWords}`,
      signature: `crash ${how} ${line}`,
    };
  }
}
