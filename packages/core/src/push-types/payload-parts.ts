// Checks of the parts of a payload, shared by the functions of this folder.
import { generatingNotifications } from "../apple-pages.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import type { OptionNames } from "../internal/check-options.js";
import { type Notification, notificationOf } from "../notification.js";
import { checkOptionNames, type DeliveryOptions, type NotificationOptions } from "../notification-options.js";
import { makeParts } from "../notification-parts.js";
import { compareToShape, isObject, type Shape } from "../payload/shape.js";
import type { KnownPushType } from "../push-type.js";

/** Returns `value` if it is an object and no array, else throws naming `field`. */
export function checkObject(field: string, value: unknown, source: string = generatingNotifications): object {
  if (isObject(value)) return value;
  throw new InvalidArgumentError(field, `${show(value)} is not an object with keys.`, { source });
}

/**
 * Returns a copy of the options of a function, if they are an object, else throws.
 *
 * V8 gives each object that is made by `{ ...base, more }` a hidden class of its own; to read ten options of one takes 5 µs. All
 * copies by `Object.assign` that have the same keys have the same class, which a copy by a spread has not.
 */
export function given<Options extends object>(options: Options): Options {
  checkObject("options", options);
  return Object.assign({}, options);
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
 * @param options those of {@link given}
 * @param names of all options of the function; see `namesWith`
 */
export function makeNotification(
  pushType: KnownPushType,
  options: DeliveryOptions,
  names: OptionNames,
  payload: object,
): Notification {
  const { pushType: ownPushType, payload: ownPayload } = options as Partial<NotificationOptions>;
  if (ownPushType !== undefined) throw setByFunction("pushType", pushType);
  if (ownPayload !== undefined) throw setByFunction("payload", pushType);
  checkOptionNames(options, names);
  return notificationOf(makeParts(pushType, payload, options));
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
