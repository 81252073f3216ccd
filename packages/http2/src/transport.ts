import {
  ApnsError,
  assertDeviceToken,
  type CloseOptions,
  checkInteger,
  isRetryable,
  type Notification,
  type Outcome,
  reasonRow,
  type SendOptions,
  type Transport,
  type TransportStats,
} from "@apns/core";
import { ProviderTokenSource } from "./auth/provider-token.js";
import { BackOff } from "./back-off.js";
import { ConnectError, establish } from "./connect.js";
import { Connection } from "./connection.js";
import {
  type Http2TransportOptions,
  type ResolvedHttp2TransportOptions,
  resolveHttp2TransportOptions,
} from "./options.js";
import { PendingSend } from "./pending-send.js";
import { checkApnsId, notificationHeaders, type RequestHeaders } from "./request.js";
import { type Answer, outcomeOf } from "./response.js";
import { SendQueue } from "./send-queue.js";

/** How often deadlines are looked at: one timer for all sends, rather than one each. */
const sweepEveryMs = 50;

/**
 * Sends notifications over APNs' HTTP/2 API.
 *
 * Making one does no I/O; it connects with the first send, or by `connect()`. Close it when done: open connections keep
 * the process alive.
 */
export class Http2Transport implements Transport {
  readonly protocol = "http2";
  readonly concurrency = 1000;

  readonly #options: ResolvedHttp2TransportOptions;
  readonly #authority: string;
  readonly #providerTokens: ProviderTokenSource | undefined;
  readonly #backOff = new BackOff();
  readonly #queue = new SendQueue();
  readonly #pending = new Set<PendingSend>();
  /** The one that takes new streams. */
  #connection: Connection | undefined;
  /** Every open one: the current one, and retired ones whose streams are still being answered. */
  readonly #open = new Set<Connection>();
  #connecting: Promise<Connection> | undefined;
  readonly #abandonConnecting = new AbortController();
  #reconnectTimer: NodeJS.Timeout | undefined;
  /** Not before this; on the monotonic clock. */
  #reconnectAt = 0;
  #sweepTimer: NodeJS.Timeout | undefined;
  #lastConnectError: ApnsError | undefined;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  #headersFor: { notification: Notification; headers: RequestHeaders } | undefined;

