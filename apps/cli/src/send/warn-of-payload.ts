import type { Wire } from "@apns/core";
import { UsageError } from "../errors.js";
import type { BuiltPayload } from "../payload/build-payload.js";
import { checkPayload, type Finding } from "../payload/check.js";
import { printNote } from "../terminal/output.js";

/** Of the faults of one payload; `apns payload check` says all of them. */
const maxWarnings = 5;

/**
 * Warns of what no app would be given, or every device ignores; what is too large or empty is refused where it is sent.
 * @throws {UsageError} if the payload is a text that cannot be JSON, also not with its merge fields filled in
 */
export function warnOfPayload({ payload, pushType }: BuiltPayload, wire: Wire): void {
  const findings = checkPayload(payload, pushType, wire).filter(({ severity }) => severity !== "refused");
  const notJson = findings.find(({ code }) => code === "notJson");
  if (notJson !== undefined) {
    if (typeof payload === "string" && payload.includes("{{")) return;
    throw new UsageError(`--payload: ${sentence(notJson)}`);
  }
  for (const finding of findings.slice(0, maxWarnings)) printNote(`apns: warning: ${sentence(finding)}`);
  if (findings.length > maxWarnings) {
    printNote(`apns: warning: ${findings.length - maxWarnings} more; apns payload check says all of them`);
  }
}

function sentence({ message, line, column }: Finding): string {
  return line === undefined ? message : `line ${line}, column ${column}: ${message}`;
}
