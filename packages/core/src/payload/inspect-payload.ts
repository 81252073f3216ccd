// Finds what APNs accepts and devices ignore, before it is sent.
import { show } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { maxPayloadBytes, type PushType, type Wire } from "../push-type.js";
import { alertApsShape, backgroundApsShape, contentChangedApsShape } from "./aps-shapes.js";
import { encodePayload, type PayloadInput } from "./encode-payload.js";
import { apsOf, compareAps, type Payload } from "./inspect-aps.js";
import { inspectLiveActivity } from "./inspect-live-activity.js";
import { parsePayload } from "./parse-payload.js";
import { Findings, type PayloadFinding } from "./payload-findings.js";

export interface InspectPayloadOptions {
  /** The push type that the payload is sent with. @default "alert" */
  readonly pushType?: PushType;
  /** The wire whose size limit applies. @default "http2" */
  readonly wire?: Wire;
}

const inspectPayloadOptionNames = optionNames<InspectPayloadOptions>({ pushType: true, wire: true });

/**
 * Inspects a payload for faults that APNs does not report: keys in the wrong place, values of the wrong kind, dates in
 * milliseconds, missing keys of Live Activities, text that is not JSON. Never throws for a fault of the payload.
 *
 * An object is inspected as JSON writes it; text and bytes as they are.
 * @returns the findings, at most 100, in the order of the payload; empty if there is no fault
 */
export function inspectPayload(payload: PayloadInput, options: InspectPayloadOptions = {}): readonly PayloadFinding[] {
  checkOptions("inspectPayload", options, inspectPayloadOptionNames);
  const { pushType = "alert", wire = "http2" } = options;
  const findings = new Findings(pushType);
  const parsed = parsePayload(payload);
  if ("object" in parsed) {
    checkSize(payload, pushType, wire, findings);
    inspectors.get(pushType)?.(parsed.object, findings);
  } else if (isEmpty(payload)) {
    findings.error("empty", "", "is empty; APNs answers PayloadEmpty.");
  } else {
    findings.error(parsed.code, "", parsed.problem);
  }
  return findings.list;
}

function isEmpty(payload: PayloadInput): boolean {
  return (typeof payload === "string" || payload instanceof Uint8Array) && payload.length === 0;
}

function checkSize(payload: PayloadInput, pushType: PushType, wire: Wire, findings: Findings): void {
  const { length } = encodePayload(payload);
  const limit = maxPayloadBytes(pushType, wire);
  if (length > limit) findings.error("tooLarge", "", `has ${length} bytes of UTF-8; ${pushType} allows ${limit}.`);
}

/** Keys whose absence or wrong kind makes devices ignore the push. */
const essentialToAlert: ReadonlySet<string> = new Set(["alert"]);
const essentialToReload: ReadonlySet<string> = new Set(["content-changed"]);
const none: ReadonlySet<string> = new Set();

/** By push type. Types that are missing here have a payload of the app's own. */
const inspectors: ReadonlyMap<string, (payload: Payload, findings: Findings) => void> = new Map([
  ["alert", inspectAlert],
  ["background", inspectBackground],
  ["liveactivity", inspectLiveActivity],
  ["widgets", inspectContentChanged],
  ["controls", inspectContentChanged],
  ["mdm", inspectMdm],
  ["fileprovider", (payload: Payload, findings: Findings) => requireText(payload, "container-identifier", findings)],
]);

function inspectMdm(payload: Payload, findings: Findings): void {
  requireText(payload, "mdm", findings);
  if (payload["aps"] !== undefined) findings.warning("misplacedKey", "aps", "has no place in a push of mdm.");
}

function requireText(payload: Payload, key: string, findings: Findings): void {
  const value = payload[key];
  if (value === undefined) findings.error("missingKey", key, "is missing; the device ignores the push.");
  else if (typeof value !== "string") findings.error("wrongKind", key, `${show(value)} is not a text.`);
}

function inspectAlert(payload: Payload, findings: Findings): void {
  const aps = apsOf(payload, alertApsShape, findings, essentialToAlert);
  if (aps === undefined) return;
  compareAps(aps, alertApsShape, findings, essentialToAlert);
  const isNoticed = ["alert", "badge", "sound", "content-available"].some((key) => aps[key] !== undefined);
  if (isNoticed) return;
  const problem =
    "has no alert, badge or sound, so that nothing is shown or heard; push type background wakes the app.";
  findings.warning("missingKey", "aps", problem);
}

/** The key of a push for an account of Apple's Mail, which needs no other. */
const mailAccountKey = "account-id";

function inspectBackground(payload: Payload, findings: Findings): void {
  const aps = apsOf(payload, backgroundApsShape, findings, none);
  if (aps === undefined) return;
  const { alert, badge, sound, [mailAccountKey]: mailAccount, ...others } = aps;
  if (others["content-available"] === undefined && mailAccount === undefined) {
    findings.error("missingKey", "aps.content-available", "is missing; it must be 1 for the app to be woken.");
  }
  for (const [key, value] of Object.entries({ alert, badge, sound })) {
    if (value === undefined) continue;
    findings.warning("misplacedKey", `aps.${key}`, "has no place in a background push; send it with push type alert.");
  }
  compareAps(others, alertApsShape, findings, none);
}

function inspectContentChanged(payload: Payload, findings: Findings): void {
  const aps = apsOf(payload, contentChangedApsShape, findings, essentialToReload);
  if (aps === undefined) return;
  if (aps["content-changed"] === undefined) {
    findings.error("missingKey", "aps.content-changed", "is missing; it must be true.");
  }
  compareAps(aps, contentChangedApsShape, findings, essentialToReload);
}
