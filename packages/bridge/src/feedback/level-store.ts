import type { UnregisteredToken } from "@apns/core";
import type { ClassicLevel } from "classic-level";
import type { FeedbackSnapshot, FeedbackStore } from "./feedback-store.js";
import { listIsFull } from "./list-limit.js";

interface Addition {
  readonly key: string;
  readonly topic: string;
  readonly seconds: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Behind a topic in keys, and between the parts of a value. Topics are of printable ASCII, so that it ends them. */
const separator = " ";

/** How many tuples one batch removes: what a removal holds in memory, and how long an addition waits for it. */
const removalBatch = 1_000;

/** A tuple on disk. */
interface Tuple {
  readonly unregisteredAtSeconds: number;
  /** Its place in the order of all additions, which tells what was added or brought up to date behind a snapshot. */
  readonly sequence: number;
}

/**
 * The feedback list on disk, written with fsync. Tuples added while a write is in flight go into the next one
 * together, so that a thousand tuples cost a few writes.
 */
export class LevelFeedbackStore implements FeedbackStore {
  readonly #db: ClassicLevel<string, string>;
  readonly #counts: Map<string, number>;
  readonly #maxPerTopic: number;
  /** Of the newest tuple on disk. */
  #sequence: number;
  #additions: Addition[] = [];
  /** Writes follow one another: a removal must see what was added before it. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    db: ClassicLevel<string, string>,
    counts: Map<string, number>,
    sequence: number,
    maxPerTopic: number,
  ) {
    this.#db = db;
    this.#counts = counts;
    this.#sequence = sequence;
    this.#maxPerTopic = maxPerTopic;
  }

  /** Counts what waits. Keys of other parts of the database begin with lower bytes than topics do. */
  static async load(db: ClassicLevel<string, string>, maxPerTopic: number): Promise<LevelFeedbackStore> {
    const counts = new Map<string, number>();
    let last = 0;
    for await (const [key, value] of db.iterator({ gt: separator })) {
      const topic = key.slice(0, key.indexOf(separator));
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
      last = Math.max(last, decode(value).sequence);
    }
    return new LevelFeedbackStore(db, counts, last, maxPerTopic);
  }

  add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void> {
    return new Promise((resolve, reject) => {
      const key = `${topic}${separator}${deviceToken}`;
      const seconds = Math.floor(unregisteredAt.getTime() / 1000);
      if (this.#additions.push({ key, topic, seconds, resolve, reject }) > 1) return;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  read(topic: string): FeedbackSnapshot {
    const last = this.#sequence;
    return {
      [Symbol.asyncIterator]: () => this.#entries(topic, last),
      remove: (isTaken = () => true) => this.#remove(topic, last, isTaken),
    };
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Resolves when all that was asked for is on disk, or has failed. */
  written(): Promise<void> {
    return this.#writing;
  }

  /** The entries of a topic that are no newer than `last`. */
  async *#entries(topic: string, last: number): AsyncGenerator<UnregisteredToken> {
    const prefix = `${topic}${separator}`;
    // `~` sorts behind every hexadecimal digit.
    for await (const [key, value] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      const { unregisteredAtSeconds, sequence } = decode(value);
      if (sequence > last) continue;
      yield { deviceToken: key.slice(prefix.length), unregisteredAt: new Date(unregisteredAtSeconds * 1000) };
    }
  }

  async #remove(topic: string, last: number, isTaken: (entry: UnregisteredToken) => boolean): Promise<void> {
    let keys: string[] = [];
    for await (const entry of this.#entries(topic, last)) {
      if (!isTaken(entry)) continue;
      keys.push(`${topic}${separator}${entry.deviceToken}`);
      if (keys.length < removalBatch) continue;
      await this.#removeKeys(topic, last, keys);
      keys = [];
    }
    if (keys.length > 0) await this.#removeKeys(topic, last, keys);
  }

  /** Once the writes before it are done, which may have brought some of these tuples up to date. */
  #removeKeys(topic: string, last: number, keys: readonly string[]): Promise<void> {
    const removed = this.#writing.then(async () => {
      const values = await this.#db.getMany([...keys]);
      const unchanged = keys.filter(
        (_, index) => values[index] !== undefined && decode(values[index]).sequence <= last,
      );
      await this.#db.batch(
        unchanged.map((key) => ({ type: "del" as const, key })),
        { sync: true },
      );
      this.#count(topic, -unchanged.length);
    });
    this.#writing = removed.catch(() => {});
    return removed;
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
      const puts = [...newest.values()].map(({ key, seconds }, index) => {
        const value = encode({ unregisteredAtSeconds: seconds, sequence: this.#sequence + 1 + index });
        return { type: "put" as const, key, value };
      });
      await this.#db.batch(puts, { sync: true });
      this.#sequence += puts.length;
    } catch (error) {
      for (const addition of additions) addition.reject(error);
      return;
    }
    for (const [topic, count] of added) this.#count(topic, count);
    for (const { key, topic, resolve, reject } of additions) {
      if (!full.has(key)) resolve();
      else reject(listIsFull(topic, this.#maxPerTopic));
    }
  }

  #count(topic: string, by: number): void {
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + by);
  }
}

function encode({ unregisteredAtSeconds, sequence }: Tuple): string {
  return `${unregisteredAtSeconds}${separator}${sequence}`;
}

function decode(value: string): Tuple {
  const [seconds, sequence = 0] = value.split(separator).map(Number);
  return { unregisteredAtSeconds: seconds!, sequence };
}
