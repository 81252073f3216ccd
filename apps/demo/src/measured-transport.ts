import type { CloseOptions, Notification, Outcome, SendOptions, Transport, TransportStats } from "@apns/core";

/** A transport that notes how long each outcome took, and is otherwise the transport it wraps. */
export class MeasuredTransport implements Transport {
  readonly protocol: string;
  readonly concurrency?: number;
  readonly flush?: () => Promise<void>;
  readonly #transport: Transport;
  readonly #timesMs: Float64Array;
  #settled = 0;

  /** @param capacity how many sends there will be at most */
  constructor(transport: Transport, capacity: number) {
    this.#transport = transport;
    this.protocol = transport.protocol;
    if (transport.concurrency !== undefined) this.concurrency = transport.concurrency;
    if (transport.flush !== undefined) this.flush = transport.flush.bind(transport);
    this.#timesMs = new Float64Array(capacity);
  }

  async send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    const startedAt = performance.now();
    const outcome = await this.#transport.send(notification, deviceToken, options);
    this.#timesMs[this.#settled++] = performance.now() - startedAt;
    return outcome;
  }

  /** The time within which this share of the sends was settled, in milliseconds. */
  percentile(share: number): number {
    const times = this.#timesMs.subarray(0, this.#settled).toSorted();
    return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  }

  stats(): TransportStats {
    return this.#transport.stats();
  }

  close(options?: CloseOptions): Promise<void> {
    return this.#transport.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
