import type { FeedbackEntry, FeedbackStore } from "./feedback-store.js";

/** A feedback list that does not outlive the process: for trials and tests. */
export function memoryFeedbackStore(): FeedbackStore {
  return new MemoryFeedbackStore();
}

class MemoryFeedbackStore implements FeedbackStore {
  readonly #topics = new Map<string, Map<string, number>>();

  async add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void> {
    let list = this.#topics.get(topic);
    if (list === undefined) {
      list = new Map();
      this.#topics.set(topic, list);
    }
    list.set(deviceToken, Math.floor(unregisteredAt.getTime() / 1000));
  }

  async *read(topic: string): AsyncGenerator<FeedbackEntry> {
    for (const [deviceToken, unregisteredAtSeconds] of [...(this.#topics.get(topic) ?? [])]) {
      yield { deviceToken, unregisteredAtSeconds };
    }
  }

  async remove(topic: string, entries: readonly FeedbackEntry[]): Promise<void> {
    const list = this.#topics.get(topic);
    for (const { deviceToken, unregisteredAtSeconds } of entries) {
      if (list?.get(deviceToken) === unregisteredAtSeconds) list.delete(deviceToken);
    }
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#topics].map(([topic, list]) => [topic, list.size]));
  }
}
