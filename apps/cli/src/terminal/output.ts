// The one place where the command writes to stdout and stderr, and so the one where foreign text is made harmless.
import { printableJson } from "@apns/core/internal";
import { type Printed, readyText } from "./text.js";

/** Writes result lines to stdout. A line end within one of them is escaped. */
export function print(...lines: readonly Printed[]): void {
  writeLines(process.stdout, lines);
}

/**
 * A line to stdout, with backpressure.
 * @returns a promise if the reader of stdout is slower; it resolves when the reader has caught up
 */
export function printPaced(text: Printed): Promise<void> | undefined {
  if (writeLines(process.stdout, [text])) return undefined;
  return new Promise((resolve) => process.stdout.once("drain", resolve));
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
  process.stdout.write(content);
}

/**
 * Lines to stdout in place of the last ones, on a terminal.
 * @param linesAbove how many are taken away
 * @returns how many were written
 */
export function drawOver(linesAbove: number, ...lines: readonly Printed[]): number {
  const text = lines.map((one) => `${readyText(one)}\n`).join("");
  process.stdout.write((linesAbove === 0 ? "" : `\u001b[${linesAbove}A\u001b[0J`) + text);
  return text.split("\n").length - 1;
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

/** `apns … | head` closes our stdout. That is no error, and nobody is left to read what would follow. */
export function endQuietlyWithoutReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

function writeLines(stream: NodeJS.WriteStream, lines: readonly Printed[]): boolean {
  return stream.write(lines.map((text) => `${readyText(text)}\n`).join(""));
}
