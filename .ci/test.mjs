// `npx pnpm@10 test`: lint, build, type check and every package's tests, by turbo; then one table of what ran.
//
// Arguments are handed on to turbo, for example `npx pnpm@10 test --filter=@apns/core`.
//
// APNS_PEERS=installed: every peer that tests compare against is there, so that a test that skips itself is a failure. Its title
// may excuse it: peers that come from elsewhere, and what only other versions of Node have.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

const root = join(import.meta.dirname, "..");
const packageFolders = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).map((folder) => join(group, folder)),
);
const peersAreInstalled = process.env.APNS_PEERS === "installed";
const excused = /\((?:only (?:before|from) Node [\d.]+|SKIPPED: (?:Go cannot build it|not in the registry)[^)]*)\)/;
const reportOf = (folder) => join(root, folder, ".reports", "vitest.json");

// A report left by an earlier run must not be counted; turbo restores the ones that are still true.
for (const folder of packageFolders) rmSync(reportOf(folder), { force: true });

const extra = process.argv.slice(2);
const turbo = spawnSync(
  join(root, "node_modules/.bin/turbo"),
  [
    "run",
    "//#lint:root",
    "build",
    "typecheck",
    "test",
    "--output-logs=new-only",
    "--log-order=grouped",
    "--continue",
    // Two packages at a time: each package's tests use every core by themselves, but wait for the network in between.
    "--concurrency=2",
    ...extra,
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } },
);

const rows = packageFolders
  .filter((folder) => existsSync(reportOf(folder)))
  .map((folder) => ({ folder, report: JSON.parse(readFileSync(reportOf(folder), "utf8")) }));

const total = { passed: 0, failed: 0, skipped: 0 };
console.log(`\n${"".padEnd(26)}${"passed".padStart(8)}${"failed".padStart(8)}${"skipped".padStart(9)}`);
for (const { folder, report } of rows) {
  const { numPassedTests: passed, numFailedTests: failedTests, numPendingTests: pending, numTodoTests: todo } = report;
  const failed = failedTests + report.testResults.filter(cannotBeLoaded).length;
  const skipped = pending + todo;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  console.log(
    `${folder.padEnd(26)}${String(passed).padStart(8)}${String(failed).padStart(8)}${String(skipped).padStart(9)}`,
  );
}
let unexcused = 0;
for (const { folder, report } of rows) {
  for (const file of report.testResults.filter(cannotBeLoaded)) {
    console.log(`FAILED   ${folder}: ${relative(join(root, folder), file.name)} cannot be loaded`);
    console.log(beginningOf(file.message));
  }
  for (const test of report.testResults.flatMap((file) => file.assertionResults)) {
    if (test.status === "failed") {
      console.log(`FAILED   ${folder}: ${test.fullName}`);
      // Here too: whoever has only the end of a long log must see what to look for.
      console.log(beginningOf(test.failureMessages.join("\n")));
    }
    if (!isSkipped(test)) continue;
    console.log(`SKIPPED  ${folder}: ${test.fullName}`);
    if (peersAreInstalled && !excused.test(test.fullName)) unexcused++;
  }
}

/** A file that holds no failed test, but is a failure all the same. */
function cannotBeLoaded(file) {
  return file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed");
}

function isSkipped({ status }) {
  return status === "pending" || status === "skipped" || status === "todo";
}

/** The first lines of a failure, without colours, moved to the right. */
function beginningOf(text) {
  return stripVTControlCharacters(text)
    .split("\n")
    .slice(0, 12)
    .map((line) => `         ${line.slice(0, 300)}`)
    .join("\n");
}

if (unexcused > 0) console.log(`\n${unexcused} skipped although all peers are installed: see SKIPPED above.`);
const ok = turbo.status === 0 && total.failed === 0 && total.passed > 0 && unexcused === 0;
if (!ok && total.failed === 0 && unexcused === 0) console.log("\nNot every task succeeded; see the output above.");
console.log(`\n${total.passed} passed, ${ok ? 0 : Math.max(1, total.failed)} failed, ${total.skipped} skipped`);
process.exitCode = ok ? 0 : 1;
