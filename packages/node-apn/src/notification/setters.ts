// The properties that stand for keys of `aps` or of its alert, as a table: name, key, and what value each takes.
import type { ApsSound } from "./payload-types.js";
import type { AlertProperties, ApsProperties } from "./properties.js";

/** Returned by a {@link Take} for a value of the wrong kind, which leaves the property as it was. */
export const ignored: unique symbol = Symbol("ignored");

/** The value that is stored for the one that is set; `undefined` takes the key out of the payload. */
type Take = (value: unknown) => unknown;

const onlyIf =
  (isRight: (value: unknown) => boolean): Take =>
  (value) =>
    value === undefined || isRight(value) ? value : ignored;

const number = onlyIf((value) => typeof value === "number");
const text = onlyIf((value) => typeof value === "string");
const object = onlyIf((value) => typeof value === "object");
const list = onlyIf(Array.isArray);
const sound = onlyIf((value) => typeof value === "string" || isCriticalSound(value));
/** `true` and 1 switch it on, everything else off. */
const flag =
  (on: 1 | true): Take =>
  (value) =>
    value === true || value === 1 ? on : undefined;

function isCriticalSound(value: unknown): boolean {
  const { critical, name, volume } = (value ?? {}) as Partial<ApsSound>;
  return typeof name === "string" && typeof volume === "number" && critical !== undefined;
}

/** A flag that is on reads as `true`, whatever it is in the payload. */
const isOn = (stored: unknown): boolean => stored !== undefined;

export interface ApsSetter {
  readonly key: string;
  readonly take: Take;
  /** The value that is read, of the stored one. @default the stored one */
  readonly read?: (stored: unknown) => unknown;
}

/** Keys of `aps`. */
export const apsSetters: Readonly<Record<keyof ApsProperties, ApsSetter>> = {
  badge: { key: "badge", take: number },
  sound: { key: "sound", take: sound },
  contentAvailable: { key: "content-available", take: flag(1), read: isOn },
  mutableContent: { key: "mutable-content", take: flag(1), read: isOn },
  contentChanged: { key: "content-changed", take: flag(true), read: isOn },
  urlArgs: { key: "url-args", take: list },
  category: { key: "category", take: text },
  targetContentIdentifier: { key: "target-content-id", take: text },
  threadId: { key: "thread-id", take: text },
  interruptionLevel: { key: "interruption-level", take: text },
  relevanceScore: { key: "relevance-score", take: number },
  filterCriteria: { key: "filter-criteria", take: text },
  timestamp: { key: "timestamp", take: number },
  staleDate: { key: "stale-date", take: number },
  event: { key: "event", take: text },
  contentState: { key: "content-state", take: object },
  dismissalDate: { key: "dismissal-date", take: number },
  inputPushChannel: { key: "input-push-channel", take: text },
  inputPushToken: { key: "input-push-token", take: number },
  attributesType: { key: "attributes-type", take: text },
  attributes: { key: "attributes", take: object },
};

/** Keys of `aps.alert`, which take any value. */
export const alertSetters: Readonly<Record<keyof AlertProperties, string>> = {
  locKey: "loc-key",
  locArgs: "loc-args",
  title: "title",
  subtitle: "subtitle",
  titleLocKey: "title-loc-key",
  titleLocArgs: "title-loc-args",
  subtitleLocKey: "subtitle-loc-key",
  subtitleLocArgs: "subtitle-loc-args",
  action: "action",
  actionLocKey: "action-loc-key",
  launchImage: "launch-image",
};

/** Properties that have a chainable method as well, beside those of the tables. */
export const otherChainable: readonly ["payload", "expiry", "priority", "alert", "body", "mdm"] = [
  "payload",
  "expiry",
  "priority",
  "alert",
  "body",
  "mdm",
];

/** `setThreadId` for `threadId`. */
export function setterName(property: string): string {
  return `set${property.charAt(0).toUpperCase()}${property.slice(1)}`;
}
