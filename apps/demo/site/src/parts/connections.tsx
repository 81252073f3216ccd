import type { ConnectionView, LaneSample } from "../../../src/page/protocol.js";
import { count } from "../format.js";

const stateTexts: Readonly<Record<ConnectionView["state"], string>> = {
  open: "open",
  draining: "draining: takes nothing more, settles what it has",
  closed: "closed",
  failed: "could not be opened",
};

/** The newest connections and how each stands. */
export function Connections({ lane }: { readonly lane: LaneSample | undefined }) {
  const opened = lane?.connectionsOpened ?? 0;
  // The last sample comes while sockets still close.
  const isOver = lane?.state === "done";
  const connections = (lane?.connections ?? []).map(({ number, state }) => ({
    number,
    state: isOver && state !== "failed" ? "closed" : state,
  }));
  return (
    <div class="connections">
      <p>
        Connections opened: <b data-figure="opened">{count(opened)}</b>
        {lane?.streamsAllowed !== null && lane?.streamsAllowed !== undefined && !isOver && (
          <>
            {" "}
            · streams allowed now: <b data-figure="streams">{count(lane.streamsAllowed)}</b>
          </>
        )}
      </p>
      <ul aria-label="Newest connections">
        {connections.map(({ number, state }) => (
          <li key={number} class="chip" data-state={state} title={stateTexts[state]}>
            {number}
            <span class="visually-hidden"> {stateTexts[state]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
