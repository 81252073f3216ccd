import type { JsonValue } from "@apns/core";
import { isObject } from "../../payload/build-payload.js";
import { readDeviceToken } from "./device-token.js";
import { parsePlainLine } from "./plain.js";
import type { ListEntry, TargetDelivery } from "./target.js";

const deliveryKeys: readonly (keyof TargetDelivery)[] = [
  "apnsId",
  "collapseId",
  "pushType",
  "topic",
  "priority",
  "expiration",
];

/**
 * A line of NDJSON: `deviceToken`, perhaps a `payload` and what else is particular to this device; every other key is a
 * merge field.
 */
export function parseNdjsonLine(line: number, text: string): ListEntry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { line, problem: "is not JSON" };
  }
  return entryOf(line, value);
}

/** An entry of a JSON array: a device token by itself, or an object as a line of NDJSON has it. */
export function parseArrayEntry(line: number, text: string): ListEntry {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? parsePlainLine(line, value) : entryOf(line, value);
  } catch {
    return { line, problem: "is not JSON" };
  }
}

function entryOf(line: number, value: unknown): ListEntry {
  if (!isObject(value)) return { line, problem: 'is not an object like {"deviceToken": "…"}' };
  const { deviceToken, payload, ...others } = value;
  if (typeof deviceToken !== "string") return { line, problem: 'has no text "deviceToken"' };
  if (payload !== undefined && !isObject(payload)) return { line, problem: '"payload" is not an object' };
  const isDelivery = ([key]: [string, unknown]): boolean => (deliveryKeys as readonly string[]).includes(key);
  const delivery = Object.fromEntries(Object.entries(others).filter(isDelivery));
  const wrong = Object.entries(delivery).find(
    ([key, entry]) => typeof entry !== (key === "priority" ? "number" : "string"),
  );
  if (wrong !== undefined)
    return { line, problem: `"${wrong[0]}" must be a ${wrong[0] === "priority" ? "number" : "text"}` };
  const fields = Object.entries(others).filter((entry) => !isDelivery(entry)) as [string, JsonValue][];
  try {
    return {
      line,
      deviceToken: readDeviceToken(deviceToken),
      fields: Object.fromEntries(fields),
      ...(payload === undefined ? {} : { payload }),
      delivery,
    };
  } catch (error) {
    return { line, problem: (error as Error).message };
  }
}
