import {
  ApnsError,
  assertNotification,
  type CloseOptions,
  type ConnectionListener,
  type Notification,
  type Outcome,
  type SendOptions,
  type Transport,
  type TransportStats,
} from "@apns/core";
import {
  checkInteger,
  checkSendOptionNames,
  checkSignal,
  closeTimeoutMs,
  DrainDeadline,
  maxTimerDelayMs,
  queueFullError,
  SignalRegistry,
} from "@apns/core/internal";
import { Deadlines } from "./dispatcher/deadlines.js";
import { Dispatcher } from "./dispatcher/dispatcher.js";
import { FlushGenerations } from "./dispatcher/flush-generations.js";
import { assertLegacyDeviceToken, assertSendOptionsCarried, FrameTemplate } from "./frame-template.js";
import {
  type BinaryTransportOptions,
  type ResolvedBinaryTransportOptions,
  resolveBinaryTransportOptions,
} from "./options.js";
import type { PendingSend, SendExtras } from "./pending-send.js";

/** Figures of a `BinaryTransport`. Counters only grow. */
export interface BinaryTransportStats extends TransportStats {
  readonly accepted: number;
  readonly rejected: number;
  readonly unsent: number;
  readonly unconfirmed: number;
  /** Attempts to connect that failed. */
  readonly connectFailures: number;
  /** Barriers whose answer proved everything written before them accepted. */
  readonly barriersAnswered: number;
  /** Barriers that were not answered in time. */
  readonly barriersUnanswered: number;
  /** Error responses other than answers to barriers. */
  readonly errorResponses: number;
}

const noOptions: SendOptions = {};

/**
 * Sends over Apple's legacy binary protocol, to a gateway that still speaks it: a simulator, a bridge, a mirror.
 *
 * A gateway does not acknowledge what it accepts. `send` settles when the outcome is proved: by an error response, or by the
 * answer to a barrier, which is sent after every `reconnectEvery` notifications, on `flush` and `close`, after
 * `confirmAfterIdleMs` without a send, and when a notification has waited for `confirmWithinMs`.
 *
 * Connects with the first send, or with `connect`.
 */
export class BinaryTransport implements Transport {
  readonly protocol = "binary";
  /** Two windows per connection: one being written, and one waiting for its barrier's answer. */
  readonly concurrency: number;
  readonly #options: ResolvedBinaryTransportOptions;
  readonly #generations = new FlushGenerations();
  readonly #dispatcher: Dispatcher;
  readonly #deadlines: Deadlines;
  readonly #signals: SignalRegistry<PendingSend>;
  readonly #maxQueued: number;
  /**
   * One notification to many devices is checked once. A map of more costs notifications that are sent once three times what the check
   * does, and the garbage collector as much again.
   */
  #lastNotification: Notification | undefined;
  #lastTemplate: FrameTemplate | undefined;
  /** The time of this turn of the event loop, read once for all its sends; 0 until then. */
  #now = 0;
  #resolve: (outcome: Outcome) => void = () => {};
  readonly #drainDeadline = new DrainDeadline();
  #closing: Promise<void> | undefined;

