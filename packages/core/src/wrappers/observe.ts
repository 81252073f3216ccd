import type { ConnectionEvent } from "../connection-event.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { SendOptions, Transport } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** A send, as an observer sees it. */
export interface ObservedSend {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options: SendOptions;
  /** The transport's. */
  readonly protocol: string;
}

/**
 * Looks on; it changes nothing. An observer that throws disturbs no send: its error is thrown apart from it, as an
 * uncaught one.
 */
export interface TransportObserver<Context = unknown> {
  /** A send is handed to the transport. What this returns is given back with the end of that send: a span, say. */
  readonly started?: (send: ObservedSend) => Context;
  /** It is settled. `elapsedMs` has fractions. */
  readonly settled?: (send: ObservedSend, outcome: Outcome, elapsedMs: number, context: Context) => void;
  /** The transport refused to take it: misuse. Nothing was sent, and the caller gets the same error. */
  readonly refused?: (send: ObservedSend, error: unknown, context: Context) => void;
  /** Something happened to a connection, where the transport tells. */
  readonly connection?: (event: ConnectionEvent, protocol: string) => void;
}

/**
 * A transport that lets an observer look on: for metrics, traces and logs. Put it inside other wrappers to see every
 * attempt, or around them to see what callers see.
 */
export function observe<Context>(transport: Transport, observer: TransportObserver<Context>): Transport {
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
    // Never taken off: the last connections end after `close` has returned.
    transport.watchConnections?.((event) => connection.call(observer, event, transport.protocol));
  }

  override async send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    const observer = this.#observer;
    const send: ObservedSend = { notification, deviceToken, options, protocol: this.protocol };
    const startedAt = performance.now();
    const context = apart(() => observer.started?.(send)) as Context;
    try {
      const outcome = await this.#transport.send(notification, deviceToken, options);
      apart(() => observer.settled?.(send, outcome, performance.now() - startedAt, context));
      return outcome;
    } catch (error) {
      apart(() => observer.refused?.(send, error, context));
      throw error;
    }
  }
}

/** Calls the observer; an error of its own is thrown where it hits no send. */
function apart<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}
