import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, libraries, makeConsumer, root } from "./workspace.js";

// Every ```js block of a README, or of a page in docs, is a whole program: it is run as a user would run it, against the
// built packages. Blocks that talk to Apple, or are parts only, are marked ```ts and are not run; in docs they are
// type-checked. Code of other libraries is marked ```js old there. Commands have tests of their own for what their READMEs
// say.
const readmes = [join(root, "README.md"), ...libraries.map(({ folder }) => join(folder, "README.md"))];
const pages = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => join(root, "docs", name));

interface Block {
  readonly title: string;
  readonly code: string;
}

function blocks(path: string, language: "js" | "ts"): Block[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(({ 1: code, index }) => ({
    title: `${relative(root, path)}, line ${text.slice(0, index).split("\n").length}`,
    code: code!,
  }));
}

/** What the ts blocks in docs take for granted: the reader's own things. */
const readers = `
declare const transport: import("@apns/core").Transport;
declare const deviceToken: string;
declare const deviceTokens: readonly string[];
declare const devices: {
  forget(deviceToken: string): Promise<void>;
  registeredAt(deviceToken: string): Promise<Date | undefined>;
};
`;

let consumer: Consumer;
beforeAll(() => {
  consumer = makeConsumer();
});
afterAll(() => consumer?.remove());

const run = promisify(execFile);

test.each(readmes.map((path) => relative(root, path)))("%s exists, and its first example can be run", (name) => {
  expect(existsSync(join(root, name))).toBe(true);
  expect(blocks(join(root, name), "js").length).toBeGreaterThan(0);
});

describe("the program of", () => {
  test.each([...readmes, ...pages].flatMap((path) => blocks(path, "js")))("$title runs", async ({ code }) => {
    const file = join(consumer.folder, "example.mjs");
    writeFileSync(file, code);
    const { stdout } = await run(process.execPath, [file], { cwd: consumer.folder, timeout: 60_000 });
    // What an example says it prints is what it prints.
    for (const [, expected] of code.matchAll(/^\s*console\.log\(.*\/\/ → (.+)$/gm)) expect(stdout).toContain(expected);
  });
});

test("the code in docs compiles", async () => {
  const typed = pages.flatMap((path) => blocks(path, "ts"));
  expect(typed.length).toBeGreaterThan(0);
  writeFileSync(join(consumer.folder, "readers.d.ts"), readers);
  for (const [index, { code }] of typed.entries()) writeFileSync(join(consumer.folder, `block-${index}.mts`), code);
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: "es2022",
      lib: ["es2023", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
    },
    files: ["readers.d.ts", ...typed.map((_, index) => `block-${index}.mts`)],
  };
  writeFileSync(join(consumer.folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", "."], { cwd: consumer.folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout.replace(/block-(\d+)\.mts/g, (_, index) => typed[Number(index)]!.title)).toBe("");
});
