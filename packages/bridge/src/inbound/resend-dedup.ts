import type { Clock } from "@apns/core";
import { checkInteger } from "@apns/core/internal";
import type { Delivery, DeliveryOwner, Prepared } from "../upstream/delivery.js";

export interface ResendMemoryOptions {
  /** How many deliveries are remembered per sender, the oldest being forgotten first. @default 10_000 */
  readonly maxRemembered?: number;
  /** How long one is remembered, in milliseconds. @default 60_000 */
  readonly rememberForMs?: number;
}

/**
 * Deduplicates the resends of one sender.
 *
 * With a window above 1, frames behind a failing one may be upstream already when the sender is told that they were
 * discarded. The sender resends them, as it must. Each such resend is answered by the delivery remembered here, once,
 * instead of being sent a second time. A resend is known by device token, payload and priority: not by its identifier,
 * which several senders count anew on each connection, nor by its command or expiry, which some change.
 *
 * Equal notifications are counted: two remembered ones answer for two resends.
 */
export class ResendDedup {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #forMs: number;
  readonly #byKey = new Map<string, Remembered[]>();
  /** In the order in which they came. */
  readonly #all = new Set<Remembered>();
  /** Deliveries forgotten because there was no room: each may be doubled by a resend. */
  forgotten = 0;

  constructor(options: ResendMemoryOptions, clock: Clock) {
    this.#clock = clock;
    this.#max = checkInteger("maxRemembered", options.maxRemembered ?? 10_000, 0);
    this.#forMs = checkInteger("rememberForMs", options.rememberForMs ?? 60_000, 0);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Takes over a delivery whose frame was reported as discarded: accepted already, or still in flight. */
  remember(delivery: Delivery): void {
    if (delivery.verdict !== undefined && delivery.verdict.kind !== "accepted") return;
    if (this.#max === 0) {
      delivery.owner = ignored;
      this.forgotten++;
      return;
    }
    const key = keyOf(delivery.deviceToken, delivery.prepared);
    const entry = new Remembered(delivery, key, this.#clock.now() + this.#forMs, (ended) => this.#remove(ended));
    delivery.owner = entry;
    this.#all.add(entry);
    const same = this.#byKey.get(key);
    if (same === undefined) this.#byKey.set(key, [entry]);
    else same.push(entry);
    if (this.#all.size > this.#max) {
      this.forgotten++;
      this.#remove(this.#all.values().next().value!);
    }
  }

  /** The delivery that answers for this notification, if it is a resend. It is forgotten with that. */
  take(deviceToken: string, prepared: Prepared): Delivery | undefined {
    this.#expire();
    if (this.#all.size === 0) return undefined;
    const entry = this.#byKey.get(keyOf(deviceToken, prepared))?.[0];
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.delivery;
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const entry of this.#all) {
      if (entry.forgetAt > now) return;
      this.#remove(entry);
    }
  }

  #remove(entry: Remembered): void {
    this.#all.delete(entry);
    const same = this.#byKey.get(entry.key);
    const index = same?.indexOf(entry) ?? -1;
    if (same === undefined || index < 0) return;
    same.splice(index, 1);
    if (same.length === 0) this.#byKey.delete(entry.key);
  }
}

function keyOf(deviceToken: string, prepared: Prepared): string {
  return `${deviceToken} ${prepared.digest()}`;
}

const ignored: DeliveryOwner = { hasLeft: false, onSettled: () => {} };

class Remembered implements DeliveryOwner {
  /** It was told to resend what is remembered. */
  readonly hasLeft = false;
  readonly delivery: Delivery;
  readonly key: string;
  readonly forgetAt: number;
  readonly #forget: (entry: Remembered) => void;

  constructor(delivery: Delivery, key: string, forgetAt: number, forget: (entry: Remembered) => void) {
    this.delivery = delivery;
    this.key = key;
    this.forgetAt = forgetAt;
    this.#forget = forget;
  }

  /** Not accepted after all: a resend is sent upstream like any other frame. */
  onSettled({ verdict }: Delivery): void {
    if (verdict?.kind !== "accepted") this.#forget(this);
  }
}
