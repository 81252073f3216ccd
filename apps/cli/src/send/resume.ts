import { closeSync, createReadStream, existsSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { reasonRow } from "@apns/core";
import { showPath } from "@apns/core/internal";
import { UsageError } from "../errors.js";
import { maxLineBytes, readLines } from "./targets/lines.js";
import type { TargetList } from "./targets/open-list.js";
import { isBad, type Target } from "./targets/target.js";

/** The state of a line after an earlier run: `open` is to be sent, `doubtful` may have been accepted. */
export type LineState = "open" | "done" | "doubtful";

/** `begunAgain` was `open`, and may have been sent since by a run that has left no outcome of it. */
const codes = { unknown: 0, open: 1, done: 2, doubtful: 3, begunAgain: 4 } as const;

/**
 * The lines of an earlier run, in five bytes a line, so that a list of ten million can be resumed, too.
 *
 * Done is what was accepted, and what was refused for good. What was refused for a while, or until something is mended (the
 * credentials, say), and what was certainly not sent, is open. What may have been accepted is doubtful.
 */
export class EarlierRun {
  #codes = new Uint8Array(1024);
  /** Hash of the device token of each line, to notice that the list has changed. */
  #hashes = new Uint32Array(1024);
  /** Lines up to here may have been sent, whether or not they have an outcome. */
  #begunTo = 0;

  /**
   * Reads the outcome file. What a crash has left of a last line is cut off.
   * @throws {UsageError} if there is none, or it is something else
   */
  static async read(path: string): Promise<EarlierRun> {
    if (!existsSync(path)) throw new UsageError(`--resume: there is no file ${showPath(path)} to go on with`);
    const run = new EarlierRun();
    // No loss: whatever was cut off, the line was begun.
    cutTornLine(path);
    for await (const { number, text } of readLines(createReadStream(path))) {
      if (text !== undefined && run.#take(text)) continue;
      throw new UsageError(
        `--resume: line ${number} of ${showPath(path)} is no outcome; was it written by apns send --out?`,
      );
    }
    return run;
  }

  stateOf(line: number): LineState {
    switch (this.#codes[line]) {
      case codes.done:
        return "done";
      case codes.doubtful:
      case codes.begunAgain:
        return "doubtful";
      case codes.open:
        return "open";
      default:
        return line <= this.#begunTo ? "doubtful" : "open";
    }
  }

  /**
   * Makes sure, before anything is sent, that this is the list the run was begun with; returns the lines that were begun and
   * have no outcome, which are in doubt from now on.
   * @throws {UsageError} naming the first line that differs
   */
  async verify(list: TargetList): Promise<Target[]> {
    if (!list.isRepeatable) {
      throw new UsageError("--resume needs the list as a file: stdin cannot be compared with the run");
    }
    const withoutOutcome: Target[] = [];
    for await (const entry of list.read()) {
      if (isBad(entry)) continue;
      const { line, deviceToken } = entry;
      const expected = this.#hashes[line] ?? 0;
      if (expected !== 0 && expected !== hash(deviceToken)) {
        throw new UsageError(
          `--resume: line ${line} of the list was another device token when the run began. Give the list as it was; nothing was sent`,
        );
      }
      if (this.#codes[line] !== codes.doubtful && this.stateOf(line) === "doubtful") withoutOutcome.push(entry);
    }
    return withoutOutcome;
  }

  /** Whether it is an outcome, or another line that belongs here. */
  #take(text: string): boolean {
    let record: Readonly<Record<string, unknown>> | null;
    try {
      record = JSON.parse(text);
    } catch {
      return false;
    }
    const { line, kind, deviceToken, from } = record ?? {};
    if (!isLine(line) || typeof kind !== "string") return false;
    if (kind === "begun") {
      if (!isLine(from)) return false;
      this.#recode(from, line, codes.open, codes.begunAgain);
      this.#begunTo = line;
    } else if (kind === "ended") {
      this.#recode(line + 1, this.#begunTo, codes.begunAgain, codes.open);
      this.#begunTo = line;
    } else {
      this.#note(line, codeOf(kind, record!), deviceToken);
    }
    return true;
  }

  /** Gives lines of this range that have one code another one. */
  #recode(from: number, to: number, code: number, become: number): void {
    const last = Math.min(to, this.#codes.length - 1);
    for (let line = from; line <= last; line++) if (this.#codes[line] === code) this.#codes[line] = become;
  }

  #note(line: number, code: number, deviceToken: unknown): void {
    while (line >= this.#codes.length) this.#grow();
    if (this.#codes[line] !== codes.done) this.#codes[line] = code;
    if (typeof deviceToken === "string") this.#hashes[line] = hash(deviceToken);
  }

  #grow(): void {
    const grownCodes = new Uint8Array(this.#codes.length * 2);
    grownCodes.set(this.#codes);
    this.#codes = grownCodes;
    const grownHashes = new Uint32Array(this.#hashes.length * 2);
    grownHashes.set(this.#hashes);
    this.#hashes = grownHashes;
  }
}

/** A list may have more lines than anyone has devices, but not so many that remembering them takes all memory. */
const maxLine = 0x3fff_ffff;

function isLine(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxLine;
}

function codeOf(kind: string, record: Readonly<Record<string, unknown>>): number {
  if (kind === "accepted") return codes.done;
  if (kind === "unconfirmed") return codes.doubtful;
  if (kind !== "rejected") return codes.open;
  const row = reasonRow(String(record["reason"]), Number(record["httpStatus"] ?? 400));
  return row.retry === "never" ? codes.done : codes.open;
}

/** 32 bits of a text (FNV-1a), never 0. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  return bits >>> 0 || 1;
}

/** Cuts off what stands behind the last line end. */
function cutTornLine(path: string): void {
  const file = openSync(path, "r+");
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, maxLineBytes));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const torn = tail.length - (tail.lastIndexOf(10) + 1);
    if (torn > 0) ftruncateSync(file, size - torn);
  } finally {
    closeSync(file);
  }
}
