import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { printableJson, showPath } from "@apns/core/internal";
import { OutputError, UsageError } from "../errors.js";
import { writeError, writeProblem } from "../files/write-error.js";
import type { OutcomeRecord } from "./outcome-record.js";
import type { Target } from "./targets/target.js";

/** So many lines are begun at a time: what a crash leaves in doubt, at most. */
const beginLines = 1000;
const flushBytes = 65_536;
const flushAfterMs = 100;

/**
 * The outcomes of a run, a JSON object a line, written so that a run that was interrupted at any moment can be resumed
 * without sending twice what was accepted:
 *
 * - before any line from M to N is sent, `{"kind":"begun","from":M,"line":N}` is written. A line of these without an outcome
 *   behind that is in doubt after a crash: it may have been sent.
 * - a run that comes to its end, also an early one, writes `{"kind":"ended","line":N}`: every line up to N that it sent has its
 *   outcome, and none behind it was sent.
 *
 * What was written survives the end of the process by any signal, but not the loss of the machine's power. The file is for its
 * owner alone: it holds device tokens.
 */
export class OutcomeFile {
  readonly #path: string;
  readonly #file: number;
  #isEmpty: boolean;
  #begunTo = 0;
  #last = 0;
  /** Lines to be written. */
  #pending = "";
  /** What is left of lines that could not be written: the next attempt goes on in the middle of a line. */
  #rest: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #failure: OutputError | undefined;

  /** @throws {UsageError} if it cannot be written, or is there already and `append` is not asked for */
  constructor(path: string, append: boolean) {
    this.#path = path;
    this.#isEmpty = !append;
    try {
      this.#file = openSync(path, append ? "a" : "wx", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError("--out", path, error);
      throw new UsageError(
        `--out: ${showPath(path)} exists already. Add --resume to go on with that run, or name another file`,
      );
    }
    // Also if a defect ends the process.
    process.on("exit", this.#tryToFlush);
  }

  /**
   * Notes that a line is about to be sent.
   * @throws {OutputError} if that cannot be written
   */
  begin(line: number): void {
    this.#last = Math.max(this.#last, line);
    if (line <= this.#begunTo) return;
    this.#begunTo = line + beginLines;
    this.#write({ kind: "begun", from: line, line: this.#begunTo });
    this.#flush();
  }

  /** @throws {OutputError} the first time that outcomes cannot be written; `end` tries once more */
  record(record: OutcomeRecord): void {
    this.#write(record);
    if (this.#failure !== undefined) return;
    if (this.#pending.length >= flushBytes) this.#flush();
    else this.#timer ??= setTimeout(this.#tryToFlush, flushAfterMs);
  }

  /** Records lines that an earlier run began and left without an outcome as unconfirmed. */
  recordUnknown(targets: readonly Target[]): void {
    for (const { line, deviceToken } of targets) {
      const message = "The run was cut off: it may or may not have been sent.";
      this.#write({ line, kind: "unconfirmed", deviceToken, code: "ERR_APNS_INTERRUPTED", message });
    }
    const last = targets.at(-1);
    if (last !== undefined) this.#write({ kind: "ended", line: last.line });
    this.#flush();
  }

  /**
   * Every line begun has its outcome.
   * @throws {OutputError} if they cannot be written, saying how many are missing
   */
  end(): void {
    if (this.#begunTo > 0) this.#write({ kind: "ended", line: this.#last });
    this.#flush();
  }

  /** After `end`. A file into which nothing came, since nobody could be reached, is not left behind. */
  close(): void {
    clearTimeout(this.#timer);
    process.off("exit", this.#tryToFlush);
    closeSync(this.#file);
    if (this.#isEmpty) unlinkSync(this.#path);
  }

  /** Whether outcomes could not be written: the run is to end. */
  get failure(): OutputError | undefined {
    return this.#failure;
  }

  #write(record: object): void {
    this.#pending += `${printableJson(record)}\n`;
  }

  /** Where nobody could catch it: a failure is kept, and looked at when the next outcome is recorded. */
  readonly #tryToFlush = (): void => {
    try {
      this.#flush();
    } catch {
      // Kept by `#flush`.
    }
  };

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.concat([this.#rest, Buffer.from(this.#pending)]);
    this.#pending = "";
    let offset = 0;
    try {
      while (offset < bytes.length) offset += writeSync(this.#file, bytes, offset);
      this.#failure = undefined;
    } catch (error) {
      const missing = bytes.subarray(offset).filter((byte) => byte === 10).length;
      this.#failure = new OutputError(
        `--out: ${missing} line(s) cannot be written to ${showPath(this.#path)} ${writeProblem(error)}; what was sent and is missing there is in doubt for --resume`,
        error,
      );
      throw this.#failure;
    } finally {
      this.#rest = bytes.subarray(offset);
      if (offset > 0) this.#isEmpty = false;
    }
  }
}
