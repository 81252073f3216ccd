import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { ApnsError } from "@apns/core";
import { printableJson, showPath } from "@apns/core/internal";
import { UsageError } from "../errors.js";
import { reasonOf } from "../files/reason-of.js";
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
 * - a run that comes to its end, also by Ctrl-C, writes `{"kind":"ended","line":N}`: every line up to N that it sent has its
 *   outcome, and none behind it was sent.
 *
 * What was written survives the end of the process by any signal, but not the loss of the machine's power.
 */
export class OutcomeFile {
  readonly #path: string;
  readonly #file: number;
  #isEmpty: boolean;
  #begunTo = 0;
  #last = 0;
  #pending = "";
  #timer: NodeJS.Timeout | undefined;
  /** The file is full, say: nothing more is written. */
  #failure: unknown;

  /** @throws {UsageError} if it cannot be written, or is there already and `append` is not asked for */
  constructor(path: string, append: boolean) {
    this.#path = path;
    this.#isEmpty = !append;
    try {
      this.#file = openSync(path, append ? "a" : "wx");
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
      throw new UsageError(
        exists
          ? `--out: ${showPath(path)} exists already. Add --resume to go on with that run, or name another file`
          : `--out: ${reasonOf(error, path)}`,
      );
    }
  }

  /** This line is about to be sent. */
  begin(line: number): void {
    this.#last = Math.max(this.#last, line);
    if (line <= this.#begunTo) return;
    this.#begunTo = line + beginLines;
    this.#write({ kind: "begun", from: line, line: this.#begunTo });
    this.#flush();
  }

  record(record: OutcomeRecord): void {
    this.#write(record);
    if (this.#pending.length >= flushBytes || this.#failure !== undefined) this.#flush();
    else this.#timer ??= setTimeout(this.#flushLater, flushAfterMs);
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

  /** Every line begun has its outcome. */
  end(): void {
    if (this.#begunTo > 0) this.#write({ kind: "ended", line: this.#last });
    this.#flush();
  }

  /** After `end`. A file into which nothing came, since nobody could be reached, is not left behind. */
  close(): void {
    clearTimeout(this.#timer);
    closeSync(this.#file);
    if (this.#isEmpty) unlinkSync(this.#path);
  }

  #write(record: object): void {
    this.#pending += `${printableJson(record)}\n`;
  }

  /** Nobody is there to be told of a failure; whoever writes next is. */
  readonly #flushLater = (): void => {
    try {
      this.#flush();
    } catch (error) {
      this.#failure = error;
    }
  };

  #flush(): void {
    if (this.#failure !== undefined) throw this.#failure;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.from(this.#pending);
    if (bytes.length > 0) this.#isEmpty = false;
    this.#pending = "";
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.#file, bytes, offset);
    } catch (cause) {
      const message = `--out: what became of the last lines cannot be written (${(cause as NodeJS.ErrnoException).code})`;
      this.#failure = new ApnsError("ERR_APNS_OUTPUT", message, { cause });
      throw this.#failure;
    }
  }
}
