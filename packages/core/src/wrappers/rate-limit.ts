import { ApnsError, InvalidArgumentError } from "../errors.js";
import { checkInteger, show } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import { DrainDeadline } from "../internal/drain-deadline.js";
import { Fifo } from "../internal/fifo.js";
import { queueFullError } from "../internal/queue-full.js";
import { checkSendOptions, closeTimeoutMs } from "../internal/send-options.js";
import { SignalRegistry } from "../internal/signal-registry.js";
import { maxTimerDelayMs } from "../internal/timers.js";
import { addStats, waitingOnly } from "../internal/transport-stats.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { CloseOptions, SendOptions, Transport, TransportStats } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

export interface RateLimitOptions {
  /** Notifications per second, above 0: the rate at which the token bucket refills. Fractions are allowed. */
  readonly perSecond: number;
  /**
   * The size of the token bucket: how many notifications may be sent at once after a pause. @default those of 20 ms, at least 1
   */
  readonly burst?: number;
  /** How many notifications may wait; further ones are `unsent` at once. @default 100_000 */
  readonly maxQueued?: number;
}

const rateLimitOptionNames = optionNames<RateLimitOptions>({ perSecond: true, burst: true, maxQueued: true });

/** A transport with a limited rate. */
export interface RateLimitedTransport extends Transport {
  /** Notifications per second; can be set at any time. */
  perSecond: number;
  /** How many notifications wait. */
  readonly queued: number;
}

/**
 * A transport that limits the rate of sends by a token bucket; sends over the rate wait in order. Waiting counts against a
 * send's `timeoutMs`; without one, it has no limit.
 *
 * `close` keeps sending at the rate for its `timeoutMs`; then the sends that still wait settle as `unsent`.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function rateLimit(transport: Transport, options: RateLimitOptions): RateLimitedTransport {
  checkTransport("transport", transport);
  checkOptions("rateLimit", options, rateLimitOptionNames);
  return new LimitedTransport(transport, options);
}

/** The default bucket holds the tokens of this time, in milliseconds: timers are no finer, and one that fires late loses none. */
const defaultBurstMs = 20;

interface Waiting {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options: SendOptions;
  readonly deadlineAt: number;
  readonly settle: (outcome: Outcome | Promise<Outcome>) => void;
  /** Stops watching the caller's signal. */
  unwatch: (() => void) | undefined;
  settled: boolean;
}

