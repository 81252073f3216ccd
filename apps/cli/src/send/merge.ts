import type { JsonValue } from "@apns/core";
import { show } from "@apns/core/internal";

/** A merge field that a line does not have. */
export class MissingFieldError extends Error {
  override readonly name = "MissingFieldError";
}

const placeholder = /\{\{\s*([^{}\s]+)\s*\}\}/g;
const onlyPlaceholder = /^\{\{\s*([^{}\s]+)\s*\}\}$/;

/** Whether any text in it holds a merge field, `{{name}}`. */
export function hasFields(value: unknown): boolean {
  // `search` and not `test`, which remembers where it was.
  return JSON.stringify(value ?? null).search(placeholder) !== -1;
}

/**
 * The value with every `{{name}}` in its texts replaced. A text that is nothing but a merge field becomes the field's own
 * value, a number for instance.
 * @throws {MissingFieldError}
 */
export function merge(value: unknown, fields: Readonly<Record<string, JsonValue>>): unknown {
  if (typeof value === "string") return mergeText(value, fields);
  if (Array.isArray(value)) return value.map((entry) => merge(entry, fields));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, merge(entry, fields)]));
}

function mergeText(text: string, fields: Readonly<Record<string, JsonValue>>): JsonValue {
  const whole = onlyPlaceholder.exec(text)?.[1];
  if (whole !== undefined) return field(whole, fields);
  return text.replace(placeholder, (_, name: string) => {
    const value = field(name, fields);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function field(name: string, fields: Readonly<Record<string, JsonValue>>): JsonValue {
  if (Object.hasOwn(fields, name)) return fields[name]!;
  throw new MissingFieldError(`has no field ${show(name)}, which the payload asks for`);
}
