import { EventEmitter } from "node:events";
import { ConnectionRetryLimit, foreseenAnswer, runCallback } from "@apns/core/internal";
import {
  Http2Transport,
  InvalidArgumentError,
  type Outcome,
  type SendItem,
  sendAll,
  ApnsError as TransportError,
} from "@apns/http2";
import { Host } from "./constants.js";
import { ApnsError, type ApnsResponseError, Errors } from "./errors.js";
import type { Notification } from "./notification.js";
import { type ApnsOptions, type PrivateKey, transportOptions } from "./options.js";
import { SendError } from "./send-error.js";
import { wireNotification } from "./wire-notification.js";

/** A notification that was sent, or the error that it met. */
export type SendManyResult = Notification | { error: ApnsError };

/** As long as a notification may take in all. */
const drainMs = 120_000;
/** Attempts to connect in a row, while no connection is open, before what waits is given up. */
const connectionRetryLimit = 3;

/**
 * Sends notifications, each of which has its device token. Emits an {@link ApnsError} for each refusal, by its reason and as
 * `Errors.error`.
 */
export class ApnsClient extends EventEmitter {
  readonly team: string;
  readonly keyId: string;
  readonly host: Host | string;
  readonly signingKey: string | Buffer | PrivateKey;
  readonly defaultTopic?: string;
  readonly keepAlive: boolean;
  /** The transport that this client sends over, to move code over call by call. */
  readonly transport: Http2Transport;
  readonly #retryLimit: ConnectionRetryLimit;
  /** Calls of `sendMany` that may still have something to send. */
  readonly #runs = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: ApnsOptions) {
    super();
    this.transport = new Http2Transport(transportOptions(options));
    this.#retryLimit = new ConnectionRetryLimit(this.transport, connectionRetryLimit);
    this.team = options.team;
    this.keyId = options.keyId;
    this.signingKey = options.signingKey;
    this.host = options.host ?? Host.production;
    if (options.defaultTopic !== undefined) this.defaultTopic = options.defaultTopic;
    this.keepAlive = options.keepAlive ?? true;
    // Kept from what a log shows of this object.
    Object.defineProperty(this, "signingKey", { enumerable: false });
  }

  /**
   * Sends one notification, and returns it.
   * @throws {ApnsError} if APNs refuses it
   * @throws {SendError} if APNs gives no answer
   */
  async send(notification: Notification): Promise<Notification> {
    if (this.#closing !== undefined) throw clientClosed();
    const result = await this.#send(notification);
    if (result instanceof Error) throw result;
    return result;
  }

  /** Sends all, no more at a time than the transport can use. The results are in the order of the notifications. */
  async sendMany(notifications: Notification[]): Promise<SendManyResult[]> {
    if (this.#closing !== undefined) throw clientClosed();
    const running = this.#sendMany(notifications);
    this.#runs.add(running);
    try {
      return await running;
    } finally {
      this.#runs.delete(running);
    }
  }

  /** Makes sure that there is a connection. Connections are checked by PING without it. */
  ping(): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled([this.transport.connect()]);
  }

  /** Lets all that was given to this client end, then closes the connections. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Closes the connections now. What was not answered yet fails by a {@link SendError}. */
  destroy(_error?: Error | null): Promise<void> {
    this.#closing = this.transport.close({ timeoutMs: 0 });
    return this.#closing;
  }

  async #drain(): Promise<void> {
    await Promise.allSettled(this.#runs);
    await this.transport.close({ timeoutMs: drainMs });
  }

  async #send(notification: Notification): Promise<Notification | Error> {
    const { signal } = this.#retryLimit;
    let outcome: Outcome;
    try {
      const wire = wireNotification(notification, this.defaultTopic);
      outcome = await this.transport.send(wire, notification.deviceToken, { signal });
    } catch (error) {
      return this.#refused(notification, error as Error);
    }
    return this.#settled(notification, outcome, signal);
  }

  async #sendMany(notifications: readonly Notification[]): Promise<SendManyResult[]> {
    const { signal } = this.#retryLimit;
    const results: SendManyResult[] = new Array(notifications.length);
    /** By the order in which they were handed to the transport. */
    const places: number[] = [];
    const put = (index: number, result: Notification | Error): void => {
      results[index] = result instanceof Error ? { error: result as ApnsError } : result;
    };
    const transport = this.transport;
    const { defaultTopic } = this;
    const refuse = (place: number, error: Error): void => put(place, this.#refused(notifications[place]!, error));
    function* items(): Generator<SendItem> {
      const options = { signal };
      for (const [place, notification] of notifications.entries()) {
        let item: SendItem;
        try {
          item = {
            notification: wireNotification(notification, defaultTopic),
            deviceToken: notification.deviceToken,
            options,
          };
        } catch (error) {
          refuse(place, error as Error);
          continue;
        }
        places.push(place);
        yield item;
      }
    }
    for await (const { index, outcome } of sendAll(transport, items())) {
      const place = places[index]!;
      put(place, this.#settled(notifications[place]!, outcome, signal));
    }
    return results;
  }

  #settled(notification: Notification, outcome: Outcome, signal: AbortSignal): Notification | Error {
    switch (outcome.kind) {
      case "accepted":
        return notification;
      case "rejected": {
        const { httpStatus = 0, reason, unregisteredAt } = outcome;
        return this.#rejected(notification, httpStatus, reason, unregisteredAt);
      }
      default:
        if (outcome.cause instanceof InvalidArgumentError) return this.#refused(notification, outcome.cause);
        return new SendError(notification, outcome, signal.aborted ? signal.reason : undefined);
    }
  }

  /** It came to no request: as APNs would have refused it, or by the error. */
  #refused(notification: Notification, error: Error): Error {
    const answer = foreseenAnswer(error);
    return answer === undefined ? error : this.#rejected(notification, answer.httpStatus, answer.reason);
  }

  #rejected(notification: Notification, statusCode: number, reason: string, unregisteredAt?: Date): ApnsError {
    const response = { reason, ...(unregisteredAt && { timestamp: unregisteredAt.getTime() }) } as ApnsResponseError;
    const error = new ApnsError({ statusCode, notification, response });
    // A listener that throws has no part in what became of the notification.
    for (const event of [reason, Errors.error]) runCallback("ApnsClient listener", () => this.emit(event, error));
    return error;
  }
}

function clientClosed(): Error {
  return new TransportError("ERR_APNS_TRANSPORT_CLOSED", "The client is closed.");
}
