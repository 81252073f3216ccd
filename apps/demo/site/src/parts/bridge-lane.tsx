import type { BridgeSample } from "../../../src/page/protocol.js";
import { count } from "../format.js";
import { request } from "../state/server.js";
import { settings } from "../state/settings.js";
import { bridge, isBusy, link } from "../state/store.js";
import { isAbout, Sides } from "./sides.js";

/** At this pace there is time to break it. */
const pace = { count: 40_000, perSecond: 3000 } as const;

const stations: readonly (readonly [name: string, text: string, wire?: "binary" | "http2"])[] = [
  ["Old sender", "a script nobody can change"],
  ["", "binary", "binary"],
  ["Bridge", "looks like Apple's old gateway"],
  ["", "HTTP/2", "http2"],
  ["Apple", "of today"],
];

const figures: readonly (readonly [label: string, of: keyof BridgeSample, title: string])[] = [
  ["Undecided", "undecided", "Taken from the sender, and no answer from Apple yet"],
  [
    "Not sent twice",
    "suppressed",
    "Apple had taken them behind a refused one; the sender sent them again, and the bridge answered from memory",
  ],
  ["Tried again", "retries", "By the bridge, without the sender's knowing"],
  [
    "For the feedback service",
    "feedbackWaiting",
    "Removed apps: HTTP/2 answers 410, the old sender asks for them later",
  ],
];

/** A sender that cannot be changed at all, and still reaches HTTP/2. */
export function BridgeLane() {
  return (
    <div class="card bridge">
      <h3>Or change nothing: the bridge</h3>
      <p>
        The old sender is pointed at another host and goes on as ever. The bridge sends each notification over HTTP/2,
        and says what Apple answers in the old words: silence, six bytes, or a feedback tuple.
      </p>
      <ol class="stations" aria-label="The way of a notification">
        {stations.map(([name, text, wire]) => (
          <li key={text} class={wire === undefined ? "station" : `station-wire ${wire}`}>
            {name !== "" && <b>{name}</b>}
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="button"
        disabled={isBusy.value || link.value !== "open"}
        onClick={() => void request({ type: "start", settings: { ...settings.value, ...pace, kind: "bridge" } })}
      >
        Start the old sender with {count(pace.count)} notifications
      </button>
      {isAbout("bridge") && <Work />}
    </div>
  );
}

function Work() {
  return (
    <>
      <Sides titles={{ binary: "What the old sender believes", http2: "What Apple answers" }} />
      <dl class="figures" data-figures="bridge">
        {figures.map(([label, of, title]) => (
          <div key={of} title={title}>
            <dt>{label}</dt>
            <dd data-figure={of}>{count(bridge.value?.[of] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        Break it with the buttons above. What is cut off on the way to Apple counts as sent, so that nothing arrives
        twice: the books then show how much was lost. A rule of the bridge turns that round.
      </p>
    </>
  );
}
