import { ApnsError, InvalidArgumentError } from "@apns/core";
import { printable, withoutSecrets } from "@apns/core/internal";
import { ExitCode } from "./exit-code.js";

/** The command line, or a file it names, is wrong. The message names the option, what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
  readonly code: string = "ERR_APNS_USAGE";
}

/** A file that was named cannot be read: there is none, it is a folder, may not be read. */
export class UnreadableFileError extends UsageError {
  override readonly name = "UnreadableFileError";
}

/** Credentials would go where a file says that was only found, and may have been put there by a stranger. */
export class UntrustedError extends UsageError {
  override readonly name = "UntrustedError";
  override readonly code = "ERR_APNS_UNTRUSTED";
}

/** Output could not be written: the disk is full, or the reader has closed it. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code = "ERR_APNS_OUTPUT";

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** Credentials are missing, cannot be read or do not fit what is asked of them. */
export function credentialsError(message: string, cause?: unknown): ApnsError {
  return new ApnsError("ERR_APNS_CREDENTIALS", message, { cause });
}

export interface ErrorDescription {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/**
 * The code, message and exit code of an error, for the person who typed the command. Messages of this program repeat no value
 * that may be a secret; those of Node, of libraries and of peers may, and all of them go through here.
 */
export function describeError(error: unknown): ErrorDescription {
  const description = describe(error);
  return { ...description, message: withoutSecrets(description.message) };
}

function describe(error: unknown): ErrorDescription {
  if (error instanceof UsageError) return { code: error.code, message: error.message, exitCode: ExitCode.usage };
  if (error instanceof OutputError) return { code: error.code, message: error.message, exitCode: ExitCode.output };
  if (error instanceof ApnsError) {
    // A refused channel request is a verdict of APNs, as a refused notification is.
    const { kind, httpStatus } = error as { readonly kind?: string; readonly httpStatus?: number };
    if (kind === "rejected" && httpStatus !== 403) {
      return { code: error.code, message: printable(error.message), exitCode: ExitCode.rejected };
    }
    const usage = error instanceof InvalidArgumentError && error.code !== "ERR_APNS_CREDENTIALS";
    return {
      code: error.code,
      // On one line: with others, a peer could forge lines of ours.
      message: printable(inOurWords(error)),
      exitCode: usage ? ExitCode.usage : ExitCode.unreachable,
    };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}${framesOf(error)}` : String(error);
  return { code: "ERR_APNS_DEFECT", message: `this is a defect of apns, please report it: ${text}`, exitCode: 70 };
}

/** The stack of the error, for its report. */
function framesOf({ stack = "" }: Error): string {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.map((frame) => `\n${frame}`).join("");
}

/** Names of options where the libraries' fields are called otherwise. */
const optionNames: Readonly<Record<string, string>> = {
  "auth.key": "--key",
  "auth.keyId": "--key-id",
  "auth.teamId": "--team-id",
  "auth.cert": "--cert",
  key: "--key",
  keyId: "--key-id",
  teamId: "--team-id",
  "environment.host": "--host",
  "environment.port": "--port",
  bundleId: "--topic",
  emailAddress: "--email",
  commonName: "--name",
  passphrase: "--out-passphrase-file",
  cert: "--cert",
  messageStorage: "--storage",
};

/** The libraries name a field; people here typed an option. */
function inOurWords(error: ApnsError): string {
  if (error.code === "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING") {
    return `${error.message} Name the file that holds it by --passphrase-file, or set APNS_PASSPHRASE.`;
  }
  if (!(error instanceof InvalidArgumentError)) return error.message;
  const { field, message } = error;
  const option = optionNames[field] ?? `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  // A payload may have come from anywhere, and device tokens are arguments.
  if (field === "payload" || field === "deviceToken" || (field.includes(".") && optionNames[field] === undefined)) {
    return message;
  }
  return message.startsWith(`${field}: `) ? `${option}: ${message.slice(field.length + 2)}` : message;
}
