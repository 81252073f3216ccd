import Table from "cli-table3";
import { type Balance, balances, doubtText } from "./books.js";
import type { DemoOptions } from "./options.js";
import type { WireRun } from "./run-wire.js";

export interface WireReport extends WireRun, Balance {}

const titles: Readonly<Record<string, string>> = { binary: "binary (legacy)", http2: "HTTP/2" };

function titleOf(protocol: string): string {
  return titles[protocol] ?? protocol;
}

const count = (value: number): string => value.toLocaleString("en-US");

/** The figures, a column a wire. */
export function table(reports: readonly WireReport[]): string {
  const reasons = [...new Set(reports.flatMap((report) => Object.keys(report.rejectedByReason)))].sort();
  const rows: [string, (report: WireReport) => string][] = [
    ["sent", (report) => count(report.sent)],
    ["accepted", (report) => count(report.accepted)],
    ["rejected", (report) => count(report.rejected)],
    ...reasons.map((reason): [string, (report: WireReport) => string] => [
      `  ${reason}`,
      (report) => count(report.rejectedByReason[reason] ?? 0),
    ]),
    ["unsent", (report) => count(report.unsent)],
    ["unconfirmed", (report) => count(report.unconfirmed)],
    ["elapsed", (report) => `${(report.elapsedMs / 1000).toFixed(2)} s`],
    ["notifications per second", (report) => count(report.perSecond)],
    ["time to outcome, p50", (report) => `${report.p50Ms.toFixed(1)} ms`],
    ["time to outcome, p99", (report) => `${report.p99Ms.toFixed(1)} ms`],
    ["CPU of the client", (report) => `${report.cpuSeconds.toFixed(2)} s`],
    ["bytes written", (report) => count(report.bytesWritten)],
    ["connections opened", (report) => count(report.connections)],
    ["notifications resent", (report) => count(report.resent)],
    ["simulator accepted", (report) => count(report.simulatorReceived)],
    ["lost", (report) => count(report.lost)],
    ["doubled", (report) => count(report.doubled)],
  ];
  const drawn = new Table({
    head: ["", ...reports.map((report) => titleOf(report.protocol))],
    colAligns: ["left", ...reports.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [label, value] of rows) drawn.push([label, ...reports.map(value)]);
  return drawn.toString();
}

/** One sentence a wire: how its outcomes were known, and at which cost. */
export function explanation(report: WireReport, options: DemoOptions, feedbackCount: number | undefined): string {
  if (report.protocol === "binary") {
    const gone = count(feedbackCount ?? 0);
    return (
      `${titleOf("binary")}: the gateway speaks only when it refuses and then closes, so acceptance was proven by a ` +
      `barrier every ${count(options.reconnectEvery)} notifications and at the end; each refusal cost a connection and the ` +
      `sending again of what followed it (${count(report.resent)} in all), and the removed apps were learned afterwards, ` +
      `from the feedback service (${gone} device tokens).`
    );
  }
  return (
    `${titleOf("http2")}: every notification had an answer of its own, one round trip after a stream was free for it, so ` +
    `nothing had to be proven or sent again; removed apps were told at once, as Unregistered (${count(report.rejectedByReason["Unregistered"] ?? 0)}).`
  );
}

/** Whether the simulator's own count agrees with the client's books. */
export function verdict(report: WireReport): string {
  const title = titleOf(report.protocol);
  const doubt = doubtText(report);
  if (balances(report) && doubt !== undefined) return `${title}: nothing is wrong in the books. ${doubt}`;
  if (balances(report)) {
    return `${title}: books balance: nothing lost, nothing doubled, each of ${count(report.sent)} notifications accounted for.`;
  }
  const { lost, doubled, misreported, withoutOutcome } = report;
  return (
    `${title}: BOOKS DO NOT BALANCE: ${count(lost)} lost, ${count(doubled)} doubled, ${count(misreported)} misreported, ` +
    `${count(withoutOutcome)} without an outcome.`
  );
}
