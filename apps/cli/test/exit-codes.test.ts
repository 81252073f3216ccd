// The exit codes that the README and the help promise, against the command.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ExitCode } from "../src/exit-code.js";
import { apns } from "./apns.js";
import { fixture } from "./fixtures.js";
import { startApple } from "./simulator.js";

/** The codes in the table of the README. */
function documented(): number[] {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const table = /^\| exit code \| means \|\n\| --- \| --- \|\n((?:\|.*\n)+)/m.exec(readme)![1]!;
  return table
    .trim()
    .split("\n")
    .flatMap((row) => row.split("|")[1]!.split(",").map(Number));
}

test("the README has a row for every exit code there is, and the help names those of a usual day", async () => {
  expect(documented().sort((a, b) => a - b)).toEqual(Object.values(ExitCode).sort((a, b) => a - b));
  const { stdout } = await apns(["--help"]);
  const inHelp = [...stdout.matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => Number(code));
  expect(inHelp).toEqual([0, 1, 2, 3, 4]);
});

const token = "ab".repeat(32);
const send = ["send", "--config", "apns.json", "--body", "x"];

// 4, 129 and 143 end runs (endings.test.ts), 70 is a defect (secrets.test.ts).
test.each([
  [0, ["payload", "size", "--title", "x"]],
  [1, [...send, token]],
  [1, ["payload", "check", "--payload", `{"aps":{"alert":"x"},"x":"${"x".repeat(5000)}"}`]],
  [3, [...send, "--port", "1", token]],
  [3, [...send, "--key-id", "OTHER12345", token]],
  [3, ["cert", "inspect", fixture("expired.pem")]],
  // Every file that is named, and that cannot be read or written.
  [2, [...send, "--key", "none", token]],
  [2, [...send, "--cert", "none", token]],
  [2, [...send, "--cert", "push.pem", "--cert-key", "none", token]],
  [2, [...send, "--p12", "none", token]],
  [2, [...send, "--ca", "none", token]],
  [2, [...send, "--cert", "push.pem", "--passphrase-file", "none", token]],
  [2, [...send, "--payload", "none", token]],
  [2, [...send, "--to", "none"]],
  [2, [...send, "--to", "."]],
  [2, [...send, "--out", "none/run.ndjson", token]],
  [2, [...send, "--out", ".", token]],
  [2, [...send, "--out", "none", "--resume", token]],
  [2, ["send", "--config", "none", "--body", "x", token]],
  [2, ["bench", "--host", "127.0.0.1", "--to", "none", "--config", "apns.json"]],
  [2, ["payload", "check", "--payload", "none"]],
  [2, ["cert", "inspect", "none"]],
  [2, ["cert", "convert", "none", "--out", "new.pem"]],
  [2, ["cert", "convert", "push.pem", "--out", "none/new.pem"]],
  [2, ["cert", "csr", "--email", "a@example.com", "--name", "A", "--key-out", "none/new.key"]],
  [2, ["key", "inspect", "none"]],
  [2, ["token", "make", "--config", "apns.json", "--key", "none"]],
  [2, ["token", "inspect", "none"]],
  [2, ["bridge", "--config", "none", "--check"]],
  [2, ["simulate", "--dir", "push.pem"]],
])("exit code %i: apns %j", async (expected, args) => {
  const { folder } = await startApple();
  const { code, stderr } = await apns(args, { cwd: folder });
  expect({ code, stderr }).toEqual({
    code: expected,
    stderr: expected === 2 ? expect.stringMatching(/^apns: \S/) : stderr,
  });
  // A sentence, and no code of the system instead of one.
  expect(stderr).not.toMatch(/\(E[A-Z]+\)\n$/);
});
