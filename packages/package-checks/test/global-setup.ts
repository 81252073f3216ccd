// Before the first test file: packs every public package, and unpacks them into the `node_modules` of one project outside the
// workspace, as a package manager would install them. Packing takes longer than most tests, and no test changes the result.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { installedIn, publicPackages, root, tarballOf } from "./workspace.js";

export function setup(project: TestProject): () => void {
  const consumer = makeConsumer();
  project.provide("consumer", consumer);
  return () => rmSync(consumer, { recursive: true, force: true });
}

/** Makes that project; the folder is the caller's to remove. */
export function makeConsumer(): string {
  const consumer = realpathSync(mkdtempSync(join(tmpdir(), "apns-consumer-")));
  install(consumer);
  return consumer;
}

function install(consumer: string): void {
  const filters = publicPackages.map(({ name }) => `--filter=${name}`);
  pnpm(["--recursive", ...filters, "pack", "--pack-destination", consumer]);
  for (const entry of publicPackages) {
    const target = installedIn(consumer, entry.name);
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", tarballOf(consumer, entry), "-C", target, "--strip-components=1"]);
    // The dependencies that a registry would deliver are linked to those of the workspace.
    for (const dependency of entry.dependencies.filter((name) => !name.startsWith("@apns/")))
      link(consumer, dependency, entry.folder);
  }
  link(consumer, "@types/node", root);
}

function link(consumer: string, dependency: string, source: string): void {
  const target = installedIn(consumer, dependency);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(realpathSync(join(source, "node_modules", dependency)), target);
}

/** Runs the pnpm that runs this script; by npx if another program does. */
export function pnpm(args: readonly string[], cwd = root): void {
  const runner = process.env["npm_execpath"];
  const [command, first] = runner?.includes("pnpm")
    ? /\.[cm]?js$/.test(runner)
      ? [process.execPath, [runner]]
      : [runner, []]
    : ["npx", ["-y", "pnpm@10"]];
  execFileSync(command, [...first, ...args], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