  /**
   * Opens nothing yet.
   * @throws {InvalidArgumentError} naming the option that is wrong
   * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if certificate, key or passphrase cannot be used
   */
  constructor(options: BinaryTransportOptions) {
    this.#options = resolveBinaryTransportOptions(options);
    const { confirm, reconnectEvery, sentWindow, maxConnections } = this.#options;
    // One window is being written while the one before it waits for its verdict. A third would add no speed and more copying by
    // the garbage collector: 10 % more CPU and 25 MiB.
    const perConnection = confirm === "barrier" ? 2 * reconnectEvery : sentWindow + 10_000;
    const windows = perConnection * maxConnections;
    this.#maxQueued = this.#options.maxQueued ?? Math.max(100_000, windows);
    this.concurrency = Math.min(windows, this.#maxQueued);
    this.#dispatcher = new Dispatcher(this.#options, this.#generations);
    this.#deadlines = new Deadlines(() => this.#unsettled(), this.#giveUpOverdue);
    this.#signals = new SignalRegistry((sends, signal) => {
      const cause = abortedError(signal);
      for (const send of sends) this.#giveUp(send, cause);
    });
  }

  /**
   * Connects ahead of the first send.
   * @throws {ApnsError} `ERR_APNS_CONNECT_FAILED` after `maxConnectFailures` attempts, or at once if the server cannot be
   * trusted; `ERR_APNS_TRANSPORT_CLOSED`
   */
  async connect(): Promise<void> {
    if (this.#closing !== undefined) throw closedError("connect");
    await this.#dispatcher.connect();
  }

  /**
   * Sends one notification to one device. Settles when the outcome is proved, or `timeoutMs` have passed: see the class.
   *
   * Topic, push type, collapse id and `apnsId` do not exist on this wire and are dropped, or refused with `strict`.
   * @throws {InvalidArgumentError} for what the format cannot carry; nothing was sent then
   * @throws {ApnsError} `ERR_APNS_TRANSPORT_CLOSED`
   */
  send(notification: Notification, deviceToken: string, options: SendOptions = noOptions): Promise<Outcome> {
    let template: FrameTemplate;
    let timeoutMs = this.#options.timeoutMs;
    try {
      if (this.#closing !== undefined) throw closedError("send");
      const last = notification === this.#lastNotification ? this.#lastTemplate : undefined;
      template = last ?? this.#templateOf(notification);
      assertLegacyDeviceToken(deviceToken);
      if (options !== noOptions) timeoutMs = this.#checkOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const promise = new Promise<Outcome>(this.#captureResolve);
    if (this.#now === 0) this.#beginTurn();
    const { apnsId, signal } = options;
    const extras: SendExtras | undefined =
      apnsId === undefined && signal === undefined ? undefined : { apnsId, detach: undefined };
    const deadlineAt = this.#now + timeoutMs;
    const send = this.#dispatcher.sendPool
      .take()
      .init(template, deviceToken, deadlineAt, this.#generations.current, extras, this.#resolve);
    if (signal !== undefined) {
      if (signal.aborted) {
        send.giveUp(abortedError(signal));
        return promise;
      }
      extras!.detach = this.#signals.add(signal, send);
    }
    if (this.#dispatcher.queue.size >= this.#maxQueued) {
      send.giveUp(queueFullError(this.#maxQueued));
      return promise;
    }
    this.#dispatcher.queue.add(send);
    this.#deadlines.watch(deadlineAt);
    return promise;
  }

  /**
   * Writes a barrier behind everything sent so far, and resolves once all of it is settled. Costs a connection.
   * With `confirm: "silence"` there is no barrier: it waits.
   */
  flush(): Promise<void> {
    const flushed = this.#generations.flush();
    this.#dispatcher.schedule();
    return flushed;
  }

  /**
   * Reports every connection from now on: it is `draining` once its barrier is written, and the `cause` of `closed` says what
   * ended it. `onConnectionEnded` adds what the end proved.
   */
  watchConnections(listener: ConnectionListener): () => void {
    return this.#dispatcher.listeners.add(listener);
  }

  /** Drains: writes the last barriers, waits for their answers, and closes the connections. Later sends are refused. Never rejects. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#drainDeadline.within(closeTimeoutMs(options));
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Figures since the transport was made. */
  stats(): BinaryTransportStats {
    const { inFlight, ...outcomes } = this.#generations.tally;
    const { connectionsOpen, figures, queue } = this.#dispatcher;
    return { ...figures, connectionsOpen, inFlight, queued: queue.size, ...outcomes };
  }

  async #close(): Promise<void> {
    const deadline = this.#drainDeadline;
    await Promise.race([this.flush(), deadline.passed]);
    deadline.cancel();
    this.#deadlines.stop();
    const message = `The transport was closed, and no verdict came within ${deadline.timeoutMs} ms.`;
    this.#dispatcher.destroy(new ApnsError("ERR_APNS_TIMEOUT", message));
    await this.#dispatcher.socketsClosed();
  }

  #checkOptions(options: SendOptions): number {
    checkSendOptionNames(options);
    if (this.#options.strict) assertSendOptionsCarried(options);
    if (options.signal !== undefined) checkSignal("signal", options.signal);
    return checkInteger("timeoutMs", options.timeoutMs ?? this.#options.timeoutMs, 1, maxTimerDelayMs);
  }

  #templateOf(notification: Notification): FrameTemplate {
    assertNotification(notification);
    const template = new FrameTemplate(notification, this.#options);
    this.#lastNotification = notification;
    this.#lastTemplate = template;
    return template;
  }

  /** Hands the promise's `resolve` out through a field: one closure for all sends instead of one for each. */
  readonly #captureResolve = (resolve: (outcome: Outcome) => void): void => {
    this.#resolve = resolve;
  };

  #beginTurn(): void {
    this.#now = Math.ceil(performance.now());
    setImmediate(this.#endTurn);
    this.#dispatcher.schedule();
  }

  readonly #endTurn = (): void => {
    this.#now = 0;
  };

  *#unsettled(): Generator<PendingSend> {
    yield* this.#dispatcher.queue;
    yield* this.#dispatcher.written();
  }

  readonly #giveUpOverdue = (send: PendingSend): void => {
    const failure = this.#dispatcher.lastFailureToConnect;
    const why = failure === undefined ? "" : ` The last attempt to connect failed: ${failure.message}`;
    const message =
      send.state === "waiting"
        ? `It could not be written in time (timeoutMs).${why}`
        : "The gateway gave no verdict in time (timeoutMs): it may or may not have accepted.";
    this.#giveUp(send, new ApnsError("ERR_APNS_TIMEOUT", message, { cause: failure }));
  };

  #giveUp(send: PendingSend, cause: ApnsError): void {
    const { state } = send;
    send.giveUp(cause);
    if (state === "waiting") this.#dispatcher.queue.left();
  }
}

function closedError(method: string): ApnsError {
  return new ApnsError("ERR_APNS_TRANSPORT_CLOSED", `${method}: the transport is closed.`);
}

function abortedError({ reason }: AbortSignal): ApnsError {
  return new ApnsError("ERR_APNS_ABORTED", "The caller aborted this notification.", { cause: reason });
}
