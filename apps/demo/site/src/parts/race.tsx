import { lanes } from "../state/store.js";
import { Charts } from "./charts.js";
import { Controls } from "./controls.js";
import { LaneCard } from "./lane-card.js";

/** The same load over both wires. */
export function Race() {
  return (
    <section id="race" class="section" aria-labelledby="race-title">
      <h2 id="race-title">The race</h2>
      <p class="lead">The same notifications over both wires, each from a process of its own.</p>
      <Controls />
      <div class="lanes">
        <LaneCard wire="binary" />
        <LaneCard wire="http2" />
      </div>
      <Charts />
      {lanes.value.length > 0 && lanes.value.every(({ cpuMs }) => cpuMs === null) && (
        <p class="muted">One process sends over both wires here, so its CPU time cannot be told apart.</p>
      )}
    </section>
  );
}
