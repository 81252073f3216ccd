import { checkOptions, type OptionNames } from "../internal/check-options.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { AlertAps } from "../payload/aps.js";
import { alertApsShape } from "../payload/aps-shapes.js";
import type { CustomKeys } from "../payload/json.js";
import { isObject, type Kind, type Shape, text, texts } from "../payload/shape.js";
import { checkShape, given, withCustomKeys } from "../push-types/payload-parts.js";
import type { FieldValues } from "./field-values.js";
import { NotificationTemplate, type Placeholder, type TemplateDeliveryOptions } from "./notification-template.js";
import { onlyName, piecesOf } from "./placeholder.js";

/** `T`, with merge fields in place of values. */
export type Fillable<T> = T extends string | number | boolean
  ? T | Placeholder
  : T extends readonly (infer Entry)[]
    ? readonly Fillable<Entry>[]
    : T extends object
      ? { readonly [Key in keyof T]: Fillable<T[Key]> }
      : T;

export interface AlertTemplateOptions<Fields extends FieldValues = FieldValues, Custom extends object = object>
  extends TemplateDeliveryOptions<Fields> {
  readonly aps: Fillable<AlertAps>;
  /** Your own keys; they stand beside `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

const names: OptionNames = new Set(["aps", "custom", "defaults", ...namesWith<DeliveryOptions>({})]);

/**
 * An `alert` with merge fields, `{{name}}`, in its texts, in place of its badge and other values, in its collapse id and expiration.
 * What is constant is checked as `alert` does, once; values are checked when they are filled in.
 * @throws {InvalidArgumentError} naming the field
 */
export function alertTemplate<Fields extends FieldValues = FieldValues, Custom extends object = object>(
  options: AlertTemplateOptions<Fields, Custom>,
): NotificationTemplate<Fields> {
  const { aps, custom, ...delivery } = given(options);
  checkOptions("alertTemplate", options, names);
  checkShape("aps", withoutFields(aps, alertApsShape), alertApsShape);
  return new NotificationTemplate<Fields>(
    { ...delivery, pushType: "alert", payload: withCustomKeys(aps, custom) },
    kindAt,
  );
}

/** A value without the values that are a field and nothing else: those are checked when they are filled in. Unknown keys stay. */
function withoutFields(value: unknown, shape: Shape | undefined): unknown {
  if (!isObject(value)) return value;
  const constant = Object.entries(value).filter(
    ([key, entry]) => typeof entry !== "string" || !isField(entry) || shape?.has(key) !== true,
  );
  return Object.fromEntries(constant.map(([key, entry]) => [key, withoutFields(entry, shape?.get(key)?.keys)]));
}

function isField(value: string): boolean {
  return onlyName(piecesOf(value)) !== undefined;
}

/** The kind of value that Apple defines at a path below `aps`. */
function kindAt([first, ...path]: readonly string[]): Kind | undefined {
  if (first !== "aps") return undefined;
  let shape: Kind["keys"] = alertApsShape;
  let kind: Kind | undefined;
  for (const key of path) {
    // Lists are of texts.
    if (kind === texts) return text;
    kind = shape?.get(key);
    shape = kind?.keys;
  }
  return kind;
}
