import { ApnsError } from "@apns/core";
import type { ClassicLevel } from "classic-level";
import type { FeedbackEntry, FeedbackStore } from "./feedback-store.js";

interface Addition {
  readonly key: string;
  readonly topic: string;
  readonly seconds: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Behind a topic in keys. Topics are of printable ASCII, so that it ends them. */
const separator = " ";

/**
 * The feedback list on disk, written with fsync. Tuples added while a write is in flight go into the next one
 * together, so that a thousand tuples cost a few writes.
 */
export class LevelFeedbackStore implements FeedbackStore {
  readonly #db: ClassicLevel<string, string>;
  readonly #counts: Map<string, number>;
  readonly #maxPerTopic: number;
  #additions: Addition[] = [];
  /** Writes follow one another: a removal must see what was added before it. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(db: ClassicLevel<string, string>, counts: Map<string, number>, maxPerTopic: number) {
    this.#db = db;
    this.#counts = counts;
    this.#maxPerTopic = maxPerTopic;
  }

  /** Counts what waits. Keys of other parts of the database begin with lower bytes than topics do. */
  static async load(db: ClassicLevel<string, string>, maxPerTopic: number): Promise<LevelFeedbackStore> {
    const counts = new Map<string, number>();
    for await (const key of db.keys({ gt: separator })) {
      const topic = key.slice(0, key.indexOf(separator));
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
    return new LevelFeedbackStore(db, counts, maxPerTopic);
  }

  add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void> {
    return new Promise((resolve, reject) => {
      const key = `${topic}${separator}${deviceToken}`;
      const seconds = Math.floor(unregisteredAt.getTime() / 1000);
      if (this.#additions.push({ key, topic, seconds, resolve, reject }) > 1) return;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async *read(topic: string): AsyncGenerator<FeedbackEntry> {
    const prefix = `${topic}${separator}`;
    // `~` sorts behind every hexadecimal digit.
    for await (const [key, value] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      yield { deviceToken: key.slice(prefix.length), unregisteredAtSeconds: Number(value) };
    }
  }

  remove(topic: string, entries: readonly FeedbackEntry[]): Promise<void> {
    const removed = this.#writing.then(async () => {
      const keys = entries.map(({ deviceToken }) => `${topic}${separator}${deviceToken}`);
      const values = await this.#db.getMany(keys);
      const unchanged = keys.filter((_, index) => values[index] === String(entries[index]!.unregisteredAtSeconds));
      await this.#db.batch(
        unchanged.map((key) => ({ type: "del" as const, key })),
        { sync: true },
      );
      this.#count(topic, -unchanged.length);
    });
    this.#writing = removed.catch(() => {});
    return removed;
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Resolves when all that was asked for is on disk, or has failed. */
  written(): Promise<void> {
    return this.#writing;
  }

  async #write(): Promise<void> {
    const additions = this.#additions;
    this.#additions = [];
    const newest = new Map(additions.map((addition) => [addition.key, addition]));
    const added = new Map<string, number>();
    const full = new Set<string>();
    try {
      const existing = await this.#db.getMany([...newest.keys()]);
      for (const [index, { key, topic }] of [...newest.values()].entries()) {
        if (existing[index] !== undefined) continue;
        const more = added.get(topic) ?? 0;
        if ((this.#counts.get(topic) ?? 0) + more >= this.#maxPerTopic) full.add(key);
        else added.set(topic, more + 1);
      }
      for (const key of full) newest.delete(key);
      await this.#db.batch(
        [...newest.values()].map(({ key, seconds }) => ({ type: "put" as const, key, value: String(seconds) })),
        { sync: true },
      );
    } catch (error) {
      for (const addition of additions) addition.reject(error);
      return;
    }
    for (const [topic, count] of added) this.#count(topic, count);
    for (const { key, topic, resolve, reject } of additions) {
      if (!full.has(key)) resolve();
      else {
        const problem = `${this.#maxPerTopic} feedback tuples wait for ${topic}; read them.`;
        reject(new ApnsError("ERR_APNS_QUEUE_FULL", problem));
      }
    }
  }

  #count(topic: string, by: number): void {
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + by);
  }
}
