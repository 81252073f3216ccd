import { EventEmitter } from "node:events";
import type { ConnectionEvent, Http2Transport } from "@apns/http2";
import { broadcastToAll } from "./broadcast.js";
import { type Callable, callable } from "./callable.js";
import { type ChannelAction, manageChannels } from "./channels.js";
import { Client } from "./client.js";
import type { Logger } from "./logger.js";
import type { Notification } from "./notification/notification.js";
import type { MultiProviderOptions, ProviderOptions } from "./provider-options.js";
import type {
  BroadcastResponse,
  BroadcastResponseFailure,
  LoggerResponse,
  LoggerResponseFailure,
  ResponseFailure,
  ResponseSent,
  Responses,
} from "./responses.js";
import { sendToAll } from "./send.js";
import { type ResolvedProviderOptions, resolveProviderOptions } from "./transport-options.js";

/** What `Provider` and `MultiProvider` have in common, which is all but their number of connections. */
class ProviderBase extends EventEmitter {
  readonly #options: ResolvedProviderOptions;
  #client: Client | undefined;
  #logger: Logger | undefined;
  #errorLogger: Logger | undefined;

  constructor(options: ResolvedProviderOptions) {
    super();
    this.#options = options;
    // Made at once, which opens nothing: an option that is wrong is an error here and not at the first push.
    this.#client = this.#makeClient();
  }

  /**
   * The transport that this provider sends over, to move code over call by call. After `shutdown` it is closed, and this is
   * another one.
   */
  get transport(): Http2Transport {
    return this.#open().transport;
  }

  /**
   * Sends a notification to one or several device tokens.
   * @returns a promise that never rejects, resolved when each of them has been answered or has failed, in their order
   */
  send(notification: Notification, recipients: string | string[]): Promise<Responses<ResponseSent, ResponseFailure>> {
    const client = this.#open();
    return client.run(() => sendToAll(client, notification, listOf(recipients)));
  }

  /** Makes, reads, lists or deletes channels of the app. Never rejects. */
  manageChannels(
    notifications: Notification | Notification[],
    bundleId: string,
    action: ChannelAction,
  ): Promise<Responses<BroadcastResponse, BroadcastResponseFailure>> {
    const { channels } = this.#options;
    return this.#open().run(() => manageChannels(channels, listOf(notifications), bundleId, action));
  }

  /** Sends each notification to the subscribers of its `channelId`. Never rejects. */
  broadcast(
    notifications: Notification | Notification[],
    bundleId: string,
  ): Promise<Responses<BroadcastResponse, BroadcastResponseFailure>> {
    const client = this.#open();
    return client.run(() => broadcastToAll(client, listOf(notifications), bundleId));
  }

  /** Lines about connections go to `logger`, those about failures to `errorLogger` or, without one, to `logger` as well. */
  async setLogger(
    logger: Logger,
    errorLogger: Logger = logger,
  ): Promise<Responses<LoggerResponse, LoggerResponseFailure>> {
    this.#logger = checkLogger(logger);
    this.#errorLogger = checkLogger(errorLogger);
    return { sent: [], failed: [] };
  }

  /**
   * Closes the connections once all that was given to `send` has ended. A later `send` opens them anew.
   * @param callback called when they are closed
   */
  async shutdown(callback?: () => void): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
    callback?.();
  }

  #open(): Client {
    this.#client ??= this.#makeClient();
    return this.#client;
  }

  #makeClient(): Client {
    return new Client(this.#options, (event) => this.#log(event));
  }

  #log(event: ConnectionEvent): void {
    const { connection, endpoint, type } = event;
    const cause = "cause" in event && event.cause?.code !== "ERR_APNS_TRANSPORT_CLOSED" ? event.cause : undefined;
    const log = cause === undefined ? this.#logger : this.#errorLogger;
    if (log?.enabled !== true) return;
    log(`connection ${connection} to ${endpoint}: ${type}${cause === undefined ? "" : `. ${cause.message}`}`);
  }
}

class ProviderClass extends ProviderBase {
  constructor(options: ProviderOptions = {}) {
    super(resolveProviderOptions(options));
  }
}

class MultiProviderClass extends ProviderBase {
  constructor(options: MultiProviderOptions = {}) {
    const clientCount = Number(options.clientCount || 2);
    if (!(clientCount > 0)) throw new Error(`Expected positive client count but got ${options.clientCount}`);
    super(resolveProviderOptions(options, Math.min(Math.ceil(clientCount), maxConnections)));
  }
}

/** What a transport takes at most. */
const maxConnections = 100;

function listOf<Item>(given: Item | Item[]): Item[] {
  return Array.isArray(given) ? given : [given];
}

function checkLogger(logger: Logger): Logger {
  if (typeof logger === "function") return logger;
  throw new Error(`Expected newLogger to be a function, got ${typeof logger}`);
}

/** The static members that a class of emitters has. */
type EmitterStatics = Omit<typeof EventEmitter, "prototype">;

/** Sends notifications. One for each key or certificate is enough; it opens connections as the load asks for them, four at most. */
export interface Provider extends ProviderBase {}
export const Provider: Callable<[options?: ProviderOptions], Provider> & EmitterStatics = callable(
  nameClass(ProviderClass, "Provider"),
);

/** A provider with as many connections as `clientCount` says. */
export interface MultiProvider extends ProviderBase {}
export const MultiProvider: Callable<[options?: MultiProviderOptions], MultiProvider> & EmitterStatics = callable(
  nameClass(MultiProviderClass, "MultiProvider"),
);

function nameClass<Class extends object>(Class: Class, name: string): Class {
  return Object.defineProperty(Class, "name", { value: name });
}
