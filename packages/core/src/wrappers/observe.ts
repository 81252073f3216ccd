import type { ConnectionEvent } from "../connection-event.js";
import { checkTransport } from "../internal/check-transport.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { SendOptions, Transport } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** A send that an observer is told of. */
export interface ObservedSend {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options: SendOptions;
  /** The `protocol` of the transport. */
  readonly protocol: string;
}

/**
 * Callbacks about sends and connections; none of them can change a send. An error that one throws is rethrown in a microtask of
 * its own, as an uncaught error, and affects no send.
 */
export interface TransportObserver<Context = unknown> {
  /** A send is given to the transport. The returned value, such as a span, is passed to `settled` or `refused` of this send. */
  readonly started?: (send: ObservedSend) => Context;
  /** The send is settled. `elapsedMs` has fractions. */
  readonly settled?: (send: ObservedSend, outcome: Outcome, elapsedMs: number, context: Context) => void;
  /** `send` rejected because of misuse. Nothing was sent; the caller gets the same error. */
  readonly refused?: (send: ObservedSend, error: unknown, context: Context) => void;
  /** An event of a connection, if the transport has `watchConnections`. */
  readonly connection?: (event: ConnectionEvent, protocol: string) => void;
}

/**
 * A transport that reports to an observer, for metrics, traces and logs. Inside of other wrappers it reports every attempt;
 * around them it reports what the caller sees.
 */
export function observe<Context>(transport: Transport, observer: TransportObserver<Context>): Transport {
  checkTransport("transport", transport);
  return new ObservedTransport(transport, observer);
}

class ObservedTransport<Context> extends WrappingTransport {
  readonly #transport: Transport;
  readonly #observer: TransportObserver<Context>;

  constructor(transport: Transport, observer: TransportObserver<Context>) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#observer = observer;
    const { connection } = observer;
    if (connection === undefined) return;
    // Never removed: the last connections end after `close` has returned.
    transport.watchConnections?.((event) => connection.call(observer, event, transport.protocol));
  }

  override async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    const observer = this.#observer;
    const send: ObservedSend = { notification, deviceToken, options, protocol: this.protocol };
    const startedAt = performance.now();
    const context = guarded(() => observer.started?.(send)) as Context;
    try {
      const outcome = await this.#transport.send(notification, deviceToken, options);
      guarded(() => observer.settled?.(send, outcome, performance.now() - startedAt, context));
      return outcome;
    } catch (error) {
      guarded(() => observer.refused?.(send, error, context));
      throw error;
    }
  }
}

/** Calls the observer; rethrows its errors in a microtask, outside of the send. */
function guarded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}
