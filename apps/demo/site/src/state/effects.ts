// The effect of a fault: what it cost each lane since it struck, and how far it slowed down the wire that it slows down.
import { effect, type Signal, signal } from "@preact/signals";
import type { FaultCost, FaultName, LaneSample, WireName } from "../../../src/page/protocol.js";
import { rates } from "./history.js";
import { request } from "./server.js";
import { activeFaults, laneOf, lanes, struckFaults } from "./store.js";

/** After the fault has struck, or is off. */
const watchForMs = 4000;
/** Silence takes longer to be noticed. */
const watchSilenceForMs = 8000;

export interface LaneEffect extends FaultCost {
  /** Of a wire that the fault slows down: notifications a second before, and the fewest since. */
  readonly slowed: { readonly from: number; readonly to: number } | null;
}

/** Pressed and waiting for a notification to meet, watched, or watched to the end. */
type FaultStage = "waiting" | "watching" | "over";

export interface FaultEffect {
  readonly name: FaultName;
  readonly stage: FaultStage;
  readonly lanes: Readonly<Partial<Record<WireName, LaneEffect>>>;
}

export const faultEffect: Signal<FaultEffect | null> = signal<FaultEffect | null>(null);

/** The effect of the fault pressed last, if it is this one and has struck. */
export function effectOf(name: FaultName): FaultEffect | null {
  const { value } = faultEffect;
  return value?.name === name && value.stage !== "waiting" ? value : null;
}

const wires: readonly WireName[] = ["binary", "http2"];
/** The only fault that slows a wire down without refusing anything, and the wire. */
const slows: Partial<Record<FaultName, WireName>> = { oneStream: "http2" };
let before: Partial<Record<WireName, LaneSample>> = {};
let struckBefore = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Strikes, and watches what comes of it. */
export async function strike(name: FaultName): Promise<void> {
  before = {};
  struckBefore = struckFaults.value[name] ?? 0;
  const start: Partial<Record<WireName, LaneEffect>> = {};
  for (const wire of wires) {
    const lane = laneOf(wire);
    if (lane === undefined) continue;
    before[wire] = lane;
    const rate = rates[wire].value;
    const slowed = slows[name] === wire ? { from: rate, to: rate } : null;
    start[wire] = { refused: 0, resent: 0, unconfirmed: 0, unsent: 0, connections: 0, slowed };
  }
  clearTimeout(timer);
  faultEffect.value = { name, stage: "waiting", lanes: start };
  if (!(await request({ type: "fault", name }))) faultEffect.value = null;
}

function endLater(name: FaultName): void {
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      if (faultEffect.value !== null) faultEffect.value = { ...faultEffect.value, stage: "over" };
    },
    name === "blackHole" ? watchSilenceForMs : watchForMs,
  );
}

effect(() => {
  const struck = struckFaults.value;
  const active = activeFaults.value;
  const watched = faultEffect.peek();
  if (watched === null) return;
  if (watched.stage === "waiting" && (struck[watched.name] ?? 0) > struckBefore) {
    faultEffect.value = { ...watched, stage: "watching" };
    endLater(watched.name);
    return;
  }
  // The effect of a fault that is still on is not complete.
  if (watched.stage === "watching" && active.includes(watched.name)) endLater(watched.name);
});

effect(() => {
  const now = lanes.value;
  const watched = faultEffect.peek();
  if (watched?.stage !== "watching") return;
  const next: Partial<Record<WireName, LaneEffect>> = {};
  for (const lane of now) {
    const then = before[lane.wire];
    const soFar = watched.lanes[lane.wire];
    // Figures of another run have nothing to do with it.
    if (then === undefined || soFar === undefined || lane.sent < then.sent) continue;
    const rate = rates[lane.wire].peek();
    const { slowed } = soFar;
    next[lane.wire] = {
      refused: lane.byFaults.refused - then.byFaults.refused,
      resent: lane.byFaults.resent - then.byFaults.resent,
      unconfirmed: lane.byFaults.unconfirmed - then.byFaults.unconfirmed,
      unsent: lane.byFaults.unsent - then.byFaults.unsent,
      connections: lane.byFaults.connections - then.byFaults.connections,
      slowed: slowed === null || lane.state !== "running" ? slowed : { ...slowed, to: Math.min(slowed.to, rate) },
    };
  }
  faultEffect.value = { ...watched, lanes: next };
});
