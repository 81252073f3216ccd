import { type Signal, useSignal } from "@preact/signals";
import type { TimelineKind, WireName } from "../../../src/page/protocol.js";
import { clockTime, count, wireTitles } from "../format.js";
import { events, missedEvents } from "../state/store.js";

const kindTitles: Readonly<Record<TimelineKind, string>> = {
  run: "Runs",
  fault: "Faults",
  connection: "Connections",
  phone: "Phones",
  feedback: "Feedback",
};
const kinds = Object.keys(kindTitles) as TimelineKind[];

/** The events, newest first. */
export function TimelineSection() {
  const hidden = useSignal<ReadonlySet<TimelineKind>>(new Set());
  const wire = useSignal<WireName | "all">("all");
  const shown = events.value
    .filter((event) => !hidden.value.has(event.kind))
    .filter((event) => wire.value === "all" || event.wire === null || event.wire === wire.value);
  return (
    <section id="timeline" class="section" aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      <p class="lead">Newest first.{missedEvents.value > 0 && ` ${count(missedEvents.value)} were left out.`}</p>
      <Filters hidden={hidden} wire={wire} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol class="card timeline" tabIndex={0} aria-label="Events">
        {shown.length === 0 && (
          <li class="nothing muted">
            {events.value.length === 0
              ? "Nothing yet. Start a run, break it, or send something to a phone."
              : "Nothing of that kind."}
          </li>
        )}
        {shown.toReversed().map((event) => (
          <li key={event.id} data-kind={event.kind}>
            <time dateTime={new Date(event.at).toISOString()}>{clockTime(event.at)}</time>
            <span class="muted">{event.wire === null ? kindTitles[event.kind] : wireTitles[event.wire]}</span>
            <p>{event.text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Filters(props: {
  readonly hidden: Signal<ReadonlySet<TimelineKind>>;
  readonly wire: Signal<WireName | "all">;
}) {
  const { hidden, wire } = props;
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">Show</legend>
      {kinds.map((kind) => (
        <label key={kind} class="check">
          <input
            type="checkbox"
            checked={!hidden.value.has(kind)}
            onChange={({ currentTarget }) => {
              const next = new Set(hidden.value);
              if (currentTarget.checked) next.delete(kind);
              else next.add(kind);
              hidden.value = next;
            }}
          />
          {kindTitles[kind]}
        </label>
      ))}
      <select
        aria-label="Wire"
        value={wire.value}
        onChange={({ currentTarget }) => {
          wire.value = currentTarget.value as WireName | "all";
        }}
      >
        <option value="all">Both wires</option>
        <option value="binary">Binary only</option>
        <option value="http2">HTTP/2 only</option>
      </select>
    </fieldset>
  );
}
