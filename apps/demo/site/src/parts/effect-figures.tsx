import type { WireName } from "../../../src/page/protocol.js";
import { count, wireTitles } from "../format.js";
import type { FaultEffect, LaneEffect } from "../state/effects.js";

const wires: readonly WireName[] = ["binary", "http2"];

/** The counts of each lane since a fault struck, whatever caused them. */
export function EffectFigures({ effect }: { readonly effect: FaultEffect }) {
  return (
    <>
      <p class="muted effect-since">{effect.isWatching ? "Since it struck:" : "In the seconds after it struck:"}</p>
      <dl class="effect" data-watching={effect.isWatching}>
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
    part(lane.rejected, "refused"),
    part(lane.resent, "sent again"),
    part(lane.unconfirmed, "unconfirmed"),
    part(lane.unsent, "not sent"),
    lane.opened > 0 ? `${count(lane.opened)} new ${lane.opened === 1 ? "connection" : "connections"}` : "",
    lane.rateBefore > 0 && lane.lowestRate < lane.rateBefore * 0.6
      ? `down from ${count(lane.rateBefore)} to ${count(lane.lowestRate)} per second`
      : "",
  ].filter((text) => text !== "");
  const text = parts.join(", ");
  return text === "" ? "Nothing happened here." : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function part(value: number, what: string): string {
  return value > 0 ? `${count(value)} ${what}` : "";
}
