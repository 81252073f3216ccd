// The table that a run ends in, as rows: the page, and what is copied, show the same.

import { doubtText } from "../../../src/books.js";
import type { LaneReport, RunReport, RunSettings } from "../../../src/page/protocol.js";
import { clockTime, count, ms, seconds, wireTitles } from "../format.js";

export interface Comparison {
  /** The heading of each column: the run and the wire. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly [label: string, ...values: string[]])[];
}

const each = (value: number | null, lane: LaneReport, digits: number, unit: string): string =>
  value === null || lane.settled === 0 ? "–" : `${(value / lane.settled).toFixed(digits)} ${unit}`;

const figures: readonly (readonly [label: string, of: (lane: LaneReport) => string])[] = [
  ["Sent", ({ sent }) => count(sent)],
  ["Accepted", ({ accepted }) => count(accepted)],
  ["Rejected", ({ rejected }) => count(rejected)],
  ["Unsent", ({ unsent }) => count(unsent)],
  ["Unconfirmed", ({ unconfirmed }) => count(unconfirmed)],
  ["Sent again", ({ resent }) => count(resent)],
  ["Time", ({ elapsedMs }) => seconds(elapsedMs)],
  ["Per second", ({ perSecond }) => count(perSecond)],
  ["Half settled within", ({ p50Ms }) => ms(p50Ms)],
  ["99 % settled within", ({ p99Ms }) => ms(p99Ms)],
  ["CPU each", (lane) => each(lane.cpuMs === null ? null : lane.cpuMs * 1000, lane, 1, "µs")],
  ["Bytes each", (lane) => each(lane.bytesWritten, lane, 0, "B")],
  ["Connections", ({ connectionsOpened }) => count(connectionsOpened)],
  ["Apple received", ({ balance }) => count(balance.simulatorReceived)],
  ["Books", booksText],
];

export function compare(reports: readonly RunReport[]): Comparison {
  const columns = reports.flatMap((report) => report.lanes.map((lane) => ({ report, lane })));
  return {
    head: columns.map(({ report, lane }) =>
      reports.length === 1 ? wireTitles[lane.wire] : `${wireTitles[lane.wire]}, ${clockTime(report.endedAt)}`,
    ),
    rows: figures.map(([label, of]) => [label, ...columns.map(({ lane }) => of(lane))]),
  };
}

export function markdown({ head, rows }: Comparison): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(["", ...head]), line(["---", ...head.map(() => "---:")]), ...rows.map(line), ""].join("\n");
}

const kindTexts: Readonly<Record<RunSettings["kind"], string>> = {
  race: "",
  split: ", split",
  bridge: ", through the bridge",
};

/** The settings of a run in a line. */
export function runTitle({ endedAt, origin, settings, faults, stopped }: RunReport): string {
  const parts = [
    clockTime(endedAt),
    `${count(settings.count ?? 0)} notifications${kindTexts[settings.kind ?? "race"]}`,
    origin === "command line" ? "from the command line" : "",
    faults.length > 0 ? `broken by: ${faults.join(", ")}` : "",
    stopped ? "stopped" : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** What is wrong; else whether all is known. */
function booksText({ balance }: LaneReport): string {
  const { lost, doubled, misreported, withoutOutcome } = balance;
  const wrong = [
    [lost, "lost"],
    [doubled, "doubled"],
    [misreported, "misreported"],
    [withoutOutcome, "without an outcome"],
  ] as const;
  const texts = wrong.filter(([value]) => value > 0).map(([value, what]) => `${count(value)} ${what}`);
  if (texts.length > 0) return texts.join(", ");
  return doubtText(balance) === undefined ? "balance" : "in doubt";
}

/** A sentence for each column whose books are in doubt, with its heading. */
export function doubts(reports: readonly RunReport[]): readonly (readonly [title: string, text: string])[] {
  const { head } = compare(reports);
  const texts = reports.flatMap(({ lanes }) => lanes.map(({ balance }) => doubtText(balance)));
  return texts.flatMap((text, index) => (text === undefined ? [] : [[head[index]!, text] as const]));
}
