// Checks of the parts of a payload, shared by the functions of this folder.
import { generatingNotifications } from "../apple-pages.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import { type DeliveryOptions, Notification, type NotificationOptions } from "../notification.js";
import { compareToShape, isObject, type Shape } from "../payload/shape.js";
import type { KnownPushType } from "../push-type.js";

/** Returns `value` if it is an object and no array, else throws naming `field`. */
export function checkObject(field: string, value: unknown, source: string = generatingNotifications): object {
  if (isObject(value)) return value;
  throw new InvalidArgumentError(field, `${show(value)} is not an object with keys.`, { source });
}

/** Returns the options of a function, if they are an object, else throws. */
export function given<Options extends object>(options: Options): Options {
  checkObject("options", options);
  return options;
}

/**
 * Returns `value` if it is an object with the keys and kinds of values that Apple defines, else throws naming the key. What does
 * not compile in TypeScript is refused in JavaScript as well; `notification` takes any payload.
 */
export function checkShape(
  field: string,
  value: unknown,
  shape: Shape,
  source: string = generatingNotifications,
): object {
  const object = checkObject(field, value, source);
  compareToShape(object as Readonly<Record<string, unknown>>, shape, field, ({ path, problem }) => {
    throw new InvalidArgumentError(path, problem, { source });
  });
  return object;
}

/**
 * The notification of a function for a push type, which sets the push type and the payload itself.
 * @param delivery an object of this function's own, such as the rest of a destructuring: it is changed, since one more spread
 * costs 3 µs, a quarter of all that `alert` does
 */
export function makeNotification(pushType: KnownPushType, delivery: DeliveryOptions, payload: object): Notification {
  const options = delivery as { -readonly [Name in keyof NotificationOptions]: NotificationOptions[Name] };
  if (options.pushType !== undefined) throw setByFunction("pushType", pushType);
  if (options.payload !== undefined) throw setByFunction("payload", pushType);
  options.pushType = pushType;
  options.payload = payload;
  return new Notification(options);
}

function setByFunction(field: string, pushType: KnownPushType): InvalidArgumentError {
  return new InvalidArgumentError(field, `is set by the function for push type ${pushType}; notification() takes it.`);
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
