import type { Notification } from "@apns/core";

/** How many kinds are kept; beyond that all are forgotten, and prepared anew. */
const maxKinds = 64;

/**
 * Which notifications have the same header fields, whatever they say: those share what a connection has prepared. A
 * payload of its own for each device, the usual campaign, would otherwise cost its header block each time.
 */
export class HeaderKinds {
  readonly #kinds = new Map<string, Notification>();
  #last: Notification | undefined;
  #lastKind: Notification | undefined;

  /** The notification that stands for all that have header fields like this one. */
  kindOf(notification: Notification): Notification {
    if (notification === this.#last) return this.#lastKind!;
    const kind =
      this.#lastKind !== undefined && haveSameFields(notification, this.#lastKind)
        ? this.#lastKind
        : this.#find(notification);
    this.#last = notification;
    this.#lastKind = kind;
    return kind;
  }

  #find(notification: Notification): Notification {
    const { topic, pushType, priority, expiration, collapseId } = notification;
    // A text of a topic is never empty and has no blanks. The collapse id is last, since it alone may hold anything.
    const key = `${topic ?? ""} ${pushType} ${priority} ${expiration} ${collapseId === undefined ? "" : `=${collapseId}`}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    if (this.#kinds.size >= maxKinds) this.#kinds.clear();
    this.#kinds.set(key, notification);
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
