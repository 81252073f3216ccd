import { isAppleMailTopic, type PushType } from "@apns/core";

/** A rule that names the push type where inferring it would not do. The first that fits counts. */
export interface PushTypeRule {
  /** Fits payloads that hold this key; a dot leads into an object: `aps.content-available`. @default every payload */
  readonly key?: string;
  readonly pushType: PushType;
}

/** Topics whose suffix names the push type. */
const byTopic: readonly (readonly [suffix: string, pushType: PushType])[] = [
  [".voip", "voip"],
  [".complication", "complication"],
  [".pushkit.fileprovider", "fileprovider"],
];

/** The keys of `aps` that people see or hear. */
const noticed = ["alert", "sound", "badge"] as const;

/**
 * The push type of a payload that was written before there were push types.
 *
 * The topic decides where it can; `mdm` without `aps` is device management; an `aps` with `content-available` and
 * nothing to see or hear is a background notification, as is an empty one for a Wallet pass, and any to the topics of mail, calendars
 * and contacts. All else is an alert.
 * @param payload the parsed JSON; `undefined` if it is none
 */
export function inferPushType(
  topic: string,
  payload: Readonly<Record<string, unknown>> | undefined,
  rules: readonly PushTypeRule[] = [],
): PushType {
  for (const { key, pushType } of rules) if (key === undefined || lookUp(payload, key) !== undefined) return pushType;
  for (const [suffix, pushType] of byTopic) if (topic.endsWith(suffix)) return pushType;
  if (isAppleMailTopic(topic)) return "background";
  const aps = payload?.["aps"];
  if (topic.startsWith("com.apple.mgmt.") || (payload !== undefined && "mdm" in payload && aps === undefined)) {
    return "mdm";
  }
  if (isObject(aps)) {
    if (noticed.some((key) => aps[key] !== undefined)) return "alert";
    if (aps["content-available"] === 1) return "background";
  }
  return topic.startsWith("pass.") ? "background" : "alert";
}

function lookUp(payload: unknown, path: string): unknown {
  let value = payload;
  for (const key of path.split(".")) value = isObject(value) ? value[key] : undefined;
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The payload as an object, or `undefined` if its bytes are no JSON object. */
export function parsePayload(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Fatal, since the gateway's JSON is UTF-8 or nothing. */
const decoder = new TextDecoder("utf-8", { fatal: true });
