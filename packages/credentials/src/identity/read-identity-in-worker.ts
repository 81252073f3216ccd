import { Worker } from "node:worker_threads";
import { InvalidArgumentError } from "@apns/core";
import { CredentialsError, type CredentialsErrorCode } from "../credentials-error.js";
import type { PemIdentity } from "../encoding.js";
import type { CredentialFile } from "../files/credential-file.js";
import { type ReadIdentityOptions, readIdentity } from "./read-identity.js";

/** What `readIdentity` made of the files, in a form that can be sent to another thread. */
export type IdentityMessage =
  | { readonly identity: PemIdentity }
  | { readonly credentials: { readonly code: CredentialsErrorCode; readonly problem: string; readonly fix: string } }
  | { readonly argument: { readonly field: string; readonly problem: string } };

export interface IdentityTask {
  readonly files: CredentialFile | readonly CredentialFile[];
  readonly options: ReadIdentityOptions;
}

/** Runs `readIdentity`; any other error than its own ends the thread, and is thrown by who waits for it. */
export function performTask({ files, options }: IdentityTask): IdentityMessage {
  try {
    return { identity: readIdentity(files, options) };
  } catch (error) {
    if (error instanceof CredentialsError) {
      const { code, problem, fix } = error;
      return { credentials: { code, problem, fix } };
    }
    if (!(error instanceof InvalidArgumentError)) throw error;
    const { field, message } = error;
    return { argument: { field, problem: message.replace(`${field}: `, "") } };
  }
}

/**
 * `readIdentity` in a thread of its own, for servers that are given files by others: the key derivation of a `.p12` may take
 * four seconds, in which `readIdentity` would keep the event loop waiting. The thread itself takes some 0.2 seconds to start.
 * @throws {CredentialsError} as `readIdentity`
 */
export function readIdentityInWorker(
  files: CredentialFile | readonly CredentialFile[],
  options: ReadIdentityOptions = {},
): Promise<PemIdentity> {
  const task: IdentityTask = { files, options };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./identity-worker.js", import.meta.url), { workerData: task });
    worker.once("error", reject);
    // Behind a message or an error, this changes nothing.
    worker.once("exit", (code) => reject(new Error(`The thread that reads the files ended with ${code}.`)));
    worker.once("message", (message: IdentityMessage) => {
      void worker.terminate();
      if ("identity" in message) resolve(message.identity);
      else reject(errorOf(message));
    });
  });
}

function errorOf(message: Exclude<IdentityMessage, { identity: unknown }>): Error {
  if ("argument" in message) return new InvalidArgumentError(message.argument.field, message.argument.problem);
  const { code, problem, fix } = message.credentials;
  return new CredentialsError(code, problem, fix);
}
