// The one place where the command writes to stdout and stderr, and so the one where foreign text is made harmless.
import { printableJson } from "@apns/core/internal";
import { OutputError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { writeProblem } from "../files/write-error.js";
import { type Printed, readyText } from "./text.js";
import { columnsOf, displayWidth } from "./width.js";

/** Writes result lines to stdout. A line end within one of them is escaped. */
export function print(...lines: readonly Printed[]): void {
  writeLines(process.stdout, lines);
}

/**
 * A line to stdout, with backpressure.
 * @returns a promise if the reader of stdout is slower; it resolves when the reader has caught up, or stdout has failed
 */
export function printPaced(text: Printed): Promise<void> | undefined {
  if (writeLines(process.stdout, [text]) || !isPaced) return undefined;
  return new Promise((resolve) => {
    const { stdout } = process;
    const done = (): void => {
      stdout.off("drain", done);
      waiting.delete(done);
      resolve();
    };
    stdout.once("drain", done);
    waiting.add(done);
  });
}

/** One JSON value to stdout, for people who read it, too. */
export function printJson(value: object): void {
  print({ ready: printableJson(value, 2) });
}

/** A JSON value as a line. */
export function asRecord(value: object): Printed {
  return { ready: printableJson(value) };
}

/** One JSON value to stdout, on one line. */
export function printRecord(value: object): void {
  print(asRecord(value));
}

/** The same, with backpressure as `printPaced` has it. */
export function printRecordPaced(value: object): Promise<void> | undefined {
  return printPaced(asRecord(value));
}

/** Content for other programs, such as a script or a file: it is written as it is. */
export function printRaw(content: string | Uint8Array): void {
  write(process.stdout, content);
}

/**
 * Lines to stdout in place of the last ones, on a terminal.
 * @param linesAbove how many are taken away
 */
export function drawOver(linesAbove: number, ...lines: readonly Printed[]): void {
  // From the start of the line: a terminal echoes Ctrl-C as ^C.
  const erase = linesAbove === 0 ? "" : `\r\u001b[${linesAbove}A\u001b[0J`;
  write(process.stdout, erase + lines.map((one) => `${readyText(one)}\n`).join(""));
}

/** Writes notes to stderr, so that stdout holds results only. */
export function printNote(...lines: readonly Printed[]): void {
  writeLines(process.stderr, lines);
}

/** @param message on several lines if it has several things to say */
export function printError(code: string, message: string, exitCode: number, json: boolean): void {
  if (json) printNote(asRecord({ error: { code, message, exitCode } }));
  else printNote(...`apns: ${message}`.split("\n"));
}

let failure: OutputError | undefined;
const listeners = new Set<(failure: OutputError) => void>();
const waiting = new Set<() => void>();
let isPaced = true;

/**
 * Watches stdout and stderr for the run that begins. Where stdout fails, nothing more is written to it. By default the process
 * ends then: without a word if its reader has closed it (`apns … | head`), else with an error; a command that has more to do
 * than to print says so by `onStdoutFailure`.
 */
export function watchOutput(): void {
  failure = undefined;
  listeners.clear();
  waiting.clear();
  isPaced = true;
  status = "";
  process.stdout.on("error", failStdout);
  // There is nowhere left to report it.
  process.stderr.on("error", () => {});
}

/** Calls `listener` when stdout fails, instead of ending the process. */
export function onStdoutFailure(listener: (failure: OutputError) => void): void {
  listeners.add(listener);
}

/** From now on, nothing waits for a slow reader of stdout: the command is to end, and little is left to be printed. */
export function stopPacing(): void {
  isPaced = false;
  for (const resolve of [...waiting]) resolve();
}

/** Resolves when all that was written to stdout was taken by its reader. @returns why it was not, if it was not */
export function stdoutTaken(): Promise<OutputError | undefined> {
  return new Promise((resolve) => {
    if (failure !== undefined) resolve(failure);
    // The error event comes behind the callbacks of writes.
    else process.stdout.write("", () => setImmediate(() => resolve(failure)));
  });
}

function failStdout(error: NodeJS.ErrnoException): void {
  if (failure !== undefined) return;
  failure = new OutputError(`stdout cannot be written ${writeProblem(error)}`, error);
  stopPacing();
  for (const listener of listeners) listener(failure);
  if (listeners.size > 0) return;
  if (error.code === "EPIPE") process.exit();
  printError(failure.code, failure.message, ExitCode.output, process.argv.includes("--json"));
  process.exit(ExitCode.output);
}

/** The status line that stands on stderr, a terminal. */
let status = "";

/** Replaces the status line on stderr, a terminal; "" removes it. It moves below what is printed meanwhile. */
export function showStatus(text: string): void {
  if (text === status) return;
  eraseStatus();
  status = text;
  write(process.stderr, text);
}

function eraseStatus(): void {
  if (status === "") return;
  // A terminal that has become narrower may have wrapped it.
  const rowsAbove = Math.ceil(displayWidth(status) / columnsOf(process.stderr)) - 1;
  status = "";
  write(process.stderr, `\r${rowsAbove > 0 ? `\u001b[${rowsAbove}A` : ""}\u001b[0J`);
}

function writeLines(stream: NodeJS.WriteStream, lines: readonly Printed[]): boolean {
  eraseStatus();
  return write(stream, lines.map((text) => `${readyText(text)}\n`).join(""));
}

/** @returns false if the reader is slower: then it is time to wait */
function write(stream: NodeJS.WriteStream, text: string | Uint8Array): boolean {
  if (failure !== undefined && stream === process.stdout) return true;
  try {
    return stream.write(text);
  } catch (error) {
    // A file is written at once, and some versions of Node throw from there.
    if (stream === process.stdout) failStdout(error as NodeJS.ErrnoException);
    return true;
  }
}
