import { readFileSync } from "node:fs";
import type { NamedFile } from "../src/index.ts";

/** A file made by openssl: see fixtures/make.sh. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

/** The same, known to errors by its name. */
export function namedFixture(name: string): NamedFile {
  return { name, content: fixture(name) };
}

/** What every encrypted fixture is encrypted with, unless its name says otherwise. */
export const passphrase = "secret";
