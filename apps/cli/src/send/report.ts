import { reasonRow } from "@apns/core";
import { ExitCode } from "../exit-code.js";
import { print } from "../terminal/output.js";
import { painter } from "../terminal/style.js";
import { drawTable } from "../terminal/table.js";
import { line, type TerminalText } from "../terminal/text.js";
import type { OutcomeRecord } from "./outcome-record.js";
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

/** The totals of a run as plain data, for `--json`. */
export function summaryRecord({ totals, elapsedMs, gaveUp }: SendRunResult, interrupted: boolean): object {
  const { accepted, rejected, rejectedByReason, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt } = totals;
  return {
    kind: "summary",
    ...{ accepted, rejected, rejectedByReason, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt },
    elapsedMs: Math.round(elapsedMs),
    interrupted,
    ...(gaveUp === undefined ? {} : { gaveUp }),
  };
}

/**
 * The totals of a run for people.
 * @param oneByOne whether each outcome has been shown already
 */
export function printSummary(
  { totals, elapsedMs, gaveUp }: SendRunResult,
  interrupted: boolean,
  oneByOne: boolean,
): void {
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
  print(drawTable(["outcome", "notifications"], figures));
  if (!oneByOne) for (const [kind, example] of totals.examples) print(`${kind}, first ${example}`);
  if (gaveUp !== undefined) print(`Given up: ${gaveUp}.`);
  if (interrupted || gaveUp !== undefined)
    print("The rest of the list was not sent; --out and --resume go on with it.");
  if (leftInDoubt + unconfirmed > 0) {
    print(
      "What is unconfirmed may have been accepted. --resume leaves it alone; with --resend-unconfirmed, people may get it twice.",
    );
  }
}

function optional(name: string, count: number): [string, number][] {
  return count === 0 ? [] : [[name, count]];
}

/** The worst there was. */
export function exitCodeOf({ totals, gaveUp }: SendRunResult, interrupted: boolean): ExitCode {
  if (interrupted) return ExitCode.interrupted;
  const { unsent, unconfirmed, credentialsRefused, rejected, invalid } = totals;
  if (gaveUp !== undefined || unsent + unconfirmed + credentialsRefused > 0) return ExitCode.unreachable;
  return rejected + invalid > 0 ? ExitCode.rejected : ExitCode.ok;
}
