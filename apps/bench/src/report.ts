import { cpus } from "node:os";
import Table from "cli-table3";
import type { Row } from "./figures.js";
import { type Goal, isMet } from "./goals.js";
import { canPin } from "./processes.js";

/** Called with the name of the measurement that runs now. */
export type Progress = (text: string) => void;

export interface BenchResult {
  readonly bench: string;
  readonly rounds: number;
  /** Medians. */
  readonly rows: readonly Row[];
  /** Medians of the quotients within each round. */
  readonly ratios: Readonly<Record<string, number | null>>;
  /** The goals of this bench. */
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

/** The machine that it was measured on. */
function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${process.platform} ${process.arch}`;
}

export function asJson({ bench, rounds, rows, ratios, goals, notes }: BenchResult): string {
  const judged = goals.map((goal) => ({ ...goal, met: isMet(goal) }));
  const result = { bench, machine: machine(), node: process.version, rounds, rows, ratios, goals: judged, notes };
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** A bound, or a figure that it is for: as many digits as a ratio needs, and none for large figures. */
function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

function goalTable(goals: readonly Goal[]): string {
  const table = new Table({
    head: ["goal", "asked", "measured", ""],
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const goal of goals) {
    const { name, atLeast, atMost, measured } = goal;
    const asked = atLeast === undefined ? `≤ ${plain(atMost ?? 0)}` : `≥ ${plain(atLeast)}`;
    const met = isMet(goal);
    table.push([
      name,
      asked,
      measured === null ? "" : plain(measured),
      met === null ? "not measured" : met ? "met" : "missed",
    ]);
  }
  return table.toString();
}

export function asText({ bench, rounds, rows, ratios, goals, notes }: BenchResult): string {
  const table = new Table({
    head: ["", "per second", "CPU-s per 100,000", "peak RSS", "p50", "p99", "failed"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const show = (value: number | null, digits: number, unit = ""): string =>
    value === null
      ? ""
      : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }) + unit;
  for (const row of rows) {
    table.push([
      row.name,
      show(row.perSecond, 0),
      show(row.cpuSecondsPer100k, 2),
      show(row.peakRssMiB, 0, " MiB"),
      show(row.p50Ms, 2, " ms"),
      show(row.p99Ms, 2, " ms"),
      show(row.failed, 0),
    ]);
  }
  const compared = new Table({
    head: ["ratio, median of rounds", ""],
    colAligns: ["left", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, value] of Object.entries(ratios)) compared.push([name, show(value, 2)]);
  const pinning = canPin ? "client and server pinned to a core each" : "not pinned (no taskset, or a single core)";
  return [
    `bench ${bench}: ${machine()}, Node ${process.version}; ${rounds} round(s) in turn, medians; ${pinning}.`,
    "",
    table.toString(),
    "",
    compared.toString(),
    "",
    goalTable(goals),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}
