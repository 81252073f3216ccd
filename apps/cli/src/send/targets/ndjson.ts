import { type JsonValue, normalizeDeviceToken } from "@apns/core";
import { isObject } from "../../payload/build-payload.js";
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
      deviceToken: normalizeDeviceToken(deviceToken),
      fields: Object.fromEntries(fields),
      ...(payload === undefined ? {} : { payload }),
      delivery,
    };
  } catch (error) {
    return { line, problem: (error as Error).message };
  }
}
