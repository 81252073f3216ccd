// Breaking a run: the one under way, or else one that is started for it and broken a moment later.
import { type Signal, signal } from "@preact/signals";
import type { FaultName } from "../../../src/page/protocol.js";
import { faultEffect, strike } from "./effects.js";
import { request } from "./server.js";
import { settings } from "./settings.js";
import { isBusy, lanes, run } from "./store.js";

/** The fault button that was pressed last. */
export const pressed: Signal<FaultName | null> = signal<FaultName | null>(null);

const secondsLong = 9;
/** Both lanes must be well under way. */
const strikeAfterSeconds = 1.5;
const giveUpAfterMs = 15_000;

/** @param perSecond of the run to start, if none is under way */
export async function breakRun(name: FaultName, perSecond: number): Promise<void> {
  pressed.value = name;
  // What an earlier one has cost must not be taken for this one's.
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
    if (!started || !(await underWay(perSecond * strikeAfterSeconds))) return;
  }
  await strike(name);
}

/** Whether every lane has sent so many, before it takes too long. */
function underWay(sent: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isThere: boolean): void => {
      clearTimeout(timer);
      // Subscriptions call at once: there may be nothing to take off yet.
      queueMicrotask(() => unsubscribe());
      resolve(isThere);
    };
    const timer = setTimeout(() => finish(false), giveUpAfterMs);
    const unsubscribe = lanes.subscribe((now) => {
      const isRunning = run.peek()?.state === "running";
      if (isRunning && now.length === 2 && now.every((lane) => lane.sent >= sent)) finish(true);
    });
  });
}
