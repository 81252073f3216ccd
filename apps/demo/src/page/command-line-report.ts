import { randomUUID } from "node:crypto";
import type { DemoOptions } from "../options.js";
import type { WireReport } from "../report.js";
import type { LaneReport, RunReport, WireName } from "./protocol.js";

/** The figures of the command line's run, as a report for the page. */
export function commandLineReport(options: DemoOptions, reports: readonly WireReport[]): RunReport {
  const { count, badPercent, unregisteredPercent, delayMs, reconnectEvery, seed } = options;
  return {
    id: randomUUID(),
    endedAt: Date.now(),
    origin: "command line",
    settings: { kind: "race", inTurn: true, count, badPercent, unregisteredPercent, delayMs, reconnectEvery, seed },
    faults: [],
    stopped: false,
    lanes: reports.map(laneReport),
  };
}

function laneReport(report: WireReport): LaneReport {
  const { sent, accepted, rejected, unsent, unconfirmed, elapsedMs, perSecond, p50Ms, p99Ms, bytesWritten } = report;
  const { simulatorReceived, lost, doubled, misreported, withoutOutcome, doubtArrived, doubtMissing } = report;
  return {
    wire: report.protocol as WireName,
    state: "done",
    elapsedMs,
    sent,
    settled: sent - withoutOutcome,
    accepted,
    rejected,
    unsent,
    unconfirmed,
    reasons: Object.entries(report.rejectedByReason).map(([reason, count]) => ({ kind: "rejected", reason, count })),
    inFlight: 0,
    queued: 0,
    resent: report.resent,
    byFaults: { refused: 0, resent: 0, unconfirmed: 0, unsent: 0, connections: 0 },
    bytesWritten,
    cpuMs: report.cpuSeconds * 1000,
    connectionsOpened: report.connections,
    connections: [],
    streamsAllowed: null,
    histogram: [],
    p50Ms,
    p99Ms,
    perSecond,
    balance: { simulatorReceived, lost, doubled, misreported, withoutOutcome, doubtArrived, doubtMissing },
  };
}
