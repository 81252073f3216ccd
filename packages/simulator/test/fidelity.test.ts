// docs/simulator-fidelity.md: every test that it names exists, and nothing that can be switched is left out.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultTable } from "../src/faults/fault-table.js";
import { defaultQuirks } from "../src/quirks.js";

const document = readFileSync(new URL("../../../docs/simulator-fidelity.md", import.meta.url), "utf8");

/** The cells of every row of a table whose last column names tests. */
const rows = document
  .split("\n")
  .filter((line) => line.startsWith("|") && line.includes(" › "))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe("docs/simulator-fidelity.md", () => {
  it("has a row for every behaviour", () => {
    expect(rows.length).toBeGreaterThan(100);
  });

  it.each(rows.map((cells) => [cells[0]!, cells.at(-1)!]))("%s", (_behaviour, test) => {
    const [file, title, ...more] = test.split(" › ");
    expect(more).toEqual([]);
    expect(readFileSync(new URL(file!, import.meta.url), "utf8")).toContain(title);
  });

  it("names every quirk as a switch", () => {
    const switches = rows.map((cells) => cells.at(-2)).join(" ");
    for (const name of Object.keys(defaultQuirks)) expect(switches).toContain(`quirk \`${name}\``);
  });

  it("has a row for every fault", () => {
    const faults = rows.filter((cells) => cells.length === 2).map(([first]) => /^`(\w+)`/.exec(first!)?.[1]);
    expect(new Set(faults)).toEqual(new Set(Object.keys(faultTable)));
  });
});
