// Before the matrix: packs and unpacks every public package (test/global-setup.ts), and installs the projects beside them by their
// own lockfile. The packages are found by them as those of a monorepo are: in a node_modules above.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import type { TestProject } from "vitest/node";
import { makeConsumer, pnpm } from "../test/global-setup.js";

export function setup(project: TestProject): () => void {
  const consumer = makeConsumer();
  const projects = join(consumer, "projects");
  cpSync(join(import.meta.dirname, "projects"), projects, { recursive: true });
  for (const entry of readdirSync(projects, { withFileTypes: true })) {
    if (entry.isDirectory()) writePrograms(join(projects, entry.name));
  }
  // The script that runs this has told its children where the repository keeps its pnpmfile.
  pnpm(["install", "--frozen-lockfile", "--ignore-pnpmfile", "--reporter=append-only"], projects);
  project.provide("consumer", consumer);
  return () => rmSync(consumer, { recursive: true, force: true });
}

/** The programs as they are, as ES modules and as CommonJS. */
function writePrograms(folder: string): void {
  for (const name of ["send-both", "run"]) {
    const source = readFileSync(join(import.meta.dirname, "programs", `${name}.ts`), "utf8");
    const as = (format: "cjs" | "esm", extension: string): void => {
      const { code } = transformSync(source, { loader: "ts", format, target: "es2022" });
      writeFileSync(join(folder, name + extension), code.replaceAll("./send-both.js", `./send-both${extension}`));
    };
    as("esm", ".mjs");
    as("cjs", ".cjs");
    // A project in TypeScript has the source; Babel takes ES modules by the name of a script.
    if (folder.endsWith("jest-babel")) as("esm", ".js");
    else writeFileSync(join(folder, `${name}.ts`), source);
  }
}
