import { count, wireTitles } from "../format.js";
import { request } from "../state/server.js";
import { change, settings } from "../state/settings.js";
import { isBusy, link, run } from "../state/store.js";
import { BridgeLane } from "./bridge-lane.js";
import { isAbout, Sides } from "./sides.js";

/** At this pace there is time to move the slider. */
const pace = { count: 60_000, perSecond: 3000 } as const;

/** A sender that is moved from the legacy wire to HTTP/2. */
export function Moving() {
  const isMoving = run.value?.settings.kind === "split";
  const share = settings.value.sharePercent;
  return (
    <section id="moving" class="section" aria-labelledby="moving-title">
      <h2 id="moving-title">Move over</h2>
      <p class="lead">
        Nobody changes wires overnight: one sender hands a share of its device tokens to HTTP/2 and the rest to the
        binary wire. The share can be moved at any time, and a device token never jumps back and forth.
      </p>
      <div class="card moving">
        <p class="moving-ends">
          <span>
            <span class="marker http2" aria-hidden="true" />
            HTTP/2 {share} %
          </span>
          <span>
            <span class="marker binary" aria-hidden="true" />
            Binary {100 - share} %
          </span>
        </p>
        <input
          type="range"
          min={0}
          max={100}
          step={1}
          value={share}
          style={{ "--share": `${share}%` }}
          aria-label="Share of device tokens that go over HTTP/2, in percent"
          onInput={({ currentTarget }) => change({ sharePercent: currentTarget.valueAsNumber })}
          onChange={({ currentTarget }) => {
            if (isMoving) void request({ type: "share", sharePercent: currentTarget.valueAsNumber });
          }}
        />
        <button
          type="button"
          class="button"
          disabled={isBusy.value || link.value !== "open"}
          onClick={() => void request({ type: "start", settings: { ...settings.value, ...pace, kind: "split" } })}
        >
          Start a move of {count(pace.count)} notifications
        </button>
        {isAbout("split") && <Sides titles={wireTitles} />}
      </div>
      <BridgeLane />
    </section>
  );
}