  #connectionsOpened = 0;
  #resent = 0;
  /** Of connections that are closed by now. */
  #pastBytesWritten = 0;
  #pastBytesRead = 0;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: Http2TransportOptions) {
    this.#options = resolveHttp2TransportOptions(options);
    const { auth, endpoint, clock } = this.#options;
    this.#providerTokens = auth.type === "token" ? new ProviderTokenSource(auth, clock) : undefined;
    this.#authority = endpoint.port === 443 ? endpoint.servername : `${endpoint.servername}:${endpoint.port}`;
  }

  /**
   * Opens the connection now rather than with the first send.
   * @throws {ConnectError} `ERR_APNS_CONNECT_FAILED` after one attempt
   */
  async connect(): Promise<void> {
    this.#assertOpen();
    if (this.#connection === undefined) await this.#connectNow();
  }

  send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    try {
      this.#assertOpen();
      assertDeviceToken(deviceToken);
      if (options.apnsId !== undefined) checkApnsId(options.apnsId);
      const timeoutMs =
        options.timeoutMs === undefined ? this.#options.timeoutMs : checkInteger("timeoutMs", options.timeoutMs, 1);
      return new Promise((resolve) => {
        const deadlineAt = this.#options.clock.now() + timeoutMs;
        this.#accept(new PendingSend(notification, deviceToken, options.apnsId, deadlineAt, resolve), options.signal);
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stats(): TransportStats {
    let bytesWritten = this.#pastBytesWritten;
    let bytesRead = this.#pastBytesRead;
    for (const connection of this.#open) {
      bytesWritten += connection.bytesWritten;
      bytesRead += connection.bytesRead;
    }
    return {
      connectionsOpened: this.#connectionsOpened,
      connectionsOpen: this.#open.size,
      inFlight: this.#pending.size,
      queued: this.#queue.size,
      resent: this.#resent,
      bytesWritten,
      bytesRead,
    };
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#drainAndClose(checkInteger("timeoutMs", options.timeoutMs ?? 10_000, 0));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "The transport is closed.");
  }

  #accept(send: PendingSend, signal: AbortSignal | undefined): void {
    this.#pending.add(send);
    const obstacle = signal?.aborted ? aborted() : this.#queueFull();
    if (obstacle !== undefined) {
      this.#giveUp(send, obstacle);
      return;
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.#giveUp(send, aborted());
      signal.addEventListener("abort", onAbort, { once: true });
      send.detach = () => signal.removeEventListener("abort", onAbort);
    }
    this.#queue.add(send);
    this.#sweepTimer ??= setInterval(this.#sweep, sweepEveryMs);
    this.#pump();
  }

  #queueFull(): ApnsError | undefined {
    const { maxQueued } = this.#options;
    if (this.#queue.size < maxQueued) return undefined;
    return new ApnsError(
      "ERR_APNS_QUEUE_FULL",
      `${maxQueued} notifications wait already (maxQueued); send fewer at a time.`,
    );
  }

  /** Puts waiting sends on streams, as many as the peer allows. */
  #pump(): void {
    if (this.#queue.size === 0) return;
    const connection = this.#connection;
    if (connection === undefined) {
      this.#connectSoon();
      return;
    }
    for (let free = connection.freeStreams; free > 0; free--) {
      const send = this.#queue.take();
      if (send === undefined) return;
      this.#openStream(connection, send);
    }
  }

  #openStream(connection: Connection, send: PendingSend): void {
    const headers: RequestHeaders = {
      ...this.#commonHeaders(send.notification),
      ":path": `/3/device/${send.deviceToken}`,
    };
    if (send.apnsId !== undefined) headers["apns-id"] = send.apnsId;
    const providerToken = this.#providerTokens?.current();
    if (providerToken !== undefined) headers["authorization"] = `bearer ${providerToken}`;
    send.connection = connection;
    send.attempts++;
    if (send.attempts > 1) this.#resent++;
    send.cancel = connection.request(headers, send.notification.encodedPayload, {
      onAnswer: (answer) => this.#onAnswer(connection, send, answer, providerToken),
      onFailure: (processed, cause) => this.#onFailure(send, processed, cause),
    });
  }

  #commonHeaders(notification: Notification): RequestHeaders {
    if (this.#headersFor?.notification !== notification) {
      const headers: RequestHeaders = {
        ":method": "POST",
        ":scheme": "https",
        ":authority": this.#authority,
        ...notificationHeaders(notification, this.#options.topic),
      };
      this.#headersFor = { notification, headers };
    }
    return this.#headersFor.headers;
  }

  #onAnswer(connection: Connection, send: PendingSend, answer: Answer, providerToken: string | undefined): void {
    this.#backOff.succeeded();
    if (send.settled) return;
    send.cancel = undefined;
    const outcome = outcomeOf(answer, send, this.#options.clock);
    if (outcome.kind === "rejected" && wedges(outcome.reason, answer.httpStatus)) {
      this.#retire(connection, new ApnsError("ERR_APNS_CONNECTION_LOST", `Replaced after ${outcome.reason}.`));
      // The refusal proves that nothing was processed, so sending it again under a new token cannot double it.
      if (outcome.reason === "ExpiredProviderToken" && providerToken !== undefined && !send.reauthenticated) {
        send.reauthenticated = true;
        if (this.#providerTokens?.replace(providerToken)) {
          this.#sendAgain(send);
          return;
        }
      }
    }
    this.#settle(send, outcome);
  }

  #onFailure(send: PendingSend, processed: "no" | "unknown", cause: ApnsError): void {
    if (send.settled) return;
    if (processed === "unknown") {
      this.#giveUp(send, cause);
    } else {
      send.cancel = undefined;
      this.#sendAgain(send);
    }
  }

  #sendAgain(send: PendingSend): void {
    this.#queue.putBack(send);
    // In a task of its own: what failed may be one of many streams of a connection that is just going down.
    setImmediate(() => this.#pump());
  }

  /** Connects for what waits in the queue, now or when the back-off allows. */
  #connectSoon(): void {
    if (this.#connecting !== undefined || this.#reconnectTimer !== undefined) return;
    const delayMs = this.#reconnectAt - performance.now();
    if (delayMs <= 0) {
      // Its failure is told to the sends by `#onConnectFailed`.
      this.#connectNow().catch(() => {});
      return;
    }
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined;
      this.#pump();
    }, delayMs);
  }

  async #connectNow(): Promise<Connection> {
    this.#connecting ??= this.#openConnection().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #openConnection(): Promise<Connection> {
    const { endpoint, auth, connectTimeoutMs } = this.#options;
    try {
      const identity = auth.type === "certificate" ? auth.tls : undefined;
      const established = await establish(endpoint, identity, connectTimeoutMs, this.#abandonConnecting.signal);
      const connection = new Connection(established, auth.type === "token", {
        onCapacity: () => this.#pump(),
        onDraining: (cause, reason) => this.#onDraining(connection, cause, reason),
        onClosed: () => this.#onClosed(connection),
      });
      this.#connectionsOpened++;
      this.#open.add(connection);
      this.#connection = connection;
      this.#lastConnectError = undefined;
      this.#pump();
      return connection;
    } catch (error) {
      this.#onConnectFailed(error as ApnsError);
      throw error;
    }
  }

  #onConnectFailed(error: ApnsError): void {
    this.#lastConnectError = error;
    if (error instanceof ConnectError && !error.retryable) this.#failQueue(error);
    else this.#holdOff();
  }

  /** Puts off the next attempt to connect. */
  #holdOff(): void {
    this.#backOff.failed();
    this.#reconnectAt = performance.now() + this.#backOff.delayMs;
    if (this.#queue.size > 0) this.#connectSoon();
  }

  #retire(connection: Connection, cause: ApnsError): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.retire(cause);
  }

  #onDraining(connection: Connection, cause: ApnsError, reason: string | undefined): void {
    if (this.#connection === connection) this.#connection = undefined;
    // A reason such as BadCertificateEnvironment will be given to every further connection, too.
    if (reason !== undefined && !isRetryable(reasonRow(reason).retry)) {
      this.#lastConnectError = cause;
      setImmediate(() => this.#failQueue(cause));
      return;
    }
    this.#holdOff();
  }

  #onClosed(connection: Connection): void {
    this.#open.delete(connection);
    this.#pastBytesWritten += connection.bytesWritten;
    this.#pastBytesRead += connection.bytesRead;
  }

  /** Nothing that waits can be sent. */
  #failQueue(cause: ApnsError): void {
    for (let send = this.#queue.take(); send !== undefined; send = this.#queue.take()) this.#giveUp(send, cause);
  }

  readonly #sweep = (): void => {
    const now = this.#options.clock.now();
    for (const send of this.#pending) {
      if (send.deadlineAt > now) continue;
      const message = send.written
        ? "No answer within the time allowed."
        : `Not sent within the time allowed${this.#lastConnectError ? `: ${this.#lastConnectError.message}` : "."}`;
      const cause = new ApnsError("ERR_APNS_TIMEOUT", message, { cause: this.#lastConnectError });
      // A connection that owes an answer this long is not trusted with more.
      if (send.written && send.connection !== undefined) this.#retire(send.connection, cause);
      this.#giveUp(send, cause);
    }
  };

  #giveUp(send: PendingSend, cause: ApnsError): void {
    if (send.settled) return;
    this.#queue.drop(send);
    send.giveUp(cause);
    this.#forget(send);
  }

  #settle(send: PendingSend, outcome: Outcome): void {
    send.settle(outcome);
    this.#forget(send);
  }

  #forget(send: PendingSend): void {
    this.#pending.delete(send);
    if (this.#pending.size > 0) return;
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = undefined;
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = undefined;
    this.#onIdle?.();
  }

  async #drainAndClose(timeoutMs: number): Promise<void> {
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const cause = new ApnsError(
        "ERR_APNS_TRANSPORT_CLOSED",
        `The transport was closed and ${timeoutMs} ms have passed.`,
      );
      for (const send of this.#pending) this.#giveUp(send, cause);
    }
    this.#abandonConnecting.abort();
    await this.#connecting?.catch(() => {});
    for (const connection of this.#open) connection.destroy();
  }
}

function aborted(): ApnsError {
  return new ApnsError("ERR_APNS_ABORTED", "The caller aborted this notification.");
}

/** After these, APNs has been seen to answer every further request on the same connection with an error. */
function wedges(reason: string, httpStatus: number): boolean {
  return reason === "ExpiredProviderToken" || httpStatus === 500;
}
