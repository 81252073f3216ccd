import { reasonRow } from "@apns/core";
import { describeError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { asRecord, print, printError, printNote, printRecord, stdoutTaken } from "../terminal/output.js";
import { painter } from "../terminal/style.js";
import { drawTable } from "../terminal/table.js";
import { line, type Printed, type TerminalText } from "../terminal/text.js";
import { signalCodes } from "./interrupts.js";
import type { OutcomeRecord } from "./outcome-record.js";
import type { Ending } from "./run-end.js";
import type { SendRunResult } from "./run-send.js";
import type { Totals } from "./totals.js";

/** One outcome for a person, on one line. */
export function outcomeLine(record: OutcomeRecord): TerminalText {
  const paint = painter(process.stdout);
  const { kind, line: number, deviceToken } = record;
  const whom = typeof deviceToken === "string" ? deviceToken : `line ${number}`;
  switch (kind) {
    case "accepted":
      return line(
        paint("green", kind),
        `  ${whom}${record["apnsId"] === undefined ? "" : `  apns-id ${record["apnsId"]}`}`,
      );
    case "rejected": {
      const reason = String(record["reason"]);
      const meaning = record["detail"] ?? reasonRow(reason, Number(record["httpStatus"] ?? 400)).meaning;
      const drop = record["dropToken"] === true ? " Forget this device token." : "";
      return line(paint("red", kind), `  ${whom}  ${reason}: ${meaning}${drop}`);
    }
    default:
      return line(paint("yellow", kind), `  ${whom}  ${record["message"]}`);
  }
}

/** What a progress bar says beside its figures: refusals by reason, most frequent first. */
export function rejectsByReason({ rejectedByReason, unsent, unconfirmed, invalid }: Totals): string {
  const reasons = Object.entries(rejectedByReason).sort(([, a], [, b]) => b - a);
  const others = Object.entries({ unsent, unconfirmed, invalid }).filter(([, count]) => count > 0);
  return [...reasons.slice(0, 4), ...others].map(([name, count]) => `${name} ${count}`).join(", ");
}

interface ReportOptions {
  readonly json: boolean;
  /** Whether each outcome has been printed already. */
  readonly oneByOne: boolean;
  /** Whether there was one device only: its outcome says all, if the run came to its end. */
  readonly isSingle: boolean;
}

/**
 * Prints the totals of a run, and why it ended early if it did: to stdout, or to stderr if the run ended early or stdout cannot
 * be written.
 * @returns the exit code of the run
 */
export async function report(result: SendRunResult, options: ReportOptions): Promise<ExitCode> {
  const isComplete = result.ending.kind === "complete";
  if (result.ending.kind === "failed" && result.totals.settled === 0) {
    // Nothing was done: there is nothing to count.
    const { code, message, exitCode } = describeError(result.ending.error);
    printError(code, message, exitCode, options.json);
    return exitCode;
  }
  if (options.json) printRecord(summaryRecord(result));
  else if (isComplete && !(options.oneByOne && options.isSingle)) print(...summaryLines(result, options.oneByOne));
  const failure = await stdoutTaken();
  const ending: Ending = isComplete && failure !== undefined ? { kind: "failed", error: failure } : result.ending;
  const ended = { ...result, ending };
  if (options.json && failure !== undefined) printNote(asRecord(summaryRecord(ended)));
  else if (!options.json && ending.kind !== "complete") printNote(...summaryLines(ended, options.oneByOne));
  if (ending.kind === "failed") {
    const { code, message, exitCode } = describeError(ending.error);
    printError(code, message, exitCode, options.json);
  }
  return exitCodeOf(ended);
}

/** The totals of a run as plain data, for `--json`. */
function summaryRecord({ totals, elapsedMs, ending }: SendRunResult): object {
  const { accepted, rejected, rejectedByReason, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt } = totals;
  return {
    kind: "summary",
    ...{ accepted, rejected, rejectedByReason, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt },
    elapsedMs: Math.round(elapsedMs),
    ended: ending.kind,
    interrupted: ending.kind === "signal",
    ...(ending.kind === "signal" ? { signal: ending.signal } : {}),
    ...(ending.kind === "gaveUp" ? { gaveUp: ending.reason } : {}),
    ...(ending.kind === "failed" ? { failed: describeError(ending.error).message } : {}),
  };
}

/**
 * The totals of a run for people.
 * @param oneByOne whether each outcome has been printed already
 */
function summaryLines({ totals, elapsedMs, ending, wholeList }: SendRunResult, oneByOne: boolean): Printed[] {
  const { accepted, rejected, rejectedByReason, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt } = totals;
  const sent = accepted + rejected + unconfirmed;
  const reasons = Object.entries(rejectedByReason).sort(([, a], [, b]) => b - a);
  const rows: [string, number][] = [
    ["accepted", accepted],
    ["rejected", rejected],
    ...reasons.map(([reason, count]): [string, number] => [`  ${reason}`, count]),
    ["unsent", unsent],
    ["unconfirmed", unconfirmed],
    ...optional("invalid lines", invalid),
    ...optional("done by the earlier run", alreadyDone),
    ...optional("left in doubt by it", leftInDoubt),
  ];
  const figures = rows.map(([name, count]) => [name, count.toLocaleString("en-US")]);
  const seconds = elapsedMs / 1000;
  figures.push(["elapsed", `${seconds.toFixed(2)} s`]);
  figures.push(["per second", Math.round(sent / Math.max(seconds, 0.001)).toLocaleString("en-US")]);
  return [
    drawTable(["outcome", "notifications"], figures),
    ...(oneByOne ? [] : [...exampleLines(totals), ...adviceLines(totals)]),
    ...(ending.kind === "gaveUp" ? [`Given up: ${ending.reason}.`] : []),
    ...(wholeList ? [] : ["The rest of the list was not sent; --out and --resume go on with it."]),
    ...(leftInDoubt + unconfirmed === 0
      ? []
      : [
          "What is unconfirmed may have been accepted. --resume leaves it alone; with --resend-unconfirmed, people may get it twice.",
        ]),
  ];
}

function exampleLines({ examples }: Totals): string[] {
  return [...examples].flatMap(([kind, lines]) =>
    lines.map((text, index) => `${kind}, ${index === 0 ? "first " : ""}${text}`),
  );
}

/** How many reasons are explained. */
const maxAdvice = 10;

/** The meaning of each reason, most frequent first, and what to do about it. */
function adviceLines({ rejectedByReason, statusOfReason }: Totals): string[] {
  const reasons = Object.entries(rejectedByReason).sort(([, a], [, b]) => b - a);
  return reasons.slice(0, maxAdvice).flatMap(([reason]) => {
    const status = statusOfReason.get(reason);
    return status === undefined
      ? []
      : [`${reason}: ${reasonRow(reason, status).meaning} ${adviceOn(reason, status)}`.trimEnd()];
  });
}

function adviceOn(reason: string, httpStatus: number): string {
  const { dropToken, retry } = reasonRow(reason, httpStatus);
  if (dropToken) return "Forget these device tokens.";
  if (reason === "BadDeviceToken") {
    return "Most are of the other environment: apps from Xcode get theirs from development, all others from production.";
  }
  if (retry === "never") return "";
  return retry === "afterFix" ? "Once that is mended, --resume sends them." : "--resume sends them again.";
}

function optional(name: string, count: number): [string, number][] {
  return count === 0 ? [] : [[name, count]];
}

/** That of the reason for which the run ended; of a run to the end, the worst outcome there was. */
function exitCodeOf({ totals, ending }: SendRunResult): ExitCode {
  if (ending.kind === "signal") return signalCodes[ending.signal];
  if (ending.kind === "failed") return describeError(ending.error).exitCode;
  const { unsent, unconfirmed, credentialsRefused, rejected, invalid } = totals;
  if (ending.kind === "gaveUp" || unsent + unconfirmed + credentialsRefused > 0) return ExitCode.unreachable;
  return rejected + invalid > 0 ? ExitCode.rejected : ExitCode.ok;
}
