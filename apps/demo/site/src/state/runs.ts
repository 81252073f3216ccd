// Runs that are over: kept in this browser, so that they can be compared later.
import { type Signal, signal } from "@preact/signals";
import type { RunReport } from "../../../src/page/protocol.js";

const key = "runs";
const maxRuns = 12;

/** Newest first. */
export const runs: Signal<readonly RunReport[]> = signal(load());
/** Ids of those that are compared. */
export const chosen: Signal<ReadonlySet<string>> = signal(new Set(runs.value.slice(0, 1).map(({ id }) => id)));

export function keepRun(report: RunReport): void {
  keepRuns([report]);
  chosen.value = new Set([report.id]);
}

export function keepRuns(reports: readonly RunReport[]): void {
  const known = new Set(runs.value.map(({ id }) => id));
  const fresh = reports.filter(({ id }) => !known.has(id)).map(slim);
  if (fresh.length === 0) return;
  runs.value = [...runs.value, ...fresh].sort((a, b) => b.endedAt - a.endedAt).slice(0, maxRuns);
  if (chosen.value.size === 0) chosen.value = new Set([runs.value[0]!.id]);
  store();
}

export function forgetRuns(): void {
  runs.value = [];
  chosen.value = new Set();
  store();
}

export function choose(id: string, isChosen: boolean): void {
  const next = new Set(chosen.value);
  if (isChosen) next.add(id);
  else next.delete(id);
  chosen.value = next;
}

/** Without what only charts need. */
function slim(report: RunReport): RunReport {
  return { ...report, lanes: report.lanes.map((lane) => ({ ...lane, histogram: [], connections: [] })) };
}

function load(): readonly RunReport[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? (kept as RunReport[]).filter(isWhole) : [];
  } catch {
    // Written by something else: begin anew.
    return [];
  }
}

/** Not one of an earlier version of the page, which lacks figures. */
function isWhole(report: RunReport | null): boolean {
  return Array.isArray(report?.lanes) && report.lanes.every(({ balance }) => typeof balance?.doubtArrived === "number");
}

function store(): void {
  try {
    localStorage.setItem(key, JSON.stringify(runs.value));
  } catch {
    // No room, or not allowed: they are kept while the page is open.
  }
}
