import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { showPath } from "@apns/core/internal";
import type { Simulator } from "@apns/simulator";
import { OutputError, UsageError } from "../errors.js";
import { writeError } from "../files/write-error.js";
import { OwnedFiles } from "./owned-files.js";

const lockName = ".apns-simulator.lock";
const configName = "apns.json";

/** The folder of a running simulator: keys, certificates, and an apns.json that names them, readable for their owner alone. */
export class SimulatorFolder {
  readonly #path: string;
  readonly files: OwnedFiles;

  private constructor(path: string) {
    this.#path = path;
    this.files = new OwnedFiles(path);
  }

  /**
   * Takes a folder, and writes what a sender needs.
   * @throws {UsageError} if another simulator runs in it, it holds files of the user's under these names, or cannot be written
   */
  static async open(simulator: Simulator, path: string, environment: string): Promise<SimulatorFolder> {
    const folder = new SimulatorFolder(path);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await folder.#lock();
      try {
        await folder.files.write(await folder.#contents(simulator, environment));
      } catch (error) {
        await folder.#unlock();
        throw error;
      }
      return folder;
    } catch (error) {
      throw error instanceof UsageError || error instanceof OutputError ? error : writeError("--dir", path, error);
    }
  }

  /** The simulator has ended: what waits for apns.json must not take it for one that runs. */
  async close(): Promise<void> {
    await this.files.remove(configName);
    await this.#unlock();
  }

  async #contents(simulator: Simulator, environment: string): Promise<Map<string, Uint8Array | string>> {
    const { credentials, http2, gateway, feedback, channels } = simulator;
    const { keyId, teamId, topic } = credentials;
    // The simulator writes over what is there: so it gets a folder of its own.
    const scratch = await mkdtemp(join(this.#path, ".apns-simulator-"));
    try {
      const { ca, signingKey, client } = await simulator.writeCredentials(scratch);
      const contents = new Map<string, Uint8Array | string>();
      for (const name of await readdir(scratch)) contents.set(name, await readFile(join(scratch, name)));
      const config = {
        environment,
        host: http2.host,
        ports: { http2: http2.port, gateway: gateway.port, feedback: feedback.port, channels: channels.port },
        ca: basename(ca),
        topic,
        key: basename(signingKey),
        keyId,
        teamId,
        cert: basename(client),
      };
      // Last: when it is there, all that it names is.
      return contents.set(configName, `${JSON.stringify(config, null, 2)}\n`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** @throws {UsageError} if the process that has locked the folder runs */
  async #lock(): Promise<void> {
    const path = join(this.#path, lockName);
    for (;;) {
      try {
        await writeFile(path, `${process.pid}\n`, { flag: "wx", mode: 0o600 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      if (isRunning(holder)) {
        throw new UsageError(
          `--dir: a simulator runs in ${showPath(this.#path)} already, with process id ${holder}: end it, or give another folder (if that process is none, remove ${showPath(path)})`,
        );
      }
      // Left by one that was killed.
      await rm(path, { force: true });
    }
  }

  async #unlock(): Promise<void> {
    await rm(join(this.#path, lockName), { force: true });
  }
}

/** Whether another process has this id. One's own is that of a process before, as the first of a container always has the same. */
function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
