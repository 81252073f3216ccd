// The keys and kinds of values that Apple's pages define for parts of a payload, and the check of a value against them.
import { show } from "../internal/check.js";
import { nearestName } from "../internal/nearest-name.js";
import { printable } from "../internal/printable.js";
import { withoutSecrets } from "../internal/secret.js";

/** The kind of value that a key has. */
export interface Kind {
  /** What is expected, with an article: `a text`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The keys that the value may have, if it is an object. */
  readonly keys?: Shape;
}

/** The keys that an object may have. A Map, since looking up a key in one is faster than in an object of many. */
export type Shape = ReadonlyMap<string, Kind>;

export function shape(kinds: Readonly<Record<string, Kind>>): Shape {
  return new Map(Object.entries(kinds));
}

/** A deviation of an object from its shape. */
export interface ShapeProblem {
  readonly code: "unknownKey" | "wrongKind";
  /** Path of the key, such as `aps.badge`. */
  readonly path: string;
  /** A sentence without the path. */
  readonly problem: string;
  /** The known key that is nearest to an unknown one. */
  readonly nearest?: string;
}

/** Whether a value is an object that JSON writes in braces. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reports every deviation of an object from its shape. A key whose value is `undefined` counts as absent, as in JSON. */
export function compareToShape(
  object: Readonly<Record<string, unknown>>,
  shape: Shape,
  path: string,
  report: (problem: ShapeProblem) => void,
): void {
  // No array of keys: this runs for every notification that `alert` makes.
  for (const key in object) {
    const value = object[key];
    if (value === undefined) continue;
    const kind = shape.get(key);
    if (kind === undefined) {
      if (Object.hasOwn(object, key)) report(unknownKey(key, shape, path));
    } else if (!kind.accepts(value)) {
      const problem = `${describe(value)} is not ${kind.expected}.`;
      report({ code: "wrongKind", path: `${path}.${key}`, problem });
    } else if (kind.keys !== undefined && isObject(value)) {
      compareToShape(value, kind.keys, `${path}.${key}`, report);
    }
  }
}

/** Longer names of keys are cut in messages. */
const maxNameCharacters = 60;

function unknownKey(key: string, shape: Shape, path: string): ShapeProblem {
  const nearest = nearestName(key, shape.keys());
  const hint = nearest === undefined ? "" : ` Do you mean ${show(nearest)}?`;
  const problem = `is no key that Apple defines here.${hint}`;
  const name = withoutSecrets(printable(key.length > maxNameCharacters ? `${key.slice(0, maxNameCharacters)}…` : key));
  return { code: "unknownKey", path: `${path}.${name}`, problem, ...(nearest === undefined ? {} : { nearest }) };
}

/** A value in a message; a text with its quotation marks is told from a number. */
function describe(value: unknown): string {
  return typeof value === "string" ? `the text ${show(value)}` : show(value);
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);

export const text: Kind = { expected: "a text", accepts: isText };
export const number: Kind = { expected: "a number", accepts: isNumber };
export const object: Kind = { expected: "an object with keys", accepts: isObject };
export const one: Kind = { expected: "1", accepts: (value) => value === 1 };
export const yes: Kind = { expected: "true", accepts: (value) => value === true };
export const share: Kind = {
  expected: "a number from 0 to 1",
  accepts: (value) => typeof value === "number" && value >= 0 && value <= 1,
};
export const count: Kind = {
  expected: "a whole number of at least 0",
  accepts: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
};
export const texts: Kind = {
  expected: "an array of texts",
  accepts: (value) => Array.isArray(value) && value.every(isText),
};

/** A text, or an object with these keys. */
export function textOr(keys: Shape): Kind {
  return { expected: "a text or an object with keys", accepts: (value) => isText(value) || isObject(value), keys };
}

/** An object with these keys. */
export function objectOf(keys: Shape): Kind {
  return { ...object, keys };
}

/** One of these texts. */
export function oneOf(...allowed: readonly string[]): Kind {
  return {
    expected: `one of ${allowed.map(show).join(", ")}`,
    accepts: (value) => allowed.includes(value as string),
  };
}
