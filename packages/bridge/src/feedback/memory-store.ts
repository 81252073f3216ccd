import type { UnregisteredToken } from "@apns/core";
import { checkInteger } from "@apns/core/internal";
import type { FeedbackSnapshot, FeedbackStore } from "./feedback-store.js";
import { listIsFull, usualMaxPerTopic } from "./list-limit.js";

/**
 * A feedback list that does not outlive the process: for trials and tests.
 * @param options.maxPerTopic how many feedback tuples wait per topic at most. @default 1_000_000
 */
export function memoryFeedbackStore(options: { readonly maxPerTopic?: number } = {}): FeedbackStore {
  return new MemoryFeedbackStore(checkInteger("maxPerTopic", options.maxPerTopic ?? usualMaxPerTopic, 1));
}

/** A token on the list, and when it was added or brought up to date, as a place in the order of all additions. */
interface Tuple {
  readonly unregisteredAtSeconds: number;
  readonly sequence: number;
}

class MemoryFeedbackStore implements FeedbackStore {
  readonly #maxPerTopic: number;
  readonly #topics = new Map<string, Map<string, Tuple>>();
  #sequence = 0;

  constructor(maxPerTopic: number) {
    this.#maxPerTopic = maxPerTopic;
  }

  async add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void> {
    let list = this.#topics.get(topic);
    if (list === undefined) {
      list = new Map();
      this.#topics.set(topic, list);
    }
    if (list.size >= this.#maxPerTopic && !list.has(deviceToken)) throw listIsFull(topic, this.#maxPerTopic);
    const unregisteredAtSeconds = Math.floor(unregisteredAt.getTime() / 1000);
    list.set(deviceToken, { unregisteredAtSeconds, sequence: ++this.#sequence });
  }

  read(topic: string): FeedbackSnapshot {
    const list = this.#topics.get(topic) ?? new Map<string, Tuple>();
    const last = this.#sequence;
    // A Map may be changed while it is iterated over.
    function* entries(): Generator<UnregisteredToken> {
      for (const [deviceToken, { unregisteredAtSeconds, sequence }] of list) {
        if (sequence <= last) yield { deviceToken, unregisteredAt: new Date(unregisteredAtSeconds * 1000) };
      }
    }
    return {
      async *[Symbol.asyncIterator]() {
        yield* entries();
      },
      async remove(isTaken = () => true) {
        for (const entry of entries()) if (isTaken(entry)) list.delete(entry.deviceToken);
      },
    };
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#topics].map(([topic, list]) => [topic, list.size]));
  }
}
