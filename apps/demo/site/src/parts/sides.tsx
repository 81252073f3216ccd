import type { RunSettings, WireName } from "../../../src/page/protocol.js";
import { count } from "../format.js";
import { runs } from "../state/runs.js";
import { laneOf, run } from "../state/store.js";

/** Whether the run of the moment, or else the last one, is of this kind. */
export function isAbout(kind: RunSettings["kind"]): boolean {
  return (run.value === null ? runs.value[0]?.settings.kind : run.value.settings.kind) === kind;
}

/** Both wires of one run, each in a sentence. */
export function Sides({ titles }: { readonly titles: Readonly<Record<WireName, string>> }) {
  return (
    <dl class="effect">
      <Side wire="binary" title={titles.binary} />
      <Side wire="http2" title={titles.http2} />
    </dl>
  );
}

function Side({ wire, title }: { readonly wire: WireName; readonly title: string }) {
  const lane = laneOf(wire);
  return (
    <div data-side={wire}>
      <dt>
        <span class={`marker ${wire}`} aria-hidden="true" />
        {title}
      </dt>
      <dd>
        {count(lane?.sent ?? 0)} sent: {count(lane?.accepted ?? 0)} accepted, {count(lane?.rejected ?? 0)} rejected,{" "}
        {count((lane?.unsent ?? 0) + (lane?.unconfirmed ?? 0))} unsent or unconfirmed
      </dd>
    </div>
  );
}
