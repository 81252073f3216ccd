import { cpus } from "node:os";
import Table from "cli-table3";
import type { Row } from "./figures.js";
import { canPin } from "./processes.js";

/** Says what is being measured now. */
export type Progress = (text: string) => void;

export interface BenchResult {
  readonly bench: string;
  readonly rounds: number;
  /** Medians. */
  readonly rows: readonly Row[];
  /** Medians of the quotients within each round. */
  readonly ratios: Readonly<Record<string, number | null>>;
  readonly notes: readonly string[];
}

/** What it was measured on. */
function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${process.platform} ${process.arch}`;
}

export function asJson({ bench, rounds, rows, ratios, notes }: BenchResult): string {
  return `${JSON.stringify({ bench, machine: machine(), node: process.version, rounds, rows, ratios, notes }, null, 2)}\n`;
}

export function asText({ bench, rounds, rows, ratios, notes }: BenchResult): string {
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
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}