class LimitedTransport extends WrappingTransport implements RateLimitedTransport {
  readonly #transport: Transport;
  readonly #burst: number | undefined;
  readonly #maxQueued: number;
  readonly #queue = new Fifo<Waiting>();
  readonly #signals = new SignalRegistry<Waiting>((waiting, signal) => {
    for (const one of waiting) giveUp(one, abortedError(signal));
  });
  #perSecond: number;
  /** In the token bucket; a send takes one. */
  #tokens: number;
  #refilledAt: number;
  /** The earliest deadline of the sends that wait, or an earlier instant. */
  #nextDeadlineAt = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #drainDeadline = new DrainDeadline();
  #isClosingInner = false;
  #closing: Promise<void> | undefined;
  /** Sends that have left the queue, sent or settled. */
  #left = 0;
  /** Flushes that wait until `#left` reaches a count, in ascending order. */
  readonly #flushes = new Fifo<{ readonly count: number; readonly resolve: () => void }>();

  constructor(transport: Transport, { perSecond, burst, maxQueued = 100_000 }: RateLimitOptions) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#perSecond = checkRate(perSecond);
    this.#burst = burst === undefined ? undefined : checkInteger("burst", burst, 1);
    this.#maxQueued = checkInteger("maxQueued", maxQueued, 0);
    this.#tokens = this.#bucketSize();
    this.#refilledAt = performance.now();
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  set perSecond(perSecond: number) {
    const rate = checkRate(perSecond);
    this.#refill();
    this.#perSecond = rate;
    this.#release();
  }

  get queued(): number {
    return this.#queue.size;
  }

  override send(notification: Notification, deviceToken: string, options: SendOptions = {}): Promise<Outcome> {
    if (this.#closing !== undefined) {
      return Promise.reject(new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "send: the transport is closed."));
    }
    if (this.#queue.size === 0) {
      this.#refill();
      if (this.#tokens >= 1) {
        this.#tokens--;
        return this.#transport.send(notification, deviceToken, options);
      }
    }
    try {
      // The inner transport would check them only after the wait.
      checkSendOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait(notification, deviceToken, options);
  }

  override stats(): TransportStats {
    return addStats([super.stats(), waitingOnly(this.#queue.size, this.#queue.size)]);
  }

  override close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = closeTimeoutMs(options);
    this.#drainDeadline.within(timeoutMs);
    // The queue is empty by then: what is left of the time is the inner transport's, which shortens it in the same way.
    if (this.#isClosingInner) void super.close({ timeoutMs });
    this.#closing ??= this.#close();
    return this.#closing;
  }

  protected override async flushInner(): Promise<void> {
    await this.#drained();
    await super.flushInner();
  }

  async #close(): Promise<void> {
    const deadline = this.#drainDeadline;
    if (this.#queue.size > 0) await Promise.race([this.#drained(), deadline.passed]);
    clearTimeout(this.#timer);
    const why = `The transport was closed, and the rate (perSecond) did not let this notification out within ${deadline.timeoutMs} ms.`;
    for (const waiting of this.#queue) giveUp(waiting, new ApnsError("ERR_APNS_TRANSPORT_CLOSED", why));
    this.#left += this.#queue.size;
    this.#queue.clear();
    this.#tellLeft();
    const timeoutMs = deadline.remainingMs;
    deadline.cancel();
    this.#isClosingInner = true;
    await super.close({ timeoutMs });
  }

  #wait(notification: Notification, deviceToken: string, options: SendOptions): Promise<Outcome> {
    const { signal, timeoutMs } = options;
    return new Promise((settle) => {
      const deadlineAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
      const waiting: Waiting = {
        notification,
        deviceToken,
        options,
        deadlineAt,
        settle,
        unwatch: undefined,
        settled: false,
      };
      if (signal?.aborted) return giveUp(waiting, abortedError(signal));
      if (this.#queue.size >= this.#maxQueued) {
        return giveUp(waiting, queueFullError(this.#maxQueued));
      }
      if (signal !== undefined) waiting.unwatch = this.#signals.add(signal, waiting);
      this.#queue.push(waiting);
      if (deadlineAt < this.#nextDeadlineAt) {
        this.#nextDeadlineAt = deadlineAt;
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
      this.#schedule();
    });
  }

  /** Sends as many as there are tokens, then settles the overdue. */
  readonly #release = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#refill();
    for (let waiting = this.#queue.peek(); waiting !== undefined; waiting = this.#queue.peek()) {
      if (!waiting.settled) {
        if (this.#tokens < 1) break;
        this.#tokens--;
        this.#handOver(waiting);
      }
      this.#queue.shift();
      this.#left++;
    }
    this.#tellLeft();
    const now = performance.now();
    if (now >= this.#nextDeadlineAt) this.#giveUpOverdue(now);
    if (this.#queue.size > 0) this.#schedule();
  };

  #handOver(waiting: Waiting): void {
    const { notification, deviceToken, options, deadlineAt } = waiting;
    markSettled(waiting);
    const timeoutMs = Math.max(1, Math.round(deadlineAt - performance.now()));
    const left = options.timeoutMs === undefined ? options : { ...options, timeoutMs };
    waiting.settle(this.#transport.send(notification, deviceToken, left));
  }

  #giveUpOverdue(now: number): void {
    this.#nextDeadlineAt = Number.POSITIVE_INFINITY;
    for (const waiting of this.#queue) {
      if (waiting.settled) continue;
      if (waiting.deadlineAt > now) this.#nextDeadlineAt = Math.min(this.#nextDeadlineAt, waiting.deadlineAt);
      else
        giveUp(
          waiting,
          new ApnsError(
            "ERR_APNS_TIMEOUT",
            "The rate (perSecond) did not let this notification out within its timeoutMs.",
          ),
        );
    }
  }

  #schedule(): void {
    const untilTurnMs = ((1 - this.#tokens) / this.#perSecond) * 1000;
    const untilDeadlineMs = this.#nextDeadlineAt - performance.now();
    const delayMs = Math.ceil(Math.max(1, Math.min(untilTurnMs, untilDeadlineMs, maxTimerDelayMs)));
    this.#timer ??= setTimeout(this.#release, delayMs);
  }

  #refill(): void {
    const now = performance.now();
    this.#tokens = Math.min(this.#bucketSize(), this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond);
    this.#refilledAt = now;
  }

  #bucketSize(): number {
    return this.#burst ?? Math.max(1, (this.#perSecond * defaultBurstMs) / 1000);
  }

  /** Resolves once all sends that wait now have left the queue. */
  #drained(): Promise<void> {
    if (this.#queue.size === 0) return Promise.resolve();
    const count = this.#left + this.#queue.size;
    return new Promise((resolve) => this.#flushes.push({ count, resolve }));
  }

  #tellLeft(): void {
    for (let next = this.#flushes.peek(); next !== undefined && next.count <= this.#left; next = this.#flushes.peek()) {
      this.#flushes.shift();
      next.resolve();
    }
  }
}

/** Ends the waiting of one send: its signal is no longer watched. */
function markSettled(waiting: Waiting): void {
  waiting.settled = true;
  waiting.unwatch?.();
}

function giveUp(waiting: Waiting, cause: ApnsError): void {
  if (waiting.settled) return;
  markSettled(waiting);
  const { deviceToken, options } = waiting;
  waiting.settle({ kind: "unsent", deviceToken, apnsId: options.apnsId, attempts: 0, cause });
}

function abortedError({ reason }: AbortSignal): ApnsError {
  return new ApnsError(
    "ERR_APNS_ABORTED",
    "The caller aborted this notification while it waited for the rate limit (perSecond).",
    {
      cause: reason,
    },
  );
}

function checkRate(perSecond: unknown): number {
  if (typeof perSecond === "number" && Number.isFinite(perSecond) && perSecond > 0) return perSecond;
  throw new InvalidArgumentError("perSecond", `${show(perSecond)} is not a number of notifications above 0.`);
}
