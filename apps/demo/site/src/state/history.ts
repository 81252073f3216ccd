// The course of the run, for the charts: never more than so many points, however long it takes.
import { type Signal, signal } from "@preact/signals";
import type { LaneSample, RunState, WireName } from "../../../src/page/protocol.js";

/** When there are so many points, every other one goes. */
const maxPoints = 600;

export interface Series {
  /** Seconds since the first figures of the run. */
  readonly times: number[];
  readonly rate: Record<WireName, number[]>;
  readonly inFlight: Record<WireName, number[]>;
}

export const series: Series = {
  times: [],
  rate: { binary: [], http2: [] },
  inFlight: { binary: [], http2: [] },
};

/** Changes whenever the series do. */
export const seriesVersion: Signal<number> = signal(0);
/** Written to the wire per second, at this moment. */
export const rates: Record<WireName, Signal<number>> = { binary: signal(0), http2: signal(0) };

let runId: string | null = null;
let startedAt = 0;
const last: Partial<Record<WireName, LaneSample>> = {};

const columns = (): number[][] => [
  series.times,
  ...[series.rate, series.inFlight].flatMap(({ binary, http2 }) => [binary, http2]),
];

export function noteSample(run: RunState | null, lanes: readonly LaneSample[]): void {
  if (run !== null && run.id !== runId) begin(run.id);
  if (run === null || lanes.length === 0) {
    for (const wire of ["binary", "http2"] as const) rates[wire].value = 0;
    return;
  }
  // Not from when it was asked for: processes start first, and there is nothing to see yet.
  if (series.times.length === 0) startedAt = performance.now();
  series.times.push((performance.now() - startedAt) / 1000);
  for (const wire of ["binary", "http2"] as const) {
    const lane = lanes.find((sample) => sample.wire === wire);
    rates[wire].value = lane === undefined ? 0 : rateOf(lane);
    series.rate[wire].push(rates[wire].value);
    series.inFlight[wire].push(lane?.inFlight ?? 0);
  }
  if (series.times.length > maxPoints) {
    for (const column of columns()) thinOut(column);
  }
  seriesVersion.value++;
}

function begin(id: string): void {
  runId = id;
  for (const column of columns()) column.length = 0;
  delete last.binary;
  delete last.http2;
  seriesVersion.value++;
}

/** Half of the way from the last figure to this one: single samples jump too much to be read. */
function rateOf(lane: LaneSample): number {
  const before = last[lane.wire];
  const rate = rates[lane.wire].value;
  if (lane.state === "done") return 0;
  if (before === undefined || lane.elapsedMs - before.elapsedMs < 40) {
    if (before === undefined) last[lane.wire] = lane;
    return rate;
  }
  last[lane.wire] = lane;
  // Resent notifications are queued again, so that the count of written ones falls for a moment.
  const written = Math.max(0, writtenOf(lane) - writtenOf(before));
  return (rate + (written / (lane.elapsedMs - before.elapsedMs)) * 1000) / 2;
}

/** Outcomes would not do to show a pace: the binary wire proves thousands at a time. */
const writtenOf = ({ sent, queued }: LaneSample): number => sent - queued;

function thinOut(column: number[]): void {
  let kept = 0;
  for (let index = 0; index < column.length; index += 2) column[kept++] = column[index]!;
  column.length = kept;
}
