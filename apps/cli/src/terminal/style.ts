import { styleText } from "node:util";
import { readyText, type TerminalText } from "./text.js";

type Format = Parameters<typeof styleText>[0];

/** Paints text for a stream: in colour on a terminal, unless `NO_COLOR` or a dumb terminal says otherwise. */
export function painter(stream: NodeJS.WriteStream): (format: Format, text: string) => TerminalText {
  // Node's own judgement: it heeds NO_COLOR, FORCE_COLOR, TERM and COLORTERM.
  const colours = stream.isTTY === true && stream.hasColors();
  return (format, text) => ({ ready: colours ? styleText(format, readyText(text)) : readyText(text) });
}
