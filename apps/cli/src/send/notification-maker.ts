import { type DeliveryOptions, type Notification, notification, type Priority, type PushType } from "@apns/core";
import { isObject, lay, parseJson, usualPushType } from "../payload/build-payload.js";
import { parseExpiration } from "./delivery.js";
import { hasFields, MissingFieldError, merge } from "./merge.js";
import type { Target } from "./targets/target.js";

/** What the command line says of the notification; each line may say otherwise. */
export interface NotificationBase {
  /** `undefined`: every line brings its own. */
  readonly payload: object | string | undefined;
  /** `undefined`: by what the payload holds. */
  readonly pushType: PushType | undefined;
  readonly delivery: DeliveryOptions;
}

/** Makes the notification of each line; one and the same for all where nothing differs. */
export class NotificationMaker {
  readonly #base: NotificationBase;
  /** The payload as an object, where fields are to be put in or something laid over it. */
  readonly #template: Record<string, unknown> | undefined;
  /** The notification that every line without anything of its own gets; `undefined` if there can be none. */
  readonly shared: Notification | undefined;

  /** @throws {InvalidArgumentError} if the notification is the same for all and cannot be */
  constructor(base: NotificationBase) {
    this.#base = base;
    const { payload } = base;
    const value = typeof payload === "string" ? parseJson(payload) : payload;
    this.#template = isObject(value) ? value : undefined;
    const varies = hasFields(this.#template) || hasFields(base.delivery.collapseId);
    this.shared = payload === undefined || varies ? undefined : this.#make(payload, base.delivery, base.pushType);
  }

  /**
   * @throws {MissingFieldError} if the line lacks a merge field
   * @throws {InvalidArgumentError} if what comes out cannot be a notification
   * @throws {UsageError} if the line's expiration is none
   */
  for(target: Target): Notification {
    const { payload, fields, delivery } = target;
    if (payload === undefined && this.#base.payload === undefined) throw new MissingFieldError('has no "payload"');
    const { apnsId: _, pushType, ...own } = delivery;
    const isPlain = payload === undefined && pushType === undefined && Object.keys(own).length === 0;
    if (isPlain && this.shared !== undefined) return this.shared;
    const { collapseId, ...common } = this.#base.delivery;
    const laid = lay(payload ?? {}, this.#template ?? {});
    return this.#make(
      merge(laid, fields) as object,
      {
        ...common,
        ...(collapseId === undefined ? {} : { collapseId: String(merge(collapseId, fields)) }),
        ...(own.collapseId === undefined ? {} : { collapseId: own.collapseId }),
        ...(own.topic === undefined ? {} : { topic: own.topic }),
        ...(own.priority === undefined ? {} : { priority: own.priority as Priority }),
        ...(own.expiration === undefined ? {} : { expiration: parseExpiration(own.expiration) }),
      },
      pushType ?? this.#base.pushType,
    );
  }

  #make(payload: object | string, delivery: DeliveryOptions, pushType: PushType | undefined): Notification {
    return notification({ ...delivery, pushType: pushType ?? usualPushType(payload), payload });
  }
}
