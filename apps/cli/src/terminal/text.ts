import { printable } from "@apns/core/internal";

/**
 * Text that goes to a terminal as it is: everything in it that came from somewhere else (peers, files, arguments) has been
 * escaped, and the styles and line ends are the command's own.
 */
export interface TerminalText {
  readonly ready: string;
}

/** A text to print. A plain string is escaped when it is printed: it cannot steer the terminal, and stays on its line. */
export type Printed = string | TerminalText;

/** Several parts on one line. */
export function line(...parts: readonly Printed[]): TerminalText {
  return { ready: parts.map(readyText).join("") };
}

/** For the modules beside this one, which write it. */
export function readyText(text: Printed): string {
  return typeof text === "string" ? printable(text) : text.ready;
}
