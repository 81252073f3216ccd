import { liveActivities } from "../apple-pages.js";
import { InvalidArgumentError } from "../errors.js";
import { checkText } from "../internal/check.js";
import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import type { UnixSeconds } from "../payload/aps.js";
import { liveActivityApsShape } from "../payload/aps-shapes.js";
import type { CustomKeys } from "../payload/json.js";
import type { LiveActivityEndAps, LiveActivityStartAps, LiveActivityUpdateAps } from "../payload/live-activity-aps.js";
import { checkObject, checkShape, given, makeNotification, withCustomKeys } from "./payload-parts.js";

/** Apple's page allows priority 5 and 10. Pushes with 10 count against the hourly budget of an app on a device. */
interface LiveActivityOptions<Custom extends object> extends DeliveryOptions<5 | 10> {
  /** Your own keys; they stand beside `aps` in the payload. */
  readonly custom?: CustomKeys<Custom>;
}

export interface LiveActivityStartOptions<
  Attributes extends object = object,
  ContentState extends object = object,
  Custom extends object = object,
> extends LiveActivityOptions<Custom> {
  readonly aps: LiveActivityStartAps<Attributes, ContentState>;
}

export interface LiveActivityUpdateOptions<ContentState extends object = object, Custom extends object = object>
  extends LiveActivityOptions<Custom> {
  readonly aps: LiveActivityUpdateAps<ContentState>;
}

export interface LiveActivityEndOptions<ContentState extends object = object, Custom extends object = object>
  extends LiveActivityOptions<Custom> {
  readonly aps: LiveActivityEndAps<ContentState>;
}

const names = namesWith<LiveActivityStartOptions>({ aps: true, custom: true });

/**
 * Starts a Live Activity on devices that have never shown it; sent to the app's push-to-start token.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes, unless told to `fit`
 */
function start<Attributes extends object, ContentState extends object, Custom extends object = object>(
  options: LiveActivityStartOptions<Attributes, ContentState, Custom>,
): Notification {
  const delivery = given(options);
  const { aps, custom } = delivery;
  checkObject("aps", aps, liveActivities);
  checkText("aps.attributes-type", aps["attributes-type"], liveActivities);
  checkObject("aps.attributes", aps.attributes, liveActivities);
  checkObject("aps.content-state", aps["content-state"], liveActivities);
  checkObject("aps.alert", aps.alert, liveActivities);
  return make("start", aps, custom, delivery);
}

/**
 * Updates a Live Activity; sent to the activity's own push token.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes, unless told to `fit`
 */
function update<ContentState extends object, Custom extends object = object>(
  options: LiveActivityUpdateOptions<ContentState, Custom>,
): Notification {
  const delivery = given(options);
  const { aps, custom } = delivery;
  checkObject("aps", aps, liveActivities);
  checkObject("aps.content-state", aps["content-state"], liveActivities);
  return make("update", aps, custom, delivery);
}

/**
 * Ends a Live Activity; sent to the activity's own push token.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes, unless told to `fit`
 */
function end<ContentState extends object, Custom extends object = object>(
  options: LiveActivityEndOptions<ContentState, Custom>,
): Notification {
  const delivery = given(options);
  const { aps, custom } = delivery;
  checkObject("aps", aps, liveActivities);
  return make("end", aps, custom, delivery);
}

/**
 * Starts, updates and ends Live Activities. Topic suffix `.push-type.liveactivity`.
 *
 * Source: Apple, "Starting and updating Live Activities with ActivityKit push notifications".
 */
export const liveActivity: {
  readonly start: typeof start;
  readonly update: typeof update;
  readonly end: typeof end;
} = Object.freeze({ start, update, end });

function make(
  event: "start" | "update" | "end",
  aps: object & { readonly timestamp?: UnixSeconds },
  custom: object | undefined,
  delivery: DeliveryOptions,
): Notification {
  const complete = { ...aps, timestamp: aps.timestamp ?? new Date(), event };
  const written = Object.entries(complete).map(([key, value]) => [
    key,
    value instanceof Date ? unixSeconds(`aps.${key}`, value) : value,
  ]);
  const checked = checkShape("aps", Object.fromEntries(written), liveActivityApsShape, liveActivities);
  return makeNotification("liveactivity", delivery, names, withCustomKeys(checked, custom));
}

function unixSeconds(field: string, date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!Number.isNaN(seconds)) return seconds;
  throw new InvalidArgumentError(field, "the Date is invalid.", { source: liveActivities });
}
