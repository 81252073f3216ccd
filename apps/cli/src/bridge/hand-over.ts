// A running bridge starts the one that comes after it: the same command line, with the listening sockets. They are never closed, and
// what connects while the one drains and the other waits for its store waits in the kernel.
import { type ChildProcess, spawn } from "node:child_process";
import { inheritedDescriptors } from "@apns/bridge";

/** Names the process that a bridge is to replace; `LISTEN_PID` cannot, since the child's is not known before it runs. */
const predecessorVariable = "APNS_BRIDGE_PREDECESSOR";

/** How long a successor may take until it has read its configuration, in milliseconds. */
const readyWithinMs = 30_000;

/** How long a bridge that was started waits for the one before it to close the store, beyond that one's `drainTimeoutMs`. */
export const storeGraceMs = 10_000;

/** The listening sockets that this process was started with: by systemd, or by the bridge before it. */
export function startedWith(): { readonly descriptors: readonly number[]; readonly isSuccessor: boolean } {
  const { env, pid, ppid } = process;
  const isSuccessor = env[predecessorVariable] === String(ppid);
  const descriptors = inheritedDescriptors(isSuccessor ? { ...env, LISTEN_PID: String(pid) } : env);
  // They mean no process that this one starts.
  for (const name of [predecessorVariable, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]) delete env[name];
  return { descriptors, isSuccessor };
}

/** Tells the bridge before this one that its configuration is right: it ends now, and leaves the store to this one. */
export function reportReady(): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!("ready", (error: Error | null) => {
      if (error !== null) {
        reject(error);
        return;
      }
      process.disconnect();
      resolve();
    });
  });
}

/**
 * Starts a successor, and waits until it is ready to take over.
 * @returns its process id
 * @throws if it ends before that, or takes too long; it is not running then
 */
export async function startSuccessor(descriptors: readonly number[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["ignore", "inherit", "inherit", ...descriptors, "ipc"],
    env: { ...process.env, LISTEN_FDS: String(descriptors.length), [predecessorVariable]: String(process.pid) },
  });
  try {
    await untilReady(child);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  child.unref();
  return child.pid!;
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`it was not ready within ${readyWithinMs} ms`)), readyWithinMs);
    child.once("message", () => resolve());
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
    child.once("message", () => clearTimeout(tooLate));
    child.once("exit", () => clearTimeout(tooLate));
  });
}
