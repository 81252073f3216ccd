import type { ConnectionEvent } from "../connection-event.js";
import { runCallback } from "../internal/callback.js";
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
 * Callbacks about sends and connections; none of them can change a send. An error that one throws affects no send and does not
 * end the process: it becomes a warning of it (code `APNS_CALLBACK`).
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
    transport.watchConnections?.((event) => {
      runCallback("observer.connection", () => connection.call(observer, event, transport.protocol));
    });
  }

  override async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    const observer = this.#observer;
    const send: ObservedSend = { notification, deviceToken, options, protocol: this.protocol };
    const startedAt = performance.now();
    const context = runCallback("observer.started", () => observer.started?.(send)) as Context;
    try {
      const outcome = await this.#transport.send(notification, deviceToken, options);
      const elapsedMs = performance.now() - startedAt;
      runCallback("observer.settled", () => observer.settled?.(send, outcome, elapsedMs, context));
      return outcome;
    } catch (error) {
      runCallback("observer.refused", () => observer.refused?.(send, error, context));
      throw error;
    }
  }
}
