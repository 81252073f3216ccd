import type { LaneSample, ReasonCount } from "../../../src/page/protocol.js";
import { count } from "../format.js";

const kinds = ["accepted", "rejected", "unsent", "unconfirmed"] as const;
const meanings: Readonly<Record<(typeof kinds)[number], string>> = {
  accepted: "Apple took it",
  rejected: "Apple refused it, and said why",
  unsent: "Certainly not processed: safe to send again",
  unconfirmed: "Nobody knows: it may or may not have been accepted",
};

/** How notifications ended: by kind, and the reasons of what was not accepted. */
export function Outcomes({ lane }: { readonly lane: LaneSample | undefined }) {
  const settled = lane?.settled ?? 0;
  return (
    <div class="outcomes">
      <div class="outcome-bar" aria-hidden="true">
        {kinds.map((kind) => {
          const share = settled === 0 ? 0 : (lane?.[kind] ?? 0) / settled;
          // Rare outcomes matter most: their bar is never too thin to be seen.
          return share > 0 && <span key={kind} class={kind} style={{ flexGrow: String(Math.max(share, 0.012)) }} />;
        })}
      </div>
      <dl class="outcome-counts">
        {kinds.map((kind) => (
          <div key={kind} title={meanings[kind]}>
            <dt>
              <span class={`swatch ${kind}`} aria-hidden="true" />
              {kind}
            </dt>
            <dd data-figure={kind}>{count(lane?.[kind] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      <ul class="reasons" aria-label="Reasons">
        {(lane?.reasons ?? []).slice(0, 6).map((row) => (
          <li key={`${row.kind} ${row.reason}`}>
            <span class={`swatch ${row.kind}`} aria-hidden="true" />
            {reasonText(row)} <b>{count(row.count)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Errors of this side have codes; the part that says something is enough. */
function reasonText({ reason }: ReasonCount): string {
  return reason
    .replace(/^ERR_APNS_/, "")
    .replaceAll("_", " ")
    .toLowerCase() === reason.toLowerCase()
    ? reason
    : reason
        .replace(/^ERR_APNS_/, "")
        .replaceAll("_", " ")
        .toLowerCase();
}
