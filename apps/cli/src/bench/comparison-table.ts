import { drawTable } from "../terminal/table.js";
import type { TerminalText } from "../terminal/text.js";
import type { WireRun } from "./run-wire.js";

/** The figures of one wire; with a simulator of the bench's own, also the notifications that arrived there. */
export interface WireReport extends WireRun {
  readonly simulatorAccepted?: number;
  /** Accepted according to the client, but never received. */
  readonly lost?: number;
  /** How many were received beyond the first of each. */
  readonly doubled?: number;
}

/** The figures, a column a wire, as the demo shows them. */
export function comparisonTable(
  reports: readonly WireReport[],
  titles: Readonly<Record<string, string>>,
): TerminalText {
  const reasons = [...new Set(reports.flatMap((report) => Object.keys(report.rejectedByReason)))].sort();
  const wasCounted = reports.some(({ simulatorAccepted }) => simulatorAccepted !== undefined);
  const rows: [string, (report: WireReport) => string][] = [
    ["sent", (report) => figure(report.sent)],
    ["accepted", (report) => figure(report.accepted)],
    ["rejected", (report) => figure(report.rejected)],
    ...reasons.map((reason): [string, (report: WireReport) => string] => [
      `  ${reason}`,
      (report) => figure(report.rejectedByReason[reason] ?? 0),
    ]),
    ["unsent", (report) => figure(report.unsent)],
    ["unconfirmed", (report) => figure(report.unconfirmed)],
    ["elapsed", (report) => `${(report.elapsedMs / 1000).toFixed(2)} s`],
    ["notifications per second", (report) => figure(report.perSecond)],
    ["time to outcome, p50", (report) => `${report.p50Ms.toFixed(1)} ms`],
    ["time to outcome, p99", (report) => `${report.p99Ms.toFixed(1)} ms`],
    ["CPU of the client", (report) => `${report.cpuSeconds.toFixed(2)} s`],
    ["bytes written", (report) => figure(report.bytesWritten)],
    ["connections opened", (report) => figure(report.connections)],
    ["notifications resent", (report) => figure(report.resent)],
    ...(wasCounted ? countedRows : []),
  ];
  return drawTable(
    ["", ...reports.map(({ protocol }) => titles[protocol] ?? protocol)],
    rows.map(([label, value]) => [label, ...reports.map(value)]),
  );
}

const countedRows: [string, (report: WireReport) => string][] = [
  ["simulator accepted", (report) => figure(report.simulatorAccepted ?? 0)],
  ["lost", (report) => figure(report.lost ?? 0)],
  ["doubled", (report) => figure(report.doubled ?? 0)],
];

function figure(value: number): string {
  return value.toLocaleString("en-US");
}
