import type { SecureContext, TLSSocket } from "node:tls";
import type { ResolvedEndpoint } from "@apns/core";
import { AddressSpread, ConnectError, connect, connectError, type HttpProxy, TlsSessionCache } from "@apns/net";
import { BackOff } from "./back-off.js";
import { Connection, type ConnectionEvents, type ConnectionSettings } from "./connection.js";

export interface ConnectorOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False takes any server for the right one. */
  readonly verifyServer: boolean;
  readonly proxy: HttpProxy | undefined;
  /** For one attempt in all: DNS, TCP, proxy, TLS and the server's SETTINGS. */
  readonly connectTimeoutMs: number;
  readonly connection: ConnectionSettings;
}

export interface ConnectorEvents extends ConnectionEvents {
  /** A connection whose SETTINGS have come. */
  onConnected(connection: Connection): void;
  onConnectFailed(error: ConnectError): void;
}

/** One read of the socket lands here; larger reads only mean larger chunks. */
const readBufferBytes = 64 * 1024;

/** Between the end of a connection that was of use and the next one, in milliseconds: 20 per second at the most. */
const spacingMs = 50;

/** Makes connections, one at a time and never faster than the back-off allows. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #events: ConnectorEvents;
  readonly #addresses = new AddressSpread();
  readonly #backOff = new BackOff();
  /** Ends the attempt under way. */
  #abandon: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Not before this; on the monotonic clock. */
  #notBefore = 0;
  readonly #sessions = new TlsSessionCache();
  #opened = 0;

  constructor(options: ConnectorOptions, events: ConnectorEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** TLS connections made so far. */
  get opened(): number {
    return this.#opened;
  }

  get isConnecting(): boolean {
    return this.#abandon !== undefined;
  }

  /** Connects as soon as the back-off allows; does nothing if that is under way. */
  connectSoon(): void {
    if (this.#abandon !== undefined || this.#timer !== undefined) return;
    const { delayMs } = this;
    if (delayMs === 0) {
      this.connectNow();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.connectNow();
    }, delayMs);
  }

  /** Connects whatever the back-off says; does nothing if that is under way. */
  connectNow(): void {
    if (this.#abandon !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt();
  }

  /** Something went wrong that the next connection may meet, too. */
  holdOff(): void {
    this.#backOff.failed();
    this.#notBefore = performance.now() + this.#backOff.delayMs;
  }

  /** A connection was of use and ended in order: the next may be made at once. */
  succeeded(): void {
    this.#backOff.succeeded();
    this.#notBefore = 0;
  }

  /** A connection was of use, if not much, or broke: the next is made a moment later, however often that happens. */
  spaceOut(): void {
    this.#backOff.succeeded();
    this.#notBefore = performance.now() + spacingMs;
  }

  /** How long the back-off makes the next attempt wait, in milliseconds. */
  get delayMs(): number {
    return Math.max(0, this.#notBefore - performance.now());
  }

  /** Nothing waits for a connection any more; one that is being made goes on. */
  noHurry(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  stop(): void {
    this.noHurry();
    this.#abandon?.();
    this.#abandon = undefined;
  }

  #attempt(): void {
    const { endpoint, connectTimeoutMs } = this.#options;
    const where = `${endpoint.host}:${endpoint.port}`;
    const startedAt = performance.now();
    let connection: Connection | undefined;
    /** What came before there was anybody to receive it. */
    const early: Buffer[] = [];
    const receive = (chunk: Buffer): void => {
      if (connection === undefined) early.push(Buffer.from(chunk));
      else connection.receive(chunk);
    };
    const buffer = Buffer.allocUnsafeSlow(readBufferBytes);
    const onread = {
      buffer,
      callback: (bytes: number): boolean => {
        receive(buffer.subarray(0, bytes));
        return true;
      },
    };
    const fail = (error: ConnectError): void => {
      this.#abandon = undefined;
      this.holdOff();
      this.#events.onConnectFailed(error);
    };
    const connected = (socket: TLSSocket): void => {
      this.#opened++;
      const isResumed = socket.isSessionReused();
      this.#watch(socket);
      socket.on("data", receive);
      const noSettings = (): void => {
        const message = `${where}: no SETTINGS within ${connectTimeoutMs} ms; does it speak HTTP/2?`;
        abandonConnection();
        fail(new ConnectError(message, { retryable: true }));
      };
      const timer = setTimeout(noSettings, Math.max(0, startedAt + connectTimeoutMs - performance.now()));
      let waiting = true;
      const opened = new Connection(socket, this.#options.connection, startedAt, {
        ...this.#forward(),
        onReady: () => {
          if (!waiting) return;
          waiting = false;
          clearTimeout(timer);
          this.#abandon = undefined;
          this.#events.onConnected(opened);
        },
        onDraining: (_, ending) => {
          if (!waiting) {
            this.#events.onDraining(opened, ending);
            return;
          }
          const { cause } = ending;
          // The end of the socket is told by `onClosed`; here it is what the peer said in place of SETTINGS.
          if (cause.code !== "ERR_APNS_PROTOCOL") return;
          waiting = false;
          clearTimeout(timer);
          fail(new ConnectError(`${where}: ${cause.message}`, { retryable: true, cause }));
        },
        onClosed: () => {
          if (!waiting) {
            this.#events.onClosed(opened);
            return;
          }
          waiting = false;
          clearTimeout(timer);
          // It may have been the resumption that the server cannot do; the next attempt goes without.
          if (isResumed) this.#sessions.failed();
          // With TLS 1.3 the server's refusal of the client certificate comes here, after the client's handshake is over.
          const { socketError } = opened;
          const closed = `${where}: the server closed the connection before its SETTINGS came.`;
          fail(
            socketError === undefined
              ? new ConnectError(closed, { retryable: true })
              : connectError(where, socketError),
          );
        },
      });
      const abandonConnection = (): void => {
        waiting = false;
        clearTimeout(timer);
        opened.destroy();
      };
      this.#abandon = abandonConnection;
      connection = opened;
      for (const chunk of early.splice(0)) opened.receive(chunk);
    };
    const connecting = new AbortController();
    this.#abandon = () => connecting.abort();
    connect({
      ...this.#options,
      timeoutMs: connectTimeoutMs,
      signal: connecting.signal,
      alpnProtocol: "h2",
      sessions: this.#sessions,
      addresses: this.#addresses,
      onread,
    }).then(connected, (error: ConnectError) => {
      if (!connecting.signal.aborted) fail(error);
    });
  }

  #forward(): ConnectionEvents {
    const events = this.#events;
    return {
      onReady: (connection) => events.onReady(connection),
      onCapacity: () => events.onCapacity(),
      onAnswer: (connection, exchange, httpStatus, headers, body) =>
        events.onAnswer(connection, exchange, httpStatus, headers, body),
      onFailure: (connection, exchange, processed, cause) => events.onFailure(connection, exchange, processed, cause),
      onWornOut: (connection) => events.onWornOut(connection),
      onDraining: (connection, ending) => events.onDraining(connection, ending),
      onClosed: (connection) => events.onClosed(connection),
    };
  }

  #watch(socket: TLSSocket): void {
    // Through a proxy this is the proxy's address; then there is nothing to spread over.
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    this.#addresses.opened(remoteAddress);
    socket.once("close", () => this.#addresses.closed(remoteAddress));
  }
}
