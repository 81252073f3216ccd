import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicPackages, root } from "./workspace.js";

/** Every code that stands in a text of the published packages' source; comments name them as well, without quotes. */
function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const { folder } of publicPackages) {
    const source = join(folder, "src");
    for (const file of readdirSync(source, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
      const text = readFileSync(join(source, file), "utf8");
      for (const [, code] of text.matchAll(/"((?:ERR_APNS|H2)_[A-Z0-9_]+)"/g)) codes.add(code!);
    }
  }
  return codes;
}

test("docs/errors.md has a row for every error code there is, and for no other", () => {
  const page = join(root, "docs/errors.md");
  expect(existsSync(page)).toBe(true);
  const rows = [...readFileSync(page, "utf8").matchAll(/^\| `((?:ERR_APNS|H2)_[A-Z0-9_]+)` \| \S/gm)].map(
    ([, code]) => code!,
  );
  expect(new Set(rows).size).toBe(rows.length);
  expect([...rows].sort()).toEqual([...codesInSource()].sort());
});
