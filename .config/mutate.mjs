// `pnpm mutate core src/wrappers/failover.ts …`: small changes to these files (or to all of the package), one at a time, and which
// of them no test notices. The files are changed in place and restored at the end: after a run that was killed, `git restore` them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const [name, ...files] = process.argv.slice(2);
const folder = ["packages", "apps"].map((group) => join(root, group, name ?? "")).find((path) => existsSync(path));
if (name === undefined || folder === undefined || !existsSync(join(folder, "vitest.config.ts"))) {
  process.stderr.write("Which package? For example: npx pnpm@10 mutate core src/wrappers/failover.ts\n");
  process.exit(2);
}

const reports = join(folder, ".reports");
mkdirSync(reports, { recursive: true });
const config = join(reports, "stryker.json");
writeFileSync(
  config,
  JSON.stringify({
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    mutate: files.length > 0 ? files : ["src/**/*.ts", "!src/**/*.test.ts", "!src/**/index.ts"],
    // Tests import sister packages by paths of this checkout: a copy of the package elsewhere would be tested against itself.
    inPlace: true,
    coverageAnalysis: "perTest",
    // What runs once at import is not exercised by a test of its own.
    ignoreStatic: true,
    // Only what has changed since the last run is tried again.
    incremental: true,
    incrementalFile: join(reports, "stryker-incremental.json"),
    tempDirName: ".reports/stryker",
    reporters: process.stdout.isTTY ? ["progress", "clear-text"] : ["clear-text"],
    clearTextReporter: { allowColor: process.stdout.isTTY === true, logTests: false },
    timeoutMS: 10_000,
    concurrency: 2,
    thresholds: { high: 95, low: 90, break: 0 },
  }),
);
const stryker = join(root, "node_modules/.bin/stryker");
process.exitCode = spawnSync(stryker, ["run", config], { cwd: folder, stdio: "inherit" }).status ?? 1;
