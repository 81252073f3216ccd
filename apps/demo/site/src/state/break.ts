// Breaking a run: the one under way, or else one that is started for it and broken a moment later.
import { effect, type Signal, signal } from "@preact/signals";
import type { FaultName } from "../../../src/page/protocol.js";
import { faultEffect, strike } from "./effects.js";
import { request } from "./server.js";
import { settings } from "./settings.js";
import { addNotice, isBusy, lanes, run } from "./store.js";

/** The fault button that was pressed last. */
export const pressed: Signal<FaultName | null> = signal<FaultName | null>(null);

const secondsLong = 9;
/** Both lanes must be well under way. */
const strikeAfterSeconds = 1.5;

/** @param perSecond of the run to start, if none is under way */
export async function breakRun(name: FaultName, perSecond: number): Promise<void> {
  pressed.value = name;
  // The cost of an earlier fault must not be counted as this one's.
  faultEffect.value = null;
  if (!isBusy.value) {
    const started = await request({
      type: "start",
      settings: {
        ...settings.value,
        kind: "race",
        inTurn: false,
        count: perSecond * secondsLong,
        perSecond,
        badPercent: 0,
        unregisteredPercent: 0,
      },
    });
    if (!started) return;
    if (!(await underWay(perSecond * strikeAfterSeconds))) {
      addNotice("problem", "The run was over before it could be broken.");
      return;
    }
  }
  await strike(name);
}

/** Whether every lane has sent so many before the run is over, however long a busy machine takes. */
function underWay(sent: number): Promise<boolean> {
  return new Promise((resolve) => {
    let hasBegun = false;
    const stopWatching = effect(() => {
      const now = run.value;
      hasBegun ||= now !== null;
      const isThere =
        now?.state === "running" && lanes.value.length === 2 && lanes.value.every((lane) => lane.sent >= sent);
      if (!isThere && (now !== null || !hasBegun)) return;
      resolve(isThere);
      // It is called at once: there may be nothing to take off yet.
      queueMicrotask(() => stopWatching());
    });
  });
}
