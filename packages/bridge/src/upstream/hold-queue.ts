import { type Clock, Notification, type Priority, topicFor } from "@apns/core";
import { BackOff, Fifo } from "@apns/core/internal";
import type { HeldNotification, HoldEntry, HoldSize, HoldStore } from "../hold/hold-store.js";
import { Delivery, type Prepared, takeLeft } from "./delivery.js";
import { prepare } from "./translate.js";
import { acceptedVerdict } from "./verdict.js";

/** Entries that are read, sent and removed together: what a drain has in memory. */
const entriesPerRead = 1_000;

/** Between attempts while upstream takes nothing, in milliseconds. Without jitter: one probe at a time is no crowd. */
const betweenProbes = { baseMs: 1_000, maxMs: 30_000, random: () => 1 };

export interface HoldQueueHandlers {
  /** Sends an attempt at a held notification upstream. @param isUncertain whether upstream may have processed it before */
  readonly send: (attempt: Delivery, isUncertain: boolean) => void;
  /** Sends a delivery that is not to be held, as if there were no hold. */
  readonly pass: (delivery: Delivery) => void;
  /** Whether upstream is away. */
  readonly isAway: () => boolean;
  /** The topic of the app as it is now. */
  readonly topic: () => string;
  /** A held notification is dropped: its expiry has passed, or no notification can be made of it any more. */
  readonly onDropped: (held: HeldNotification, cause: "Expired" | "NotSendable") => void;
  /** The first notification is held, or so many were found when the queue was started. */
  readonly onBegan: (notifications: number) => void;
  /** All that was held is decided. */
  readonly onEmptied: (notifications: number) => void;
  /** There is no room for more; told once, until there is. */
  readonly onFull: (size: HoldSize) => void;
  /** The store could not be written or read. */
  readonly onFailed: (error: Error) => void;
}

type State =
  /** Nothing is sent out of the store: the queue was not started, or is stopping. */
  | { readonly kind: "stopped" }
  /** Nothing is held. */
  | { readonly kind: "idle" }
  /** Entries are sent, oldest first. */
  | { readonly kind: "draining" }
  /** Waiting for the next attempt, or until upstream is back. */
  | { readonly kind: "pausing"; readonly wake: () => void };

/**
 * The durable hold of one app. While upstream is away, deliveries are written to the store, and are then success for their
 * senders. They go out in the order in which they came: a delivery that comes while older ones wait in the store is held there,
 * too, or waits in memory behind them once they go out. One attempt at a time probes an upstream that is away.
 */
export class HoldQueue {
  readonly #app: string;
  readonly #store: HoldStore;
  readonly #clock: Clock;
  readonly #handlers: HoldQueueHandlers;
  readonly #backOff = new BackOff(betweenProbes);
  #state: State = { kind: "stopped" };
  #isRunning = false;
  /** Deliveries that wait in memory for older ones in the store to go out. */
  readonly #behind = new Fifo<Delivery>();
  /** Of the newest entry that has gone out. */
  #sentSequence = 0;
  /** Entries are read from behind this one. */
  #cursor = 0;
  /** Notifications held that have not gone out, those that are being written included. */
  #waiting = 0;
  #decided = 0;
  /** What operators were told. */
  #isHolding = false;
  #isFull = false;
  #isFailing = false;
  #last: { readonly held: HeldNotification; readonly topic: string; readonly prepared: Prepared } | undefined;

