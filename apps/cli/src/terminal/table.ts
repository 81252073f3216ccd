import Table from "cli-table3";
import { type Printed, readyText, type TerminalText } from "./text.js";

/** A table as all commands draw it: the first column left, the others right if they are figures. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly Printed[])[],
  others: "left" | "right" = "right",
): TerminalText {
  const table = new Table({
    head: head.map(readyText),
    colAligns: head.map((_, index) => (index === 0 ? "left" : others)),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(readyText));
  return { ready: table.toString() };
}
