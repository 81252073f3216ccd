import {
  ApnsError,
  type CloseOptions,
  type ConnectionListener,
  deviceTokenProblem,
  InvalidArgumentError,
  type Notification,
  notificationProblem,
  type Outcome,
  type SendOptions,
  type Transport,
} from "@apns/core";
import { checkHeaderText, checkInteger, checkSendOptionNames, checkSignal, closeTimeoutMs } from "@apns/core/internal";
import { certificateSentence } from "@apns/net";
import type { RequestOptions } from "./api-request.js";
import type { BroadcastNotification } from "./broadcast/broadcast-notification.js";
import { type BroadcastOutcome, broadcast } from "./broadcast/broadcaster.js";
import type { Dispatcher, DispatcherStats } from "./dispatcher/dispatcher.js";
import { HeaderValues } from "./header-values.js";
import {
  checkTransportOptionNames,
  type Http2TransportOptions,
  type ResolvedHttp2ClientOptions,
  resolveHttp2ClientOptions,
} from "./options.js";
import { PendingSend, type SendContext } from "./pending-send.js";
import { checkUuid, deviceRequest, topicOf } from "./request-headers.js";
import { openService, resolveService, type ServiceContext } from "./service.js";

/** Figures of a transport; see {@link Http2Transport.stats}. */
export type Http2TransportStats = DispatcherStats;

/** APNs has allowed about that many streams on a connection for years. */
const usualStreams = 1000;

/**
 * Sends notifications over APNs' HTTP/2 API.
 *
 * Making one does no I/O; it connects with the first send, or by `connect()`. Close it when done: open connections keep
 * the process alive, unless {@link Http2Transport.unref} says otherwise.
 */
export class Http2Transport implements Transport {
  readonly protocol = "http2";
  /** The sends that `maxConnections` connections could have on streams. */
  readonly concurrency: number;

  readonly #options: ResolvedHttp2ClientOptions;
  readonly #service: ServiceContext;
  /** The same service, unless broadcasts have a host of their own. */
  readonly #broadcastService: ServiceContext;
  readonly #topic: string | undefined;
  /** Why a notification needs a topic of its own: the certificate covers several, and none of them is plainly meant. */
  readonly #topicProblem: string | undefined;
  readonly #dispatcher: Dispatcher;
  /** One, or two if broadcasts have a host of their own. */
  readonly #dispatchers: ReadonlySet<Dispatcher>;
  readonly #context: SendContext;
  #closing: Promise<void> | undefined;

  /**
   * @throws {InvalidArgumentError} naming the option that is wrong
   * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if the certificate cannot be used
   */
  constructor(options: Http2TransportOptions) {
    checkTransportOptionNames(options);
    this.#options = resolveHttp2ClientOptions(options);
    const certificate = this.#options.auth.type === "certificate" ? this.#options.auth.certificate : undefined;
    const topic = options.topic === undefined ? certificate?.defaultTopic : checkHeaderText("topic", options.topic);
    if (topic === undefined && certificate !== undefined && certificate.topics.length > 1) {
      this.#topicProblem = `is named neither by the notification nor by the transport. ${certificateSentence(certificate)} Name one.`;
    }
    this.#service = openService(this.#options);
    this.#broadcastService = broadcastService(options, this.#service);
    this.#topic = topic;
    const { dispatcher } = this.#service;
    this.#dispatcher = dispatcher;
    this.#dispatchers = new Set([dispatcher, this.#broadcastService.dispatcher]);
    this.concurrency = usualStreams * this.#options.maxConnections;
    this.#context = sendContext(this.#options, this.#service, topic);
  }

