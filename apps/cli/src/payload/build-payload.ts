import type { PushType } from "@apns/core";
import { UsageError } from "../errors.js";
import { readGivenJson } from "../files/given-file.js";
import type { PayloadFlags } from "./options.js";

export interface BuiltPayload {
  readonly pushType: PushType;
  /** An object; or the text of a file, to be sent as it stands. */
  readonly payload: object | string;
}

/** Whether any option says what the notification is to say. */
export function saysSomething(flags: PayloadFlags): boolean {
  return flags.payload !== undefined || Object.keys(overlay(flags)).length > 0;
}

/**
 * The payload that the options describe. A file nothing is laid over goes out byte by byte as it is.
 * @throws {UsageError} if no option says anything, or the file is no JSON and something is to be laid over it
 */
export async function buildPayload(flags: PayloadFlags): Promise<BuiltPayload> {
  if (!saysSomething(flags)) {
    throw new UsageError("there is nothing to say: give --title or --body, --content-available, or --payload FILE");
  }
  const text =
    flags.payload === undefined ? undefined : (await readGivenJson({ value: flags.payload, from: "--payload" })).text;
  const changes = overlay(flags);
  const payload =
    text === undefined ? changes : Object.keys(changes).length === 0 ? text : lay(changes, parseObject(text));
  return { pushType: flags.pushType ?? usualPushType(payload), payload };
}

/** The part of the payload that the options name. */
function overlay(flags: PayloadFlags): Record<string, unknown> {
  const alert = compact({ title: flags.title, subtitle: flags.subtitle, body: flags.body });
  const aps = compact({
    ...(Object.keys(alert).length > 0 ? { alert } : {}),
    badge: flags.badge,
    sound: flags.sound,
    category: flags.category,
    "thread-id": flags.threadId,
    "interruption-level": flags.interruptionLevel,
    "relevance-score": flags.relevanceScore,
    "target-content-id": flags.targetContentId,
    "content-available": flags.contentAvailable ? 1 : undefined,
    "mutable-content": flags.mutableContent ? 1 : undefined,
    ...flags.aps,
  });
  return { ...(Object.keys(aps).length > 0 ? { aps } : {}), ...flags.custom };
}

function compact(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** `over` on top of `under`; of Apple's dictionary and its alert, key by key. */
export function lay(over: Record<string, unknown>, under: Record<string, unknown>): Record<string, unknown> {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    const merges = (key === "aps" || key === "alert") && isObject(value) && isObject(below);
    result[key] = merges ? lay(value, below) : value;
  }
  return result;
}

/** Whether it is what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw new UsageError("--payload: other options can only be laid over a JSON object; the file holds something else");
}

/** The value of a JSON text; `undefined` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** APNs wants `background` for what only wakes the app, and `alert` for all that people see or hear. */
export function usualPushType(payload: object | string): PushType {
  const value = typeof payload === "string" ? parseJson(payload) : payload;
  const aps = isObject(value) ? value["aps"] : undefined;
  if (!isObject(aps) || aps["content-available"] !== 1) return "alert";
  return ["alert", "badge", "sound"].some((key) => aps[key] !== undefined) ? "alert" : "background";
}
