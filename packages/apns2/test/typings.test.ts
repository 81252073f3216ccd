// A program that compiles with the typings of the original compiles with ours.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const here = import.meta.dirname;
const tsc = join(here, "../../../node_modules/typescript/bin/tsc");
const original = join(here, "../node_modules/apns2/dist/index.d.ts");
const ours = join(here, "../src/index.ts");

/** What the compiler says about the program when "apns2" has the typings of this file. */
function compile(typings: string): string {
  const folder = mkdtempSync(join(tmpdir(), "typings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    module: "esnext",
    moduleResolution: "bundler",
    types: ["node"],
    typeRoots: [join(here, "../../../node_modules/@types")],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: { apns2: [typings] },
  };
  copyFileSync(join(here, "program.ts.txt"), join(folder, "program.ts"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  try {
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test("the program compiles with the typings of apns2", () => {
  expect(compile(original)).toBe("");
});

test("the program compiles with the typings of this package", () => {
  expect(compile(ours)).toBe("");
});
