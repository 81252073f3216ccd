import type { WireName } from "../../../src/page/protocol.js";
import { count, wireTitles } from "../format.js";
import { type FaultEffect, faultEffect, type LaneEffect } from "../state/effects.js";
import { run } from "../state/store.js";

const wires: readonly WireName[] = ["binary", "http2"];

/** What a fault that has struck cost each lane. */
export function EffectFigures({ effect }: { readonly effect: FaultEffect }) {
  const isWatching = effect.stage === "watching";
  return (
    <>
      <p class="muted effect-since">{isWatching ? "Its cost so far:" : "Its cost:"}</p>
      <dl class="effect" data-watching={isWatching}>
        {wires.map((wire) => {
          const lane = effect.lanes[wire];
          return (
            <div key={wire}>
              <dt>
                <span class={`marker ${wire}`} aria-hidden="true" />
                {wireTitles[wire]}
              </dt>
              <dd>{lane === undefined ? "Nothing was being sent." : textOf(lane)}</dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

function textOf(lane: LaneEffect): string {
  const parts = [
    part(lane.refused, "refused"),
    part(lane.resent, "sent again"),
    part(lane.unconfirmed, "unconfirmed"),
    part(lane.unsent, "not sent"),
    part(lane.connections, lane.connections === 1 ? "connection ended" : "connections ended"),
    lane.slowed !== null && lane.slowed.from > 0 && lane.slowed.to < lane.slowed.from * 0.6
      ? `down from ${count(lane.slowed.from)} to ${count(lane.slowed.to)} per second`
      : "",
  ].filter((text) => text !== "");
  const text = parts.join(", ");
  return text === "" ? "Nothing happened here." : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function part(value: number, what: string): string {
  return value > 0 ? `${count(value)} ${what}` : "";
}

/** In place of figures, until the fault has struck. */
export function FaultWaits() {
  const text =
    faultEffect.value === null
      ? "A run is getting under way …"
      : run.value?.state === "paused"
        ? "It waits for a notification, and the run is paused: go on."
        : "It waits for a notification to meet …";
  return <p class="muted waiting">{text}</p>;
}
