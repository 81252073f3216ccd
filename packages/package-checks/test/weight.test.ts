// What an installation of each package brings, so that nobody adds to it by accident. How long an import takes is measured by the matrix.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConsumer } from "./consumer.js";
import { everythingBeneath, publicPackages } from "./workspace.js";

const consumer = openConsumer("weight");

/** The sizes of files, in bytes, without the packages beneath. */
function bytesOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== "node_modules");
  const sizes = entries.map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? bytesOf(path) : statSync(path).size;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The packages that are installed, the package itself included, and their megabytes at most. A file's size, not that of its blocks. */
const limits: Record<string, { readonly packages: number; readonly megabytes: number }> = {
  "@apns/apns2": { packages: 5, megabytes: 5 },
  "@apns/binary": { packages: 3, megabytes: 3 },
  "@apns/bridge": { packages: 22, megabytes: 21 },
  "@apns/cli": { packages: 123, megabytes: 40 },
  "@apns/core": { packages: 1, megabytes: 2 },
  "@apns/credentials": { packages: 24, megabytes: 7 },
  "@apns/h2": { packages: 1, megabytes: 1.5 },
  "@apns/http2": { packages: 4, megabytes: 4.5 },
  "@apns/net": { packages: 2, megabytes: 2 },
  "@apns/node-apn": { packages: 5, megabytes: 5 },
  "@apns/processes": { packages: 1, megabytes: 0.06 },
  "@apns/simulator": { packages: 95, megabytes: 21 },
  "@apns/telemetry": { packages: 2, megabytes: 2 },
};

test.each(publicPackages.map(({ name, folder }) => ({ name, folder })))(
  "$name brings no more than it did",
  ({ name, folder }) => {
    const installed = everythingBeneath(folder);
    const bytes = installed.map((entry) =>
      bytesOf(entry.name.startsWith("@apns/") ? consumer.installed(entry.name) : entry.folder),
    );
    const megabytes = bytes.reduce((sum, size) => sum + size, 0) / 1e6;
    const limit = limits[name];
    expect({ name, packages: installed.length }).toEqual({ name, packages: limit?.packages });
    expect(megabytes).toBeLessThan(limit?.megabytes ?? 0);
    // A limit far above what there is would let anything in.
    expect(megabytes).toBeGreaterThan((limit?.megabytes ?? 0) * 0.5);
  },
);