  /**
   * Opens a connection now rather than with the first send.
   * @throws {ConnectError} `ERR_APNS_CONNECT_FAILED` after one attempt
   */
  async connect(): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    await this.#dispatcher.connect();
  }

  send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    // Not an async function, and no options object made up: this is the hot path.
    const problem = this.#problem(notification, deviceToken, options);
    if (problem !== undefined) return Promise.reject(problem);
    const timeoutMs = options?.timeoutMs ?? this.#options.timeoutMs;
    return new Promise((resolve) => {
      this.#dispatcher.submit(
        new PendingSend(this.#context, notification, deviceToken, options?.apnsId, timeoutMs, resolve),
        options?.signal,
      );
    });
  }

  /**
   * Sends to the subscribers of a channel. Like `send`, it always settles, and rejects for misuse only.
   * @param channelId as `ChannelClient` gave it
   */
  async broadcast(
    notification: BroadcastNotification,
    channelId: string,
    options: RequestOptions = {},
  ): Promise<BroadcastOutcome> {
    if (this.#closing !== undefined) throw closedError();
    return broadcast(this.#broadcastService, this.#topic, notification, channelId, options);
  }

  /** Figures of the connections that carry device requests. */
  stats(): Http2TransportStats {
    return this.#dispatcher.stats();
  }

  /** Reports the connections that carry device requests, from now on. */
  watchConnections(listener: ConnectionListener): () => void {
    return this.#dispatcher.watchConnections(listener);
  }

  /**
   * Lets the process end while connections are open, as with a timer's `unref()`: they keep it alive only as long as a send
   * has not settled. For command line tools, and for functions that are frozen between calls.
   */
  unref(): this {
    for (const dispatcher of this.#dispatchers) dispatcher.setRef(false);
    return this;
  }

  /** Takes {@link unref} back: open connections keep the process alive, as they do from the start. */
  ref(): this {
    for (const dispatcher of this.#dispatchers) dispatcher.setRef(true);
    return this;
  }

  close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = closeTimeoutMs(options);
    const closing = Promise.all([...this.#dispatchers].map((dispatcher) => dispatcher.close(timeoutMs)));
    this.#closing ??= closing.then(() => {});
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The first problem of the arguments of `send`, if there is one. */
  #problem(notification: Notification, deviceToken: string, options: SendOptions | undefined): Error | undefined {
    if (this.#closing !== undefined) return closedError();
    const problem = deviceTokenProblem(deviceToken);
    if (problem !== undefined) {
      return new InvalidArgumentError("deviceToken", problem, { code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    }
    const unsuitable = notificationProblem(notification);
    if (unsuitable !== undefined) return new InvalidArgumentError("notification", unsuitable);
    if (this.#topicProblem !== undefined && notification.topic === undefined) {
      return new InvalidArgumentError("topic", this.#topicProblem);
    }
    if (options === undefined) return undefined;
    try {
      checkSendOptionNames(options);
      if (options.apnsId !== undefined) checkUuid("apnsId", options.apnsId);
      if (options.signal !== undefined) checkSignal("signal", options.signal);
      if (options.timeoutMs !== undefined) checkInteger("timeoutMs", options.timeoutMs, 1);
    } catch (error) {
      return error as Error;
    }
    return undefined;
  }
}

function broadcastService(
  { broadcastEndpoint = "device", ...options }: Http2TransportOptions,
  device: ServiceContext,
): ServiceContext {
  if (broadcastEndpoint === "device") return device;
  if (broadcastEndpoint === "dedicated" && typeof options.environment !== "string") {
    throw new InvalidArgumentError("broadcastEndpoint", "of an environment of your own is an endpoint of your own.");
  }
  const environment = broadcastEndpoint === "dedicated" ? options.environment : broadcastEndpoint;
  // `port` is about the device host.
  const { port: _, ...others } = options;
  const resolved = resolveHttp2ClientOptions({ ...others, environment }, resolveService(environment, "broadcast"));
  return openService(resolved, { authorizer: device.authorizer });
}

function sendContext(
  { clock, headers }: ResolvedHttp2ClientOptions,
  { authority, explain }: ServiceContext,
  topic: string | undefined,
): SendContext {
  return {
    clock,
    headerValues: new HeaderValues(topic),
    describeHeaders: (authorization) => deviceRequest(authority, headers, authorization),
    explain: (reason, notification, serverDate) => explain(reason, topicOf(notification, topic), serverDate),
  };
}

function closedError(): ApnsError {
  return new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "The transport is closed.");
}
