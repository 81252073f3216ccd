// Checks of arguments and options, shared by all packages: one helper per kind of check, so that no caller tests one option and
// names another.
import { sendingRequests } from "../apple-pages.js";
import { InvalidArgumentError } from "../errors.js";
import { printableJson } from "./printable.js";
import { describeSecret, mightBeSecret } from "./secret.js";

/**
 * A value in an error message: short, on one line; objects are only named as such. A text that may be a secret (a key, a
 * provider token, a URL with a password) is described by its form instead.
 */
export function show(value: unknown): string {
  if (typeof value === "string") {
    if (mightBeSecret(value)) return describeSecret(value);
    return printableJson(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}

/** Returns `value` if it is a whole number within the bounds (both included), else throws naming `field`. */
export function checkInteger(
  field: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new InvalidArgumentError(field, `${show(value)} is not a whole number ${range}.`);
}

/** Returns `value` if it is a number above `above` and up to `max`, else throws naming `field`. */
export function checkNumber(
  field: string,
  value: unknown,
  { above, max = Number.POSITIVE_INFINITY }: { readonly above: number; readonly max?: number },
): number {
  const isWithin = typeof value === "number" && value > above && value <= max && Number.isFinite(value);
  if (isWithin) return value;
  const range = max === Number.POSITIVE_INFINITY ? `above ${above}` : `above ${above} and up to ${max}`;
  throw new InvalidArgumentError(field, `${show(value)} is not a number ${range}.`);
}

/** Returns `value` if it is a function, else throws naming `field`. */
export function checkFunction<T extends (...args: never[]) => unknown>(field: string, value: T): T {
  if (typeof value === "function") return value;
  throw new InvalidArgumentError(field, `${show(value)} is not a function.`);
}

/** Returns `value` if it is a string that is not blank, else throws naming `field` and the page that requires it. */
export function checkText(field: string, value: unknown, source?: string): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  const problem = `${value === "" ? "an empty string" : show(value)} is not a text.`;
  throw new InvalidArgumentError(field, problem, source === undefined ? undefined : { source });
}

/** Returns `value` if it can be the value of a header of APNs' (visible ASCII, no blanks), else throws naming `field`. */
export function checkHeaderText(field: string, value: unknown): string {
  const text = checkText(field, value);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  const problem = `${show(text)} holds blanks or characters outside ASCII; a header takes visible ASCII only.`;
  throw new InvalidArgumentError(field, problem, { source: sendingRequests });
}

/**
 * Returns `value` if it has the interface of an AbortSignal, else throws naming `field`. The class is not checked: that of a
 * polyfill or of another realm (a test environment) is another one.
 */
export function checkSignal(field: string, value: unknown): AbortSignal {
  const signal = value as AbortSignal | null | undefined;
  if (typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function") return signal;
  throw new InvalidArgumentError(field, `${show(value)} is not an AbortSignal.`);
}

/** Returns a boolean option, false by default; throws naming `field` unless it is true or false. */
export function checkFlag(field: string, value: unknown): boolean {
  return checkOneOf(field, value ?? false, [true, false]);
}

/** Returns `value` if it is one of `allowed`, else throws naming `field`. */
export function checkOneOf<T>(field: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw new InvalidArgumentError(field, `${show(value)} is not one of ${allowed.map(show).join(", ")}.`);
}
