import { BackOff, backOffDelayMs } from "@apns/core/internal";
import type { ConnectError } from "@apns/net";
import type { Connection } from "../connection/connection.js";
import type { Request } from "./request.js";

export interface ConnectorEvents {
  onConnected(connection: Connection<Request>): void;
  onConnectFailed(error: ConnectError): void;
}

/** Between the end of a connection that was of use and the next one, in milliseconds: 20 per second at the most. */
const spacingMs = 50;

/** APNs treats rapid reconnecting as an attack. */
const backOffBounds = { baseMs: 100, maxMs: 10_000 };

type ConnectorState =
  | { readonly name: "idle" }
  | { readonly name: "scheduled"; readonly timer: NodeJS.Timeout }
  | { readonly name: "connecting"; readonly attempt: AbortController }
  | { readonly name: "stopped" };

const idle: ConnectorState = { name: "idle" };

/** Decides when to connect: one attempt at a time, and never faster than the back-off allows. */
export class Connector {
  readonly #connect: (signal: AbortSignal) => Promise<Connection<Request>>;
  readonly #events: ConnectorEvents;
  readonly #backOff = new BackOff(backOffBounds);
  #state: ConnectorState = idle;
  /** Not before this; on the monotonic clock. */
  #notBefore = 0;

  constructor(connect: (signal: AbortSignal) => Promise<Connection<Request>>, events: ConnectorEvents) {
    this.#connect = connect;
    this.#events = events;
  }

  /** How long the next attempt would wait after one more failure, in milliseconds, before jitter. */
  get delayAfterFailureMs(): number {
    return backOffDelayMs(this.#backOff.failures + 1, { ...backOffBounds, random: () => 1 });
  }

  /** Connects as soon as the back-off allows; does nothing if that is under way. */
  connectSoon(): void {
    if (this.#state !== idle) return;
    const delayMs = Math.max(0, this.#notBefore - performance.now());
    if (delayMs === 0) void this.#attempt();
    else this.#state = { name: "scheduled", timer: setTimeout(() => void this.#attempt(), delayMs) };
  }

  /** Connects whatever the back-off says; does nothing if that is under way. */
  connectNow(): void {
    if (this.#state.name === "connecting" || this.#state.name === "stopped") return;
    this.cancelScheduled();
    void this.#attempt();
  }

  /** Nothing waits for a connection any more. An attempt under way goes on. */
  cancelScheduled(): void {
    if (this.#state.name !== "scheduled") return;
    clearTimeout(this.#state.timer);
    this.#state = idle;
  }

  /** Ends the attempt under way, and makes no further one. */
  stop(): void {
    this.cancelScheduled();
    const state = this.#state;
    this.#state = { name: "stopped" };
    if (state.name === "connecting") state.attempt.abort();
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

  async #attempt(): Promise<void> {
    const attempt = new AbortController();
    this.#state = { name: "connecting", attempt };
    let connection: Connection<Request>;
    try {
      connection = await this.#connect(attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) return;
      this.#state = idle;
      this.holdOff();
      this.#events.onConnectFailed(error as ConnectError);
      return;
    }
    if (attempt.signal.aborted) {
      connection.destroy();
      return;
    }
    this.#state = idle;
    this.#events.onConnected(connection);
  }
}
