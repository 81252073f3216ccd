import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A file made by openssl: see make.sh beside them. */
export function fixture(name: string): string {
  return join(import.meta.dirname, "../../../packages/credentials/test/fixtures", name);
}

/** A folder that goes when the tests of this file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "apns-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
