import Table from "cli-table3";

/** A table as all commands draw it: the first column left, the others right if they are figures. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  others: "left" | "right" = "right",
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? "left" : others)),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
