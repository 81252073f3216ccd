import { execFile } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { blocks } from "./code-blocks.js";
import { openConsumer } from "./consumer.js";
import { compile, strangeGivens, typedBlocks } from "./typed-examples.js";
import { libraries, root } from "./workspace.js";

// Every ```js block of a README, or of a page in docs, is a whole program: it is run as a user would run it, against the
// built packages. Blocks that talk to Apple, or are parts only, are marked ```ts: they are type-checked (see
// typed-examples.ts). Code of other libraries is marked ```js old there. Commands have tests of their own for what
// their READMEs say.
const readmes = [join(root, "README.md"), ...libraries.map(({ folder }) => join(folder, "README.md"))];
const pages = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => join(root, "docs", name));

const consumer = openConsumer("examples");

const run = promisify(execFile);

test.each(readmes.map((path) => relative(root, path)))("%s exists, and its first example can be run", (name) => {
  expect(existsSync(join(root, name))).toBe(true);
  expect(blocks(join(root, name), "js").length).toBeGreaterThan(0);
});

describe("the program of", () => {
  const programs = [...readmes, ...pages].flatMap((path) => blocks(path, "js"));
  test.concurrent.each(programs)("$title runs", async ({ code, path, line }) => {
    const file = join(consumer.folder, `${path.replaceAll("/", "-")}-${line}.mjs`);
    writeFileSync(file, code);
    const { stdout } = await run(process.execPath, [file], { cwd: consumer.folder, timeout: 60_000 });
    // What an example says it prints is what it prints.
    for (const [, expected] of code.matchAll(/^\s*console\.log\(.*\/\/ → (.+)$/gm)) expect(stdout).toContain(expected);
  });
});

test("the TypeScript of READMEs and docs compiles", async () => {
  // A slip of the pattern would find nothing, and nothing wrong.
  expect(typedBlocks.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["docs/migrating.md", "packages/core/README.md", "packages/http2/README.md"]),
  );
  expect(strangeGivens()).toEqual([]);
  expect(await compile(consumer.folder)).toEqual([]);
});
