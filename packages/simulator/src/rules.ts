// Rules for the fields of plain objects, as data: the same table checks the arguments of callers and makes JSON schemas.
import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkOneOf, checkText } from "@apns/core/internal";

/** The values that a field may have. */
export type Rule =
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** A number from 0 to 1. */
  | { readonly kind: "share" }
  | { readonly kind: "boolean" }
  | { readonly kind: "text" }
  | { readonly kind: "oneOf"; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: "either"; readonly first: Rule; readonly second: Rule };

export interface Field {
  readonly rule: Rule;
  readonly required?: boolean;
}

/** The longest text, since texts of callers are kept. A device token has 1024 digits at most. */
const maxTextLength = 1024;

export type Fields = Readonly<Record<string, Field>>;

export const integer = (min: number, max: number): Rule => ({ kind: "integer", min, max });
export const oneOf = (...values: (string | number | boolean)[]): Rule => ({ kind: "oneOf", values });
export const either = (first: Rule, second: Rule): Rule => ({ kind: "either", first, second });
export const boolean: Rule = { kind: "boolean" };
export const text: Rule = { kind: "text" };
export const share: Rule = { kind: "share" };
export const optional = (rule: Rule): Field => ({ rule });
export const required = (rule: Rule): Field => ({ rule, required: true });

/**
 * Checks every field of an object, and that there are no others.
 * @throws {InvalidArgumentError} naming the field as `<name>.<field>`
 */
export function checkFields(name: string, value: unknown, fields: Fields): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError(name, "is not an object.");
  }
  const given = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(fields, key)) continue;
    const known = Object.keys(fields).join(", ");
    throw new InvalidArgumentError(`${name}.${key}`, `there is no such field; there are ${known}.`);
  }
  for (const [key, field] of Object.entries(fields)) {
    if (given[key] !== undefined) check(`${name}.${key}`, given[key], field.rule);
    else if (field.required === true) throw new InvalidArgumentError(`${name}.${key}`, "is missing.");
  }
}

function check(name: string, value: unknown, rule: Rule): void {
  switch (rule.kind) {
    case "integer":
      checkInteger(name, value, rule.min, rule.max);
      break;
    case "share":
      if (!(typeof value === "number" && value >= 0 && value <= 1)) {
        throw new InvalidArgumentError(name, `${String(value)} is not a probability from 0 to 1.`);
      }
      break;
    case "boolean":
      checkOneOf(name, value, [true, false]);
      break;
    case "text":
      if (checkText(name, value).length > maxTextLength) {
        throw new InvalidArgumentError(name, `is longer than ${maxTextLength} characters.`);
      }
      break;
    case "oneOf":
      checkOneOf(name, value, rule.values);
      break;
    default:
      check(name, value, typeof value === typeOf(rule.first) ? rule.first : rule.second);
  }
}

function typeOf(rule: Rule): string {
  if (rule.kind === "integer" || rule.kind === "share") return "number";
  return rule.kind === "boolean" ? "boolean" : "string";
}

/** The part of JSON schema that these rules need. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The JSON schema of an object with these fields and no others. */
export function schemaOf(fields: Fields, more: JsonSchema = {}): JsonSchema {
  const entries = Object.entries(fields);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(entries.map(([name, { rule }]) => [name, schemaOfRule(rule)])),
    required: entries.filter(([, field]) => field.required === true).map(([name]) => name),
    ...more,
  };
}

function schemaOfRule(rule: Rule): JsonSchema {
  switch (rule.kind) {
    case "integer":
      return { type: "integer", minimum: rule.min, maximum: rule.max };
    case "share":
      return { type: "number", minimum: 0, maximum: 1 };
    case "boolean":
      return { type: "boolean" };
    case "text":
      return { type: "string", minLength: 1, maxLength: maxTextLength };
    case "oneOf":
      return { enum: rule.values };
    default:
      return { anyOf: [schemaOfRule(rule.first), schemaOfRule(rule.second)] };
  }
}
