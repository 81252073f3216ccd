import {
  type DeliveryOptions,
  InvalidArgumentError,
  type Notification,
  type NotificationTemplate,
  notification,
  notificationTemplate,
  type Priority,
  type PushType,
} from "@apns/core";
import { show } from "@apns/core/internal";
import { isObject, lay, parseJson, usualPushType } from "../payload/build-payload.js";
import { parseExpiration } from "./delivery.js";
import type { Target } from "./targets/target.js";

/** What the command line says of the notification; each line may say otherwise. */
export interface NotificationBase {
  /** `undefined`: every line brings its own. */
  readonly payload: object | string | undefined;
  /** `undefined`: by what the payload holds. */
  readonly pushType: PushType | undefined;
  readonly delivery: DeliveryOptions;
}

/** A line lacks what its notification is made of. */
export class IncompleteLineError extends Error {
  override readonly name = "IncompleteLineError";
}

/** Makes the notification of each line; one and the same for all where nothing differs. */
export class NotificationMaker {
  readonly #base: NotificationBase;
  /** The payload as an object, where fields are to be filled in or something laid over it. */
  readonly #payload: Record<string, unknown> | undefined;
  /** Of every line without anything of its own; `undefined` if the payload is no object. */
  readonly #template: NotificationTemplate | undefined;
  /** The notification that every line without anything of its own gets; `undefined` if there can be none. */
  readonly shared: Notification | undefined;

  /** @throws {InvalidArgumentError} if the notification is the same for all and cannot be */
  constructor(base: NotificationBase) {
    this.#base = base;
    const { payload, pushType, delivery } = base;
    const value = typeof payload === "string" ? parseJson(payload) : payload;
    this.#payload = isObject(value) ? value : undefined;
    this.#template = this.#payload === undefined ? undefined : templateOf(this.#payload, pushType, delivery);
    const varies = this.#template !== undefined && this.#template.fields.length > 0;
    this.shared =
      payload === undefined || varies
        ? undefined
        : notification({ ...delivery, pushType: pushType ?? usualPushType(payload), payload });
  }

  /**
   * @throws {IncompleteLineError} if the line lacks a merge field, or a payload
   * @throws {InvalidArgumentError} if what comes out cannot be a notification
   * @throws {UsageError} if the line's expiration is none
   */
  for({ payload, fields, delivery }: Target): Notification {
    if (payload === undefined && this.#base.payload === undefined) throw new IncompleteLineError('has no "payload"');
    const { apnsId: _, pushType, ...own } = delivery;
    const isPlain = payload === undefined && pushType === undefined && Object.keys(own).length === 0;
    if (isPlain && this.shared !== undefined) return this.shared;
    if (isPlain && this.#template !== undefined) return fill(this.#template, fields);
    const laid = lay(payload ?? {}, this.#payload ?? {}) as Record<string, unknown>;
    const { collapseId, topic, priority, expiration } = own;
    const template = templateOf(laid, pushType ?? this.#base.pushType, {
      ...this.#base.delivery,
      ...(collapseId === undefined ? {} : { collapseId }),
      ...(topic === undefined ? {} : { topic }),
      ...(priority === undefined ? {} : { priority: priority as Priority }),
      ...(expiration === undefined ? {} : { expiration: parseExpiration(expiration) }),
    });
    return fill(template, fields);
  }
}

function templateOf(payload: object, pushType: PushType | undefined, delivery: DeliveryOptions): NotificationTemplate {
  return notificationTemplate({ ...delivery, pushType: pushType ?? usualPushType(payload), payload });
}

function fill(template: NotificationTemplate, fields: Target["fields"]): Notification {
  try {
    return template.fill(fields);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError) || error.code !== "ERR_APNS_MISSING_FIELD") throw error;
    const name = error.field.replace(/^fields\./, "");
    throw new IncompleteLineError(`has no field ${show(name)}, which the payload asks for`);
  }
}
