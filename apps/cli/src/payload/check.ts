import {
  ApnsError,
  assertPayloadFits,
  encodePayload,
  maxPayloadBytes,
  type PushType,
  type Reason,
  type Wire,
} from "@apns/core";
import { show } from "@apns/core/internal";
import { closest } from "../closest.js";
import { isObject, parseJson } from "./build-payload.js";

/** Something that is wrong with a payload. */
export interface Finding {
  /** `refused`: APNs will not take it. `warning`: APNs takes it, and the device will not do what was probably meant. */
  readonly severity: "refused" | "warning";
  /** What APNs would answer, where that is known. */
  readonly reason?: Reason;
  readonly message: string;
}

/** Looks for what would go wrong with this payload, sent as this push type over this wire. */
export function checkPayload(payload: object | string, pushType: PushType, wire: Wire): Finding[] {
  const size = checkSize(payload, pushType, wire);
  if (size?.reason === "PayloadEmpty") return [size];
  const value = typeof payload === "string" ? parseJson(payload) : payload;
  const content = isObject(value)
    ? checkContent(value, pushType)
    : [warning(`the payload is ${describe(value)}, not a JSON object: no app will be given it`)];
  return [...(size === undefined ? [] : [size]), ...content];
}

function checkSize(payload: object | string, pushType: PushType, wire: Wire): Finding | undefined {
  const encoded = encodePayload(payload);
  const where = `push type ${pushType}${wire === "binary" ? " on the legacy wire" : ""}`;
  try {
    assertPayloadFits(encoded, maxPayloadBytes(pushType, wire), where);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApnsError)) throw error;
    const reason = encoded.length === 0 ? "PayloadEmpty" : "PayloadTooLarge";
    return { severity: "refused", reason, message: error.message };
  }
}

function checkContent(payload: Readonly<Record<string, unknown>>, pushType: PushType): Finding[] {
  if (pushType === "mdm") {
    return typeof payload["mdm"] === "string"
      ? []
      : [warning('push type mdm wants {"mdm": "<PushMagic>"} and no "aps"')];
  }
  const { aps } = payload;
  if (aps === undefined)
    return needsAps.has(pushType) ? [warning(`push type ${pushType} wants a dictionary "aps"`)] : [];
  if (!isObject(aps)) return [warning(`"aps" is ${describe(aps)}, not a dictionary`)];
  return [...checkKeys(aps), ...checkTypes(aps), ...(checksByPushType[pushType]?.(aps) ?? [])];
}

const needsAps: ReadonlySet<PushType> = new Set(["alert", "background", "liveactivity", "widgets", "controls"]);

type Aps = Readonly<Record<string, unknown>>;

/** Rules of Apple's pages about a push type, beyond the types of its keys. */
const checksByPushType: Readonly<Record<string, (aps: Aps) => Finding[]>> = {
  alert: (aps) =>
    ["alert", "badge", "sound"].some((key) => aps[key] !== undefined)
      ? []
      : [warning("nothing is shown or heard: there is no alert, badge or sound. For a silent wake-up use background")],
  background: (aps) => [
    ...(aps["content-available"] === 1 ? [] : [warning('"content-available" must be 1 for the app to be woken')]),
    ...["alert", "badge", "sound"]
      .filter((key) => aps[key] !== undefined)
      .map((key) => warning(`"${key}" does not belong into a background notification; use push type alert`)),
  ],
  liveactivity: (aps) => [
    ...(typeof aps["timestamp"] === "number" ? [] : [warning('"timestamp" must be a number, UNIX seconds')]),
    ...(["start", "update", "end"].includes(String(aps["event"]))
      ? []
      : [warning('"event" must be start, update or end')]),
    ...(aps["event"] === "start"
      ? ["attributes-type", "attributes", "alert"]
          .filter((key) => aps[key] === undefined)
          .map((key) => warning(`"${key}" is missing: a Live Activity cannot be started without`))
      : []),
  ],
  widgets: (aps) => contentChanged(aps),
  controls: (aps) => contentChanged(aps),
};

function contentChanged(aps: Aps): Finding[] {
  return aps["content-changed"] === true ? [] : [warning('"content-changed" must be true')];
}

/** Types of the keys of `aps`. Source: Apple, "Generating a remote notification", and the pages on Live Activities. */
const keyTypes: Readonly<Record<string, readonly ("string" | "number" | "object" | "array" | "boolean")[]>> = {
  alert: ["string", "object"],
  badge: ["number"],
  sound: ["string", "object"],
  "thread-id": ["string"],
  category: ["string"],
  "content-available": ["number"],
  "mutable-content": ["number"],
  "target-content-id": ["string"],
  "interruption-level": ["string"],
  "relevance-score": ["number"],
  "filter-criteria": ["string"],
  timestamp: ["number"],
  event: ["string"],
  "content-state": ["object"],
  "stale-date": ["number"],
  "dismissal-date": ["number"],
  "attributes-type": ["string"],
  attributes: ["object"],
  "input-push-token": ["number"],
  "input-push-channel": ["string"],
  "content-changed": ["boolean"],
  "url-args": ["array"],
};

function checkKeys(aps: Aps): Finding[] {
  return Object.keys(aps)
    .filter((key) => !Object.hasOwn(keyTypes, key))
    .map((key) => {
      const meant = closest(key, Object.keys(keyTypes));
      return warning(
        meant === undefined
          ? `"aps" holds ${show(key)}, which Apple does not name: keys of your own stand beside "aps"`
          : `"aps" holds ${show(key)}, which Apple does not name; did you mean "${meant}"?`,
      );
    });
}

function checkTypes(aps: Aps): Finding[] {
  return Object.entries(aps).flatMap(([key, value]) => {
    const allowed = keyTypes[key];
    const type = Array.isArray(value) ? "array" : typeof value;
    if (allowed === undefined || (value !== null && (allowed as readonly string[]).includes(type))) return [];
    return [warning(`"${key}" is ${describe(value)}, but must be ${allowed.map(withArticle).join(" or ")}`)];
  });
}

function warning(message: string): Finding {
  return { severity: "warning", message };
}

function describe(value: unknown): string {
  if (value === undefined) return "not JSON";
  if (value === null) return "null";
  return withArticle(Array.isArray(value) ? "array" : typeof value);
}

function withArticle(type: string): string {
  if (type === "object") return "a dictionary";
  return type === "array" ? "an array" : `a ${type}`;
}
