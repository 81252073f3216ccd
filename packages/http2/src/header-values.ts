import type { Notification } from "@apns/core";
import type { FieldValues } from "@apns/h2";
import { deliveryValues, topicOf } from "./request-headers.js";

/**
 * The values of the header fields of notifications. Those that follow one another and are delivered alike, whatever their payload,
 * have the same list: a connection has its octets at hand.
 */
export class HeaderValues {
  readonly #defaultTopic: string | undefined;
  #notification: Notification | undefined;
  #values: FieldValues = [];

  /** @param defaultTopic - of notifications that name none */
  constructor(defaultTopic: string | undefined) {
    this.#defaultTopic = defaultTopic;
  }

  /** The values, in the order of `deliveryFields`. */
  of(notification: Notification): FieldValues {
    const last = this.#notification;
    if (notification === last) return this.#values;
    if (last === undefined || !isDeliveredAlike(notification, last)) {
      this.#values = deliveryValues(notification, topicOf(notification, this.#defaultTopic));
    }
    this.#notification = notification;
    return this.#values;
  }
}

function isDeliveredAlike(one: Notification, other: Notification): boolean {
  return (
    one.pushType === other.pushType &&
    one.priority === other.priority &&
    one.expiration === other.expiration &&
    one.topic === other.topic &&
    one.collapseId === other.collapseId
  );
}
