import type { ClassicLevel } from "classic-level";
import {
  asUncertain,
  decodeHeld,
  encodeHeld,
  entryRange,
  keyOf,
  readKey,
  readTryingKey,
  sizeOf,
  tryingKeyOf,
  tryingRange,
} from "./held-entry.js";
import type { HeldNotification, HoldChanges, HoldEntry, HoldSize, HoldStore } from "./hold-store.js";

export interface HoldLimits {
  /** Notifications held per app. */
  readonly maxNotifications: number;
  /** Bytes that they take on disk, per app, before compression. */
  readonly maxBytes: number;
}

interface Addition {
  readonly app: string;
  readonly key: string;
  readonly value: string;
  readonly resolve: (isHeld: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** One record per app: the entries that have gone upstream, and whose verdicts are not in the store yet. */
interface Trying {
  readonly first: number;
  readonly last: number;
}

const nothing: HoldSize = Object.freeze({ notifications: 0, bytes: 0 });

/** Behind every sequence. */
const lastSequence = Number.MAX_SAFE_INTEGER;

/**
 * The hold in a part of the bridge's LevelDB, written with fsync. Notifications added while a write is in flight go into the
 * next one together.
 */
export class LevelHoldStore implements HoldStore {
  readonly #db: ClassicLevel<string, string>;
  readonly #limits: HoldLimits;
  readonly #sizes = new Map<string, HoldSize>();
  #sequence = 0;
  #additions: Addition[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(db: ClassicLevel<string, string>, limits: HoldLimits) {
    this.#db = db;
    this.#limits = limits;
  }

  static async load(db: ClassicLevel<string, string>, limits: HoldLimits): Promise<LevelHoldStore> {
    const store = new LevelHoldStore(db, limits);
    for await (const [key, value] of db.iterator(tryingRange)) {
      await store.#makeUncertain(readTryingKey(key), JSON.parse(value));
    }
    for await (const [key, value] of db.iterator(entryRange)) {
      const { app, sequence } = readKey(key);
      store.#grow(app, 1, sizeOf(value));
      store.#sequence = Math.max(store.#sequence, sequence);
    }
    return store;
  }

  add(app: string, notification: HeldNotification, uncertain: boolean): Promise<boolean> {
    const value = encodeHeld(notification, uncertain);
    const bytes = sizeOf(value);
    const size = this.size(app);
    const { maxNotifications, maxBytes } = this.#limits;
    if (size.notifications >= maxNotifications || size.bytes + bytes > maxBytes) return Promise.resolve(false);
    this.#grow(app, 1, bytes);
    return new Promise((resolve, reject) => {
      const key = keyOf(app, ++this.#sequence);
      if (this.#additions.push({ app, key, value, resolve, reject }) > 1) return;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async read(app: string, after: number, limit: number): Promise<readonly HoldEntry[]> {
    const range = { gt: keyOf(app, after), lte: keyOf(app, lastSequence), limit };
    const found = await this.#db.iterator(range).all();
    return found.map(([key, value]) => decodeHeld(readKey(key).sequence, value));
  }

  async change(app: string, { decided = [], uncertain = [], trying }: HoldChanges): Promise<void> {
    const changed = this.#writing.then(() => {
      const batch = this.#db.batch();
      for (const { sequence } of decided) batch.del(keyOf(app, sequence));
      for (const { sequence, notification } of uncertain)
        batch.put(keyOf(app, sequence), encodeHeld(notification, true));
      if (trying === undefined) batch.del(tryingKeyOf(app));
      else batch.put(tryingKeyOf(app), JSON.stringify(trying));
      return batch.write({ sync: true });
    });
    this.#writing = changed.catch(() => {});
    await changed;
    for (const { bytes } of decided) this.#grow(app, -1, -bytes);
  }

  size(app: string): HoldSize {
    return this.#sizes.get(app) ?? nothing;
  }

  sizes(): ReadonlyMap<string, HoldSize> {
    return this.#sizes;
  }

  written(): Promise<void> {
    return this.#writing;
  }

  /** The process before this one ended while these were upstream. */
  async #makeUncertain(app: string, { first, last }: Trying): Promise<void> {
    const found = await this.#db.iterator({ gte: keyOf(app, first), lte: keyOf(app, last) }).all();
    const batch = this.#db.batch();
    for (const [key, value] of found) batch.put(key, asUncertain(value));
    await batch.del(tryingKeyOf(app)).write({ sync: true });
  }

  async #write(): Promise<void> {
    const additions = this.#additions;
    this.#additions = [];
    try {
      const batch = this.#db.batch();
      for (const { key, value } of additions) batch.put(key, value);
      await batch.write({ sync: true });
    } catch (error) {
      for (const { app, value, reject } of additions) {
        this.#grow(app, -1, -sizeOf(value));
        reject(error);
      }
      return;
    }
    for (const { resolve } of additions) resolve(true);
  }

  #grow(app: string, notifications: number, bytes: number): void {
    const size = this.size(app);
    const grown = { notifications: size.notifications + notifications, bytes: size.bytes + bytes };
    if (grown.notifications === 0) this.#sizes.delete(app);
    else this.#sizes.set(app, grown);
  }
}
