// The folders of the source are an architecture: imports go one way, types included.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");

/** The files of a folder that each of its own imports, relative to it, without extension. */
const imports = new Map(
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => {
      const text = readFileSync(join(source, file), "utf8");
      const found = [...text.matchAll(/^(?:import|export)\b[^;]*? from "(\.[^"]+)\.js";/gm)];
      return [file.slice(0, -3), found.map(([, path]) => relative(source, join(source, dirname(file), path!)))];
    }),
);

const folderOf = (file: string): string => (file.includes(sep) ? file.split(sep)[0]! : "the top");

/** Each folder, and the folders below it. Nobody but the files at the top imports `admin` and `config`. */
const below: Readonly<Record<string, readonly string[]>> = {
  feedback: [],
  hold: [],
  upstream: ["feedback", "hold"],
  inbound: ["upstream", "feedback"],
  accept: ["inbound", "upstream"],
  admin: ["accept", "inbound", "upstream"],
  config: ["the top", "accept", "upstream"],
  "the top": ["accept", "inbound", "upstream", "feedback", "hold", "admin", "config"],
};

test("every import goes to a folder below", () => {
  expect(imports.size).toBeGreaterThan(40);
  const others = [...imports].flatMap(([file, imported]) =>
    imported
      .filter((other) => folderOf(other) !== folderOf(file) && !below[folderOf(file)]!.includes(folderOf(other)))
      .map((other) => `${file} → ${other}`),
  );
  expect(others).toEqual([]);
});

test("no file imports itself by way of others", () => {
  const reached = new Map<string, Set<string>>();
  const reach = (file: string, seen = new Set<string>()): Set<string> => {
    for (const other of imports.get(file)!) if (!seen.has(other)) reach(other, seen.add(other));
    return seen;
  };
  for (const file of imports.keys()) reached.set(file, reach(file));
  expect([...reached].filter(([file, others]) => others.has(file)).map(([file]) => file)).toEqual([]);
});
