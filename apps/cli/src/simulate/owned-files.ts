// A simulator may run in any folder, also in one with files of the user's. It replaces only files that a simulator has written
// there and nobody has changed since, which a manifest in the folder tells.
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { printable, showPath } from "@apns/core/internal";
import { UsageError } from "../errors.js";

const manifestName = ".apns-simulator.json";

/**
 * Hashes of what was written under each name, the newest first. There are two: if the process is killed between the manifest and
 * the file, the file is still the one of before.
 */
type Manifest = Readonly<Record<string, readonly string[]>>;

export class OwnedFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes files for their owner alone, all or none. Each is there with all that is in it, or not at all: people and scripts
   * wait for them.
   * @throws {UsageError} naming files that were not written by a simulator, or were changed since
   */
  async write(files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
    const manifest = await this.#manifest();
    const foreign: string[] = [];
    for (const name of files.keys()) if (!(await this.#isOwn(name, manifest))) foreign.push(name);
    if (foreign.length > 0) {
      const names = foreign.map((name) => printable(name)).join(", ");
      throw new UsageError(
        `--dir: ${names} in ${showPath(this.#folder)} was not written by a simulator, or changed since, and is not replaced; give it a folder of its own, such as --dir apns-simulator`,
      );
    }
    const added = [...files].map(([name, content]) => [name, [hashOf(content), ...(manifest[name] ?? [])].slice(0, 2)]);
    await this.#replace(manifestName, `${JSON.stringify({ ...manifest, ...Object.fromEntries(added) }, null, 2)}\n`);
    for (const [name, content] of files) await this.#replace(name, content);
  }

  /** Removes a file, unless it is somebody else's. */
  async remove(name: string): Promise<void> {
    if (await this.#isOwn(name, await this.#manifest())) await rm(join(this.#folder, name), { force: true });
  }

  async #manifest(): Promise<Manifest> {
    try {
      return JSON.parse(await readFile(join(this.#folder, manifestName), "utf8")) as Manifest;
    } catch {
      // There is none, or nobody can say what it was: then nothing here is known to be ours.
      return {};
    }
  }

  /** Whether a name is free, or holds what a simulator has written. */
  async #isOwn(name: string, manifest: Manifest): Promise<boolean> {
    try {
      const hash = hashOf(await readFile(join(this.#folder, name)));
      return Object.hasOwn(manifest, name) && manifest[name]!.includes(hash);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ENOENT";
    }
  }

  async #replace(name: string, content: string | Uint8Array): Promise<void> {
    const unfinished = join(this.#folder, `.${basename(name)}.${process.pid}`);
    await writeFile(unfinished, content, { mode: 0o600 });
    await rename(unfinished, join(this.#folder, name));
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
