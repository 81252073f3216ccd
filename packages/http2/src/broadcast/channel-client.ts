import { ApnsError, type CloseOptions } from "@apns/core";
import { checkHeaderText, checkOneOf, checkOptions, closeTimeoutMs } from "@apns/core/internal";
import {
  type ApiAnswer,
  type ApiRequest,
  checkRequestOptions,
  perform,
  type RequestOptions,
  rejectionOf,
} from "../api-request.js";
import { clientOptionNames, type Http2ClientOptions, hints, resolveHttp2ClientOptions } from "../options.js";
import { parseObject } from "../response.js";
import { openService, resolveService, type ServiceContext } from "../service.js";
import { bundleIdOf } from "./broadcast-notification.js";
import { failedRequest, rejectedRequest, unreadableAnswer } from "./channel-error.js";

export interface ChannelClientOptions extends Http2ClientOptions {
  /** The app the channels belong to. */
  readonly bundleId: string;
}

const channelClientOptionNames = new Set([...clientOptionNames, "bundleId"]);

/**
 * What a channel keeps for devices that are offline: nothing (then broadcasts must have `expiration: "once"`, and more of
 * them are allowed), or the most recent message, for up to 8 hours.
 */
export type MessageStorage = "none" | "mostRecent";

export interface CreateChannelOptions extends RequestOptions {
  /** Cannot be changed later. */
  readonly messageStorage: MessageStorage;
}

export interface Channel {
  /** As APNs returns it, in base64: for the app, and for `broadcast`. */
  readonly channelId: string;
  /** A number if it is a policy that this version does not know. */
  readonly messageStorage: MessageStorage | (number & {});
  readonly apnsRequestId: string | undefined;
}

/** By APNs' number for each policy. */
const policies: readonly MessageStorage[] = ["none", "mostRecent"];

/** Apple's limit is 10,000 channels for an app, and an id takes about 30 bytes in the list. */
const maxBodyBytes = 2 ** 20;

/**
 * Makes, reads, lists and deletes the channels to which broadcasts are sent. There can be 10,000 for an app in each
 * environment; they live until they are deleted.
 *
 * Making a client does no I/O. Close it when done: an open connection keeps the process alive.
 *
 * Source: Apple, "Sending channel management requests to APNs".
 */
export class ChannelClient {
  readonly #service: ServiceContext;
  readonly #bundleId: string;
  #closing: Promise<void> | undefined;

  /**
   * @throws {InvalidArgumentError} naming the option that is wrong
   * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if the certificate cannot be used
   */
  constructor(options: ChannelClientOptions) {
    checkOptions("ChannelClient", options, channelClientOptionNames, { hints });
    this.#bundleId = bundleIdOf("bundleId", options.bundleId);
    const endpoint = resolveService(options.environment, "channels");
    // Channel requests are few: one connection is enough, even with one stream.
    const resolved = resolveHttp2ClientOptions({ maxConnections: 1, ...options }, endpoint);
    this.#service = openService(resolved, { maxBodyBytes });
  }

  /**
   * Opens a connection now rather than with the first request.
   * @throws {ConnectError} `ERR_APNS_CONNECT_FAILED` after one attempt
   */
  async connect(): Promise<void> {
    if (this.#closing !== undefined) throw clientClosed();
    await this.#service.dispatcher.connect();
  }

  /**
   * Makes a channel.
   * @throws {ChannelError} `reason` is `CannotCreateChannelConfig` when the app has as many as it may have
   */
  async create(options: CreateChannelOptions): Promise<Channel> {
    const messageStorage = checkOneOf("messageStorage", options?.messageStorage, policies);
    const what = `Creating a channel of ${this.#bundleId}`;
    const body = { "message-storage-policy": policies.indexOf(messageStorage), "push-type": "LiveActivity" };
    const { channelId, apnsRequestId } = await this.#request(what, options, {
      method: "POST",
      path: this.#path("channels"),
      body: Buffer.from(JSON.stringify(body)),
    });
    if (channelId === undefined) throw unreadableAnswer(what, "named no channel", apnsRequestId);
    return { channelId, messageStorage, apnsRequestId };
  }

  /** Reads how a channel was made. @throws {ChannelError} if it does not exist, or cannot be read */
  async read(channelId: string, options: RequestOptions = {}): Promise<Channel> {
    const what = `Reading channel ${checkHeaderText("channelId", channelId)} of ${this.#bundleId}`;
    const request = { method: "GET", path: this.#path("channels"), channelId } as const;
    const { body, apnsRequestId } = await this.#request(what, options, request);
    const policy = parseObject(body)?.["message-storage-policy"];
    if (typeof policy !== "number") throw unreadableAnswer(what, "not with what a channel is", apnsRequestId);
    return { channelId, messageStorage: policies[policy] ?? policy, apnsRequestId };
  }

  /** Deletes a channel, for good. What was sent to it is not recalled. @throws {ChannelError} */
  async delete(channelId: string, options: RequestOptions = {}): Promise<void> {
    const what = `Deleting channel ${checkHeaderText("channelId", channelId)} of ${this.#bundleId}`;
    await this.#request(what, options, { method: "DELETE", path: this.#path("channels"), channelId });
  }

  /** The ids of all channels of the app. @throws {ChannelError} */
  async list(options: RequestOptions = {}): Promise<string[]> {
    const what = `Listing the channels of ${this.#bundleId}`;
    const request = { method: "GET", path: this.#path("all-channels") } as const;
    const { body, apnsRequestId } = await this.#request(what, options, request);
    const channels = parseObject(body)?.["channels"];
    if (Array.isArray(channels) && channels.every((entry) => typeof entry === "string")) return channels;
    throw unreadableAnswer(what, "not with a list of channels", apnsRequestId);
  }

  /** Drains: lets open requests settle, then closes the connection. */
  close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = closeTimeoutMs(options);
    this.#closing = this.#service.dispatcher.close(timeoutMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #path(resource: "channels" | "all-channels"): string {
    return `/1/apps/${encodeURIComponent(this.#bundleId)}/${resource}`;
  }

  async #request(what: string, options: RequestOptions, request: ApiRequest): Promise<ApiAnswer> {
    checkRequestOptions(options);
    if (this.#closing !== undefined) throw clientClosed();
    const result = await perform(this.#service, request, options);
    if (result.kind !== "answered") throw failedRequest(what, result, options.apnsRequestId);
    if (result.httpStatus < 300) return result;
    throw rejectedRequest(what, rejectionOf(result, this.#service, this.#bundleId), result.apnsRequestId);
  }
}

function clientClosed(): ApnsError {
  return new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "The client is closed.");
}
