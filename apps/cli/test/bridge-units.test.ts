// The systemd units of docs/bridge, judged by systemd.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

test.skipIf(!hasSystemd)(
  "systemd finds nothing wrong with the units, and little that the service could do to the machine",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "apns-units-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const units = ["apns-bridge.service", "apns-bridge.socket"].map((name) => {
      const text = readFileSync(join(import.meta.dirname, "../../../docs/bridge", name), "utf8");
      // The command need not be installed where the tests run.
      writeFileSync(join(folder, name), text.replace("/usr/bin/apns", process.execPath));
      return join(folder, name);
    });
    const verified = spawnSync("systemd-analyze", ["verify", ...units], { encoding: "utf8" });
    expect([verified.status, verified.stdout + verified.stderr]).toEqual([0, ""]);
    const judged = spawnSync("systemd-analyze", ["security", "--offline=true", units[0]!], { encoding: "utf8" });
    expect(Number(/exposure level for .*: ([0-9.]+)/.exec(judged.stdout)?.[1])).toBeLessThan(2);
  },
);
