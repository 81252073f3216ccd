// The effect of a fault: the measured figures of each lane before it and for a while after.
import { effect, type Signal, signal } from "@preact/signals";
import type { FaultName, LaneSample, WireName } from "../../../src/page/protocol.js";
import { rates } from "./history.js";
import { request } from "./server.js";
import { activeFaults, laneOf, lanes } from "./store.js";

/** After the fault has struck, or is off. */
const watchForMs = 4000;
/** Silence takes longer to be noticed. */
const watchSilenceForMs = 8000;

export interface LaneEffect {
  readonly rejected: number;
  readonly resent: number;
  readonly unconfirmed: number;
  readonly unsent: number;
  readonly opened: number;
  readonly rateBefore: number;
  readonly lowestRate: number;
}

export interface FaultEffect {
  readonly name: FaultName;
  /** Still being watched. */
  readonly isWatching: boolean;
  readonly lanes: Readonly<Partial<Record<WireName, LaneEffect>>>;
}

export const faultEffect: Signal<FaultEffect | null> = signal<FaultEffect | null>(null);

const wires: readonly WireName[] = ["binary", "http2"];
let before: Partial<Record<WireName, LaneSample>> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

/** Strikes, and watches what comes of it. */
export async function strike(name: FaultName): Promise<void> {
  before = {};
  const start: Partial<Record<WireName, LaneEffect>> = {};
  for (const wire of wires) {
    const lane = laneOf(wire);
    if (lane === undefined) continue;
    before[wire] = lane;
    const rateBefore = rates[wire].value;
    start[wire] = { rejected: 0, resent: 0, unconfirmed: 0, unsent: 0, opened: 0, rateBefore, lowestRate: rateBefore };
  }
  if (!(await request({ type: "fault", name }))) return;
  faultEffect.value = { name, isWatching: true, lanes: start };
  endLater(name);
}

function endLater(name: FaultName): void {
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      if (faultEffect.value !== null) faultEffect.value = { ...faultEffect.value, isWatching: false };
    },
    name === "blackHole" ? watchSilenceForMs : watchForMs,
  );
}

// The effect of a fault that has not struck yet, or is still on, is not complete.
effect(() => {
  const active = activeFaults.value;
  const watched = faultEffect.peek();
  if (watched?.isWatching && active.includes(watched.name)) endLater(watched.name);
});

effect(() => {
  const now = lanes.value;
  const watched = faultEffect.peek();
  if (watched === null || !watched.isWatching) return;
  const next: Partial<Record<WireName, LaneEffect>> = {};
  for (const lane of now) {
    const then = before[lane.wire];
    const effectSoFar = watched.lanes[lane.wire];
    // Figures of another run have nothing to do with it.
    if (then === undefined || effectSoFar === undefined || lane.sent < then.sent) continue;
    const rate = rates[lane.wire].peek();
    next[lane.wire] = {
      rejected: lane.rejected - then.rejected,
      resent: lane.resent - then.resent,
      unconfirmed: lane.unconfirmed - then.unconfirmed,
      unsent: lane.unsent - then.unsent,
      opened: lane.connectionsOpened - then.connectionsOpened,
      rateBefore: effectSoFar.rateBefore,
      lowestRate: lane.state === "running" ? Math.min(effectSoFar.lowestRate, rate) : effectSoFar.lowestRate,
    };
  }
  faultEffect.value = { ...watched, lanes: next };
});
