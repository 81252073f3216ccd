import { printable } from "@apns/core/internal";

/** A logger: pino, winston's child loggers and others have these methods. */
export interface BridgeLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * A log whose texts cannot steer the terminal that shows it, nor forge a line: subjects, names and reasons are a peer's to
 * choose, and not every logger escapes them.
 */
export function printableLog(log: BridgeLog): BridgeLog {
  const level =
    (name: keyof BridgeLog) =>
    (fields: object, message: string): void =>
      log[name](printableFields(fields) as object, printable(message));
  return { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
}

/** Plain objects and lists of them; dates and the like stay what they are. */
function printableFields(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(printableFields);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [printable(key), printableFields(entry)]));
}

const nothing = (): void => {};

/** Drops every line. */
export const silentLog: BridgeLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };
