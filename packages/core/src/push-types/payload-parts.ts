// Checks of the parts of a payload, shared by the functions of this folder.
import { generatingNotifications } from "../apple-pages.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";

/** Returns `value` if it is an object and no array, else throws naming `field`. */
export function checkObject(field: string, value: unknown, source: string = generatingNotifications): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new InvalidArgumentError(field, `${show(value)} is not an object with keys.`, { source });
}

/** A payload with the sender's own keys beside `aps`. */
export function withCustomKeys(aps: object, custom: object | undefined): object {
  checkObject("aps", aps);
  if (custom === undefined) return { aps };
  checkObject("custom", custom);
  if (Object.hasOwn(custom, "aps")) {
    throw new InvalidArgumentError("custom", 'holds a key "aps"; Apple\'s dictionary goes into `aps`.', {
      source: generatingNotifications,
    });
  }
  return { aps, ...custom };
}
