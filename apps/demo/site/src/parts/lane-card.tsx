import type { LaneSample, WireName } from "../../../src/page/protocol.js";
import { count, ms, short, wireTitles } from "../format.js";
import { rates } from "../state/history.js";
import { laneOf, run } from "../state/store.js";
import { Connections } from "./connections.js";
import { Outcomes } from "./outcomes.js";

const stateTexts: Readonly<Record<LaneSample["state"], string>> = {
  waiting: "Getting ready",
  running: "Sending",
  paused: "Paused",
  settling: "Waiting for the last outcomes",
  done: "Done",
};

const characters: Readonly<Record<WireName, string>> = {
  binary:
    "Silent when all is well; six bytes and a dead line when not. For proof, now and then a barrier: a notification wrong on purpose, whose error proves all before it.",
  http2:
    "Every notification is a request with an answer of its own: 200, or why not. Thousands are under way on a connection at a time, each a stream.",
};

export function LaneCard({ wire }: { readonly wire: WireName }) {
  const lane = laneOf(wire);
  const rate = lane === undefined || lane.state === "done" ? averageOf(lane) : rates[wire].value;
  return (
    <article class={`card lane ${wire}`} aria-labelledby={`lane-${wire}`} data-wire={wire}>
      <header class="lane-head">
        <h3 id={`lane-${wire}`}>
          <span class={`marker ${wire}`} aria-hidden="true" />
          {wireTitles[wire]}
        </h3>
        <p class="pill" data-state={lane?.state ?? "idle"}>
          {lane === undefined ? "Idle" : stateTexts[lane.state]}
        </p>
      </header>
      <p class="muted lane-character">{characters[wire]}</p>
      <p class="big">
        <span data-figure="rate">{short(rate)}</span>
        <span class="unit">{lane?.state === "done" ? "settled per second, on average" : "written per second"}</span>
      </p>
      <Progress lane={lane} wire={wire} />
      <Outcomes lane={lane} />
      <Figures lane={lane} />
      <Connections lane={lane} />
    </article>
  );
}

function averageOf(lane: LaneSample | undefined): number {
  return lane === undefined || lane.elapsedMs === 0 ? 0 : (lane.settled / lane.elapsedMs) * 1000;
}

function Progress({ lane, wire }: { readonly lane: LaneSample | undefined; readonly wire: WireName }) {
  const settings = run.value?.settings;
  // How many notifications of a split each wire will get is not known ahead.
  const total = settings === undefined || settings.kind === "split" ? (lane?.sent ?? 0) : settings.count;
  const share = lane === undefined || total === 0 ? 0 : lane.settled / total;
  return (
    <progress class="progress" max={1} value={share} aria-label={`${wireTitles[wire]}: settled`}>
      {Math.floor(share * 100)} %
    </progress>
  );
}

function Figures({ lane }: { readonly lane: LaneSample | undefined }) {
  const each = (value: number | null | undefined, digits: number, unit: string): string =>
    lane === undefined || lane.settled === 0 || value === null || value === undefined
      ? "–"
      : `${(value / lane.settled).toFixed(digits)} ${unit}`;
  const rows: readonly (readonly [label: string, value: string, title: string])[] = [
    ["In flight", count(lane?.inFlight ?? 0), "Sent, and without an outcome yet"],
    ["Sent again", count(lane?.resent ?? 0), "Certainly not processed the first time"],
    ["Half within", ms(lane?.p50Ms ?? 0), "Time to outcome, median"],
    ["99 % within", ms(lane?.p99Ms ?? 0), "Time to outcome, 99th percentile"],
    [
      "CPU each",
      each(lane?.cpuMs === null ? null : (lane?.cpuMs ?? 0) * 1000, 1, "µs"),
      "CPU time of the sending process for each notification",
    ],
    ["Bytes each", each(lane?.bytesWritten, 0, "B"), "Bytes written for each notification, before encryption"],
  ];
  return (
    <dl class="figures">
      {rows.map(([label, value, title]) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
