import type { UnregisteredToken } from "@apns/core";

const maxEntries = 1_000_000;

/**
 * What waits to be read at the feedback service: for each topic, the device tokens to which a notification could not be
 * delivered, each once. Of a million for a topic the oldest falls out for the next one.
 */
export class FeedbackList {
  readonly #topics = new Map<string, Map<string, number>>();

  /** @param unregisteredAt milliseconds since the epoch, as the simulator's clock has them */
  add(topic: string, deviceToken: string, unregisteredAt: number): void {
    let entries = this.#topics.get(topic);
    if (entries === undefined) {
      entries = new Map();
      this.#topics.set(topic, entries);
    }
    if (entries.size >= maxEntries && !entries.has(deviceToken)) entries.delete(entries.keys().next().value!);
    entries.set(deviceToken, unregisteredAt);
  }

  /** What somebody was to be told and was not; what came for the same device tokens since is newer. */
  putBack(topic: string, entries: readonly UnregisteredToken[]): void {
    const since = this.take(topic);
    for (const { deviceToken, unregisteredAt } of [...entries, ...since]) {
      this.add(topic, deviceToken, unregisteredAt.getTime());
    }
  }

  /** The app was installed again: nothing is to be told any more. */
  forget(topic: string, deviceToken: string): void {
    this.#topics.get(topic)?.delete(deviceToken);
  }

  /** How many wait for this topic. */
  size(topic: string): number {
    return this.#topics.get(topic)?.size ?? 0;
  }

  /** What waits for this topic. */
  list(topic: string): UnregisteredToken[] {
    return entriesOf(this.#topics.get(topic));
  }

  /** Nothing waits any more, for this topic or for any. */
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
