import type { ConnectionListener } from "../connection-event.js";
import { addStats } from "../internal/transport-stats.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport, TransportStats } from "../transport.js";

/** Base of all transports that wrap others. */
export abstract class WrappingTransport implements Transport {
  readonly protocol: string;
  /** Present only if a wrapped transport has it. */
  readonly flush?: () => Promise<void>;
  readonly watchConnections?: (listener: ConnectionListener) => () => void;
  readonly #inner: readonly Transport[];

  constructor(protocol: string, inner: readonly Transport[]) {
    this.protocol = protocol;
    this.#inner = inner;
    if (inner.some(({ flush }) => flush !== undefined)) this.flush = () => this.flushInner();
    if (inner.some(({ watchConnections }) => watchConnections !== undefined)) {
      this.watchConnections = (listener) => {
        const removals = inner.map((transport) => transport.watchConnections?.(listener));
        return () => {
          for (const remove of removals) remove?.();
        };
      };
    }
  }

  abstract send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome>;

  /** The sum of the wrapped transports' hints. */
  get concurrency(): number | undefined {
    const hints = this.#inner.map(({ concurrency }) => concurrency);
    if (hints.every((hint) => hint === undefined)) return undefined;
    return hints.reduce<number>((sum, hint) => sum + (hint ?? 0), 0);
  }

  /** The sum of the wrapped transports' figures; a transport that is wrapped twice is counted once. */
  stats(): TransportStats {
    return addStats([...new Set(this.#inner)].map((transport) => transport.stats()));
  }

  async close(options?: CloseOptions): Promise<void> {
    await Promise.all(this.#inner.map((transport) => transport.close(options)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected async flushInner(): Promise<void> {
    await Promise.all(this.#inner.map((transport) => transport.flush?.()));
  }
}
