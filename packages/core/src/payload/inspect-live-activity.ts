import { liveActivityApsShape } from "./aps-shapes.js";
import { apsOf, compareAps, type Payload } from "./inspect-aps.js";
import type { Findings } from "./payload-findings.js";

const dates: readonly string[] = ["timestamp", "stale-date", "dismissal-date"];

/** UNIX seconds reach this number in the year 5138; milliseconds had passed it in 1973. */
const leastMilliseconds = 100_000_000_000;

const startKeys: readonly string[] = ["attributes-type", "attributes"];
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  start: ["timestamp", "content-state", "alert", ...startKeys],
  update: ["timestamp", "content-state"],
  end: ["timestamp"],
};
/** Without these, or with another kind of value, a device ignores the push. */
const essentialKeys: ReadonlySet<string> = new Set(["event", "timestamp", "content-state", ...startKeys, ...dates]);

export function inspectLiveActivity(payload: Payload, findings: Findings): void {
  const aps = apsOf(payload, liveActivityApsShape, findings, essentialKeys);
  if (aps === undefined) return;
  const event = String(aps["event"]);
  // Without an event, a push is judged as an update, which has the fewest keys.
  const required = ["event", ...(Object.hasOwn(requiredKeys, event) ? requiredKeys[event]! : requiredKeys["update"]!)];
  for (const key of required) {
    if (aps[key] !== undefined || payload[key] !== undefined) continue;
    findings.error("missingKey", `aps.${key}`, "is missing; the device ignores the push.");
  }
  for (const key of dates) {
    const value = aps[key];
    if (typeof value !== "number" || value < leastMilliseconds) continue;
    const seconds = Math.floor(value / 1000);
    findings.error("milliseconds", `aps.${key}`, `${value} is in milliseconds; devices read seconds: ${seconds}.`);
  }
  if (event !== "start") {
    for (const key of [...startKeys, "input-push-token", "input-push-channel"]) {
      if (aps[key] !== undefined) findings.warning("misplacedKey", `aps.${key}`, "belongs to a start only.");
    }
  }
  if (event !== "end" && aps["dismissal-date"] !== undefined) {
    findings.warning("misplacedKey", "aps.dismissal-date", "belongs to an end only.");
  }
  compareAps(
    aps,
    liveActivityApsShape,
    findings,
    event === "start" ? new Set([...essentialKeys, "alert"]) : essentialKeys,
  );
}
