import type { UnregisteredToken } from "@apns/core";

const usualMaxEntries = 1_000_000;

/**
 * The tuples that wait at the feedback service: for each topic, the device tokens to which a notification could not be
 * delivered, each once. A topic has a million at most; the oldest makes room for the next one.
 */
export class FeedbackList {
  readonly #maxEntries: number;
  readonly #topics = new Map<string, Map<string, number>>();

  /** @param maxEntries for each topic */
  constructor(maxEntries: number = usualMaxEntries) {
    this.#maxEntries = maxEntries;
  }

  /** @param unregisteredAt milliseconds since the epoch, as the simulator's clock has them */
  add(topic: string, deviceToken: string, unregisteredAt: number): void {
    let entries = this.#topics.get(topic);
    if (entries === undefined) {
      entries = new Map();
      this.#topics.set(topic, entries);
    }
    if (entries.size >= this.#maxEntries && !entries.has(deviceToken)) entries.delete(entries.keys().next().value!);
    entries.set(deviceToken, unregisteredAt);
  }

  /** Adds entries that were taken and not delivered; those added for the same device tokens since then are newer. */
  putBack(topic: string, entries: readonly UnregisteredToken[]): void {
    const since = this.take(topic);
    for (const { deviceToken, unregisteredAt } of [...entries, ...since]) {
      this.add(topic, deviceToken, unregisteredAt.getTime());
    }
  }

  /** The app was installed again: its entry is removed. */
  forget(topic: string, deviceToken: string): void {
    this.#topics.get(topic)?.delete(deviceToken);
  }

  /** How many wait for this topic. */
  size(topic: string): number {
    return this.#topics.get(topic)?.size ?? 0;
  }

  /** The entries for this topic, left where they are. */
  list(topic: string): UnregisteredToken[] {
    return entriesOf(this.#topics.get(topic));
  }

  /** Removes the entries for this topic, or all. */
  clear(topic?: string): void {
    if (topic === undefined) this.#topics.clear();
    else this.#topics.delete(topic);
  }

  /**
   * Takes all entries of a topic off the list. Apple clears the list when it is read (documentation); what a reader that
   * dies half-way misses is lost, and two readers with one certificate steal from each other.
   */
  take(topic: string): UnregisteredToken[] {
    const entries = this.#topics.get(topic);
    this.#topics.delete(topic);
    return entriesOf(entries);
  }
}

function entriesOf(entries: ReadonlyMap<string, number> | undefined): UnregisteredToken[] {
  return Array.from(entries ?? [], ([deviceToken, unregisteredAt]) => ({
    deviceToken,
    unregisteredAt: new Date(unregisteredAt),
  }));
}
