import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, libraries, makeConsumer, root } from "./workspace.js";

// Every ```js block of a README is a whole program: it is run as a user would run it, against the built packages.
// Blocks that talk to Apple, or are parts only, are marked ```ts and are not run. Commands have tests of their own for
// what their READMEs say.
const readmes = [join(root, "README.md"), ...libraries.map(({ folder }) => join(folder, "README.md"))];

let consumer: Consumer;
beforeAll(() => {
  consumer = makeConsumer();
});
afterAll(() => consumer?.remove());

const run = promisify(execFile);

describe.each(readmes.map((path) => ({ path, name: relative(root, path) })))("$name", ({ path }) => {
  test("exists, and its first example can be run", () => {
    expect(existsSync(path)).toBe(true);
    expect(examples(path).length).toBeGreaterThan(0);
  });

  test.each(examples(path).map((text, index) => ({ text, title: `example ${index + 1}` })))(
    "$title runs",
    async ({ text }) => {
      const file = join(consumer.folder, "example.mjs");
      writeFileSync(file, text);
      const { stdout } = await run(process.execPath, [file], { cwd: consumer.folder, timeout: 60_000 });
      // What an example says it prints is what it prints.
      for (const [, expected] of text.matchAll(/^\s*console\.log\(.*\/\/ → (.+)$/gm))
        expect(stdout).toContain(expected);
    },
  );
});

function examples(path: string): string[] {
  if (!existsSync(path)) return [];
  return [...readFileSync(path, "utf8").matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text!);
}