  constructor(app: string, store: HoldStore, clock: Clock, handlers: HoldQueueHandlers) {
    this.#app = app;
    this.#store = store;
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** What is held, on disk. */
  get size(): HoldSize {
    return this.#store.size(this.#app);
  }

  /** Whether entries are sent, so that verdicts may be missing in the store. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Deliveries that wait in memory behind those in the store. */
  get behind(): number {
    return this.#behind.size;
  }

  /** Begins to send what is held. */
  start(): void {
    if (this.#state.kind !== "stopped") return;
    this.#state = { kind: "idle" };
    if (this.#isRunning) return;
    this.#beginAnew();
    if (this.#waiting === 0) return;
    this.#tellBegan(this.#waiting);
    this.#run();
  }

  /** Sends nothing more; entries that are upstream are decided. What waits in memory goes to the store. */
  stop(): void {
    const state = this.#state;
    this.#state = { kind: "stopped" };
    if (state.kind === "pausing") state.wake();
    for (const delivery of this.#behind.clear()) this.put(delivery, () => this.#handlers.pass(delivery));
  }

  /** Upstream is back: what is held goes out. */
  onReachable(): void {
    this.#backOff.succeeded();
    if (this.#state.kind === "pausing") this.#state.wake();
  }

  /** Upstream is away: what waits in memory goes to the store. */
  onUnreachable(): void {
    this.#letFollow();
  }

  /** Takes a delivery that must not go upstream now; returns false if it may. */
  takes(delivery: Delivery): boolean {
    const isAway = this.#handlers.isAway();
    if (this.#waiting === 0 && !isAway) return false;
    if (isAway || this.#state.kind === "stopped") this.put(delivery, () => this.#handlers.pass(delivery));
    else this.#behind.push(delivery);
    return true;
  }

  /** Deliveries of senders that have left, taken out of those that wait in memory. */
  takeLeft(): Delivery[] {
    return takeLeft(this.#behind);
  }

  /**
   * Writes a delivery to the store; it is success then.
   * @param otherwise called if it cannot be held: it must not be stored at all, there is no room, or the store fails
   */
  put(delivery: Delivery, otherwise: () => void): void {
    if (!isHoldable(delivery, this.#clock.now())) {
      otherwise();
      return;
    }
    this.#waiting++;
    const notHeld = (): void => {
      otherwise();
      this.#waiting--;
      this.#letFollow();
    };
    const held = heldOf(delivery, new Date(this.#clock.now()));
    this.#store.add(this.#app, held, delivery.unconfirmedRetries > 0).then(
      (isHeld) => {
        if (!isHeld) {
          this.#tellFull();
          notHeld();
          return;
        }
        this.#isFailing = false;
        this.#tellBegan(1);
        delivery.hold = "held";
        delivery.settle(acceptedVerdict);
        this.#run();
      },
      (error: Error) => {
        this.#tellFailed(error);
        notHeld();
      },
    );
  }

  #tellBegan(notifications: number): void {
    if (!this.#isHolding) this.#handlers.onBegan(notifications);
    this.#isHolding = true;
  }

  #tellFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#handlers.onFull(this.size);
  }

  #tellFailed(error: Error): void {
    if (!this.#isFailing) this.#handlers.onFailed(error);
    this.#isFailing = true;
  }

  /** All that is held is to be sent, from the oldest on. */
  #beginAnew(): void {
    this.#cursor = 0;
    this.#sentSequence = 0;
    this.#waiting = this.size.notifications;
  }

  #run(): void {
    if (this.#isRunning) {
      if (this.#state.kind === "pausing" && !this.#handlers.isAway()) this.#state.wake();
      return;
    }
    if (this.#state.kind !== "idle") return;
    this.#isRunning = true;
    this.#drain()
      .catch((error: Error) => {
        // Whatever is read or sent from now on must not wait for a store that cannot be read.
        this.#waiting = 0;
        this.#tellFailed(error);
      })
      .finally(() => {
        this.#isRunning = false;
        if (this.#state.kind !== "stopped") this.#state = { kind: "idle" };
        this.#letFollow();
      });
  }

  /** Sends entries until none is left, or the queue is stopped. */
  async #drain(): Promise<void> {
    while (this.#state.kind !== "stopped") {
      this.#state = { kind: "draining" };
      const limit = this.#handlers.isAway() ? 1 : entriesPerRead;
      const entries = await this.#store.read(this.#app, this.#cursor, limit);
      if (this.#isStopped()) return;
      const undecided = await this.#send(entries);
      if (this.size.notifications === 0) {
        this.#handlers.onEmptied(this.#decided);
        this.#decided = 0;
        this.#isHolding = false;
        return;
      }
      if (entries.length === 0) {
        // A verdict is missing on some, or more are being written.
        this.#cursor = 0;
      } else {
        if (undecided === 0) this.#backOff.succeeded();
        if (undecided === 0 || !this.#handlers.isAway()) continue;
        this.#beginAnew();
      }
      await this.#pause();
    }
  }

  /** Sends entries, and removes from the store those that are decided; returns how many are not. */
  async #send(entries: readonly HoldEntry[]): Promise<number> {
    if (entries.length === 0) return 0;
    const [first, last] = [entries[0]!.sequence, entries.at(-1)!.sequence];
    await this.#store.change(this.#app, { trying: { first, last } });
    const attempts = entries.map((entry) => this.#attempt(entry));
    const fresh = entries.filter(({ sequence }) => sequence > this.#sentSequence).length;
    this.#cursor = last;
    this.#sentSequence = Math.max(this.#sentSequence, last);
    this.#waiting = Math.max(0, this.#waiting - fresh);
    this.#letFollow();
    const results = await Promise.all(attempts);
    const undecided = results.filter(({ isDecided }) => !isDecided);
    const decided = results.filter(({ isDecided }) => isDecided).map(({ entry }) => entry);
    const uncertain = undecided.filter(({ isUncertain }) => isUncertain).map(({ entry }) => entry);
    await this.#store.change(this.#app, { decided, uncertain });
    this.#decided += decided.length;
    if (decided.length > 0) this.#isFull = false;
    return undecided.length;
  }

  #attempt(entry: HoldEntry): Promise<Attempt> {
    const { notification: held } = entry;
    const isExpired = held.expiration !== undefined && held.expiration * 1000 <= this.#clock.now();
    const prepared = isExpired ? undefined : this.#prepare(held);
    if (prepared === undefined) {
      this.#handlers.onDropped(held, isExpired ? "Expired" : "NotSendable");
      return Promise.resolve({ entry, isDecided: true, isUncertain: false });
    }
    return new Promise((resolve) => {
      const owner = {
        hasLeft: true,
        onSettled: ({ verdict, unconfirmedRetries }: Delivery): void => {
          const isUncertain = entry.uncertain || unconfirmedRetries > 0;
          resolve({ entry, isDecided: verdict?.kind !== "shutdown", isUncertain });
        },
      };
      const { deviceToken, apnsId } = held;
      const attempt = new Delivery(noPermits, originOf(held), held, deviceToken, prepared, apnsId, owner);
      attempt.hold = "attempt";
      this.#handlers.send(attempt, entry.uncertain);
    });
  }

  /** One payload often goes to many devices: the last one is compared first. */
  #prepare(held: HeldNotification): Prepared | undefined {
    const topic = this.#handlers.topic();
    const last = this.#last;
    if (last?.topic === topic && isAlike(last.held, held)) return last.prepared;
    try {
      const { pushType, payload, expiration } = held;
      const notification = new Notification({
        topic: topicFor(pushType, topic),
        pushType,
        payload,
        expiration: expiration === undefined ? "default" : new Date(expiration * 1000),
        ...(held.priority === undefined ? {} : { priority: held.priority as Priority }),
      });
      this.#last = { held, topic, prepared: prepare(notification) };
      return this.#last.prepared;
    } catch {
      return undefined;
    }
  }

  /** Those that wait in memory follow, upstream if all older ones have gone out, or to the store if upstream is away. */
  #letFollow(): void {
    if (this.#behind.size === 0 || (this.#waiting > 0 && !this.#handlers.isAway())) return;
    for (const delivery of this.#behind.clear()) if (!this.takes(delivery)) this.#handlers.pass(delivery);
  }

  #isStopped(): boolean {
    return this.#state.kind === "stopped";
  }

  #pause(): Promise<void> {
    if (this.#isStopped()) return Promise.resolve();
    this.#backOff.failed();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#backOff.delayMs);
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#state = { kind: "pausing", wake };
    });
  }
}

interface Attempt {
  readonly entry: HoldEntry;
  readonly isDecided: boolean;
  readonly isUncertain: boolean;
}

/** An attempt has none: entries that are upstream are bounded by themselves. */
const noPermits = { release: () => {} };

/** Not a notification that is to be attempted once and not stored, nor one whose expiry has passed. */
function isHoldable({ prepared }: Delivery, now: number): boolean {
  const { expiration } = prepared.notification;
  return expiration === undefined || expiration * 1000 > now;
}

function originOf({ sender, connection, address }: HeldNotification): Delivery["origin"] {
  return { sender, connection, address };
}

function heldOf(
  { origin, command, identifier, deviceToken, apnsId, prepared }: Delivery,
  heldAt: Date,
): HeldNotification {
  const { encodedPayload: payload, pushType, priority, expiration } = prepared.notification;
  const { sender, connection, address } = origin;
  const frame = { sender, connection, address, command, identifier, deviceToken, apnsId };
  return { ...frame, payload, pushType, priority, expiration, heldAt };
}

function isAlike(one: HeldNotification, other: HeldNotification): boolean {
  return (
    one.pushType === other.pushType &&
    one.priority === other.priority &&
    one.expiration === other.expiration &&
    Buffer.compare(one.payload, other.payload) === 0
  );
}
