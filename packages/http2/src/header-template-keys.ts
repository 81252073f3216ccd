import type { Notification } from "@apns/core";

/** How many keys are kept; beyond that all are forgotten, and found anew. */
const maxKeys = 64;

/**
 * Canonical cache keys: notifications with the same header fields, whatever their payload, share one, and with it the header
 * template that a connection has prepared. A payload of its own for each device would otherwise cost its header block each time.
 */
export class HeaderTemplateKeys {
  readonly #keys = new Map<string, Notification>();
  #last: Notification | undefined;
  #lastKey: Notification | undefined;

  /** The notification that is the key of all that have header fields like this one. */
  keyOf(notification: Notification): Notification {
    if (notification === this.#last) return this.#lastKey!;
    const key =
      this.#lastKey !== undefined && haveSameFields(notification, this.#lastKey)
        ? this.#lastKey
        : this.#find(notification);
    this.#last = notification;
    this.#lastKey = key;
    return key;
  }

  #find(notification: Notification): Notification {
    const { topic, pushType, priority, expiration, collapseId } = notification;
    // A text of a topic is never empty and has no blanks. The collapse id is last, since it alone may hold anything.
    const fields = `${topic ?? ""} ${pushType} ${priority} ${expiration} ${collapseId === undefined ? "" : `=${collapseId}`}`;
    const known = this.#keys.get(fields);
    if (known !== undefined) return known;
    if (this.#keys.size >= maxKeys) this.#keys.clear();
    this.#keys.set(fields, notification);
    return notification;
  }
}

function haveSameFields(one: Notification, other: Notification): boolean {
  return (
    one.pushType === other.pushType &&
    one.priority === other.priority &&
    one.expiration === other.expiration &&
    one.topic === other.topic &&
    one.collapseId === other.collapseId
  );
}
