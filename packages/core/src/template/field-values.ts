import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import type { JsonValue } from "../payload/json.js";
import { isObject } from "../payload/shape.js";

/** A value for a merge field. `undefined` counts as missing; in the middle of a text, `null` does so, too. */
export type FieldValue = JsonValue | Date | undefined;

/** Values by the names of merge fields. Names that a template does not have are ignored. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** The value of a field for one device, or its default. Never one that `Object.prototype` has. */
export function fieldValue(name: string, values: FieldValues, defaults: FieldValues): FieldValue {
  if (Object.hasOwn(values, name)) {
    const value = values[name];
    if (value !== undefined) return value;
  }
  return Object.hasOwn(defaults, name) ? defaults[name] : undefined;
}

/** The text of a field in the middle of a text. */
export function fieldText(name: string, values: FieldValues, defaults: FieldValues): string {
  let value = fieldValue(name, values, defaults);
  if (value === null) value = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value === "boolean") return String(value);
  if (value === undefined || value === null) throw missingField(name);
  throw new InvalidArgumentError(`fields.${name}`, `${show(value)} cannot stand in a text: give a text or a number.`);
}

export function missingField(name: string): InvalidArgumentError {
  const problem = "is missing: give a value, or a default when the template is made.";
  return new InvalidArgumentError(`fields.${name}`, problem, { code: "ERR_APNS_MISSING_FIELD" });
}

/** @throws {InvalidArgumentError} unless the values are an object */
export function checkFieldValues(field: string, values: unknown): FieldValues {
  if (isObject(values)) return values as FieldValues;
  throw new InvalidArgumentError(field, `${show(values)} is not an object with values by the names of fields.`);
}
