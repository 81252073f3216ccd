import { type Clock, systemClock } from "../clock.js";
import { ApnsError } from "../errors.js";
import { checkFlag, checkFunction, checkInteger, checkSignal, show } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import { Fifo } from "../internal/fifo.js";
import type { Outcome } from "../outcome.js";
import type { SendOptions, Transport } from "../transport.js";
import { type OpenSource, openSource, type SendItem, type SendSource } from "./send-source.js";
import { SendCounter, type SendProgress, type SendSummary } from "./send-summary.js";

export interface SendAllOptions {
  /** The limit of sends in flight plus results not read yet. @default the transport's `concurrency`, else 1000 */
  readonly concurrency?: number;
  /**
   * Stops pulling from the source; sends in flight settle and are yielded. The run does not wait for a pull from an async
   * source that is under way. (Leaving the loop by `break` does: an async generator closes only once that pull is answered.)
   */
  readonly signal?: AbortSignal;
  /** Yield results in the order of the source instead of as they settle. @default false */
  readonly ordered?: boolean;
  /** Called when sends settle, at most once per `progressIntervalMs`, and once at the end. */
  readonly onProgress?: (progress: SendProgress) => void;
  /** @default 100 */
  readonly progressIntervalMs?: number;
  /** The clock for `elapsedMs`. @default the machine's clock */
  readonly clock?: Clock;
}

const sendAllOptionNames = optionNames<SendAllOptions>({
  concurrency: true,
  signal: true,
  ordered: true,
  onProgress: true,
  progressIntervalMs: true,
  clock: true,
});

/** The result for one item of the source. */
export interface SendResult {
  /** Position in the source, from 0. */
  readonly index: number;
  readonly deviceToken: string;
  /**
   * The transport's outcome. If `send` rejected the item as misuse (a malformed device token, for example), the outcome is
   * `unsent` with that error as its `cause`.
   */
  readonly outcome: Outcome;
}

/** A run of `sendAll`. Nothing is sent until it is iterated, or `summary()` is called. */
export interface SendAllRun extends AsyncIterable<SendResult> {
  /**
   * Runs to the end and resolves with the totals. Results are discarded unless the run is iterated over as well.
   * @throws {ApnsError} `ERR_APNS_SOURCE` if the source threw, `ERR_APNS_CALLBACK` if `onProgress` did; `cause` is the thrown
   * value
   */
  summary(): Promise<SendSummary>;
}

/**
 * Sends all items of a source with backpressure: no more than `concurrency` items are in memory, and the source is pulled only
 * as fast as sends settle and results are read.
 *
 * An error thrown by the source ends the run once all sends in flight have settled and been yielded.
 * @throws {InvalidArgumentError} if the source or an option is not usable
 */
export function sendAll(transport: Transport, source: SendSource, options: SendAllOptions = {}): SendAllRun {
  checkTransport("transport", transport);
  checkOptions("sendAll", options, sendAllOptionNames);
  return new Run(transport, openSource(source), options);
}

/**
 * A send in flight. Slots are pooled: two closures per unit of concurrency instead of two per item, which is 0.11 instead of
 * 0.15 CPU-s per 100,000.
 */
interface Slot {
  index: number;
  deviceToken: string;
  options: SendOptions | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onRefusal: (error: unknown) => void;
}

type Waiter = { resolve: (result: IteratorResult<SendResult>) => void; reject: (error: unknown) => void };

class Run implements SendAllRun, AsyncIterator<SendResult> {
  readonly #transport: Transport;
  readonly #source: OpenSource;
  readonly #concurrency: number;
  readonly #signal: AbortSignal | undefined;
  readonly #ordered: boolean;
  readonly #counter: SendCounter;
  readonly #finished: Promise<void>;
  readonly #finish: () => void;

  /** Settled and not read yet. */
  readonly #results = new Fifo<SendResult>();
  /** With `ordered`: results that wait for an earlier item, by index. */
  readonly #early = new Map<number, SendResult>();
  readonly #freeSlots: Slot[] = [];
  #nextIndex = 0;
  #nextOrdered = 0;
  #inFlight = 0;
  #pulling = false;
  #sourceEnded = false;
  #started = false;
  #done = false;
  #dropResults = false;
  #returned = false;
  #error: ApnsError | undefined;
  #errorThrown = false;
  #waiters: Waiter[] = [];

  constructor(transport: Transport, source: OpenSource, options: SendAllOptions) {
    this.#transport = transport;
    this.#source = source;
    this.#concurrency = checkInteger("concurrency", options.concurrency ?? transport.concurrency ?? 1000, 1);
    this.#signal = options.signal === undefined ? undefined : checkSignal("signal", options.signal);
    this.#ordered = checkFlag("ordered", options.ordered);
    this.#counter = new SendCounter(
      options.clock ?? systemClock,
      checkInteger("progressIntervalMs", options.progressIntervalMs ?? 100, 0),
      options.onProgress === undefined ? undefined : checkFunction("onProgress", options.onProgress),
    );
    let finish: () => void = () => {};
    this.#finished = new Promise((resolve) => {
      finish = resolve;
    });
    this.#finish = finish;
  }

  [Symbol.asyncIterator](): AsyncIterator<SendResult> {
    return this;
  }

  next(): Promise<IteratorResult<SendResult>> {
    // A run begun by `summary()` can be iterated over later: results are kept from here on.
    this.#dropResults = this.#returned;
    this.#start();
    const value = this.#results.shift();
    if (value !== undefined) {
      this.#pump();
      return Promise.resolve({ done: false, value });
    }
    if (this.#done) return this.#end();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Called when a `for await` is left early: closes the source and waits until the sends in flight have settled. */
  async return(): Promise<IteratorResult<SendResult>> {
    this.#returned = true;
    this.#dropResults = true;
    this.#start();
    this.#results.clear();
    this.#early.clear();
    await this.#stopPulling();
    await this.#finished;
    return { done: true, value: undefined };
  }

  async summary(): Promise<SendSummary> {
    if (!this.#started) this.#dropResults = true;
    this.#start();
    await this.#finished;
    if (this.#error !== undefined) throw this.#error;
    return this.#counter.summary(this.#signal?.aborted ?? false);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#counter.start();
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal?.aborted) this.#onAbort();
    this.#pump();
  }

  readonly #onAbort = (): void => {
    void this.#stopPulling();
  };

  /** Ends the source early; resolves once it is closed. */
  async #stopPulling(): Promise<void> {
    if (this.#sourceEnded) return;
    this.#endSource();
    await this.#closeSource();
  }

  /** Closes the source; an error is ignored, since no more items are needed. */
  async #closeSource(): Promise<void> {
    try {
      await this.#source.close();
    } catch {
      // Ignored: see above.
    }
  }

  /** Pulls and sends until `concurrency` is reached. */
  #pump(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (!this.#sourceEnded && this.#held() < this.#concurrency) {
        const item = this.#source.next();
        if (item instanceof Promise) {
          item.then(this.#onPulled, this.#onSourceError);
          return; // `#pulling` stays set until the promise settles: one pull at a time.
        }
        if (this.#sourceEnded) {
          // The source ended the run (by the signal) inside of `next`, when it could not be closed.
          void this.#closeSource();
          break;
        }
        this.#take(item);
      }
    } catch (error) {
      this.#fail("source", error);
    }
    this.#pulling = false;
  }

  readonly #onPulled = (item: SendItem | undefined): void => {
    this.#pulling = false;
    try {
      // If the run ended during the pull, the item is dropped like the rest of the source.
      if (!this.#sourceEnded) this.#take(item);
    } catch (error) {
      this.#fail("source", error);
    }
    this.#pump();
  };

  readonly #onSourceError = (error: unknown): void => {
    this.#pulling = false;
    // A source that watches the same signal as this run fails when it fires; that is no error.
    if (!this.#sourceEnded) this.#fail("source", error);
  };

  /** Sends in flight, and results not read yet. */
  #held(): number {
    return this.#inFlight + this.#early.size + this.#results.size;
  }

  #take(item: SendItem | undefined): void {
    if (item === undefined) {
      this.#endSource();
      return;
    }
    const slot = this.#freeSlots.pop() ?? this.#makeSlot();
    const { notification, deviceToken, options } = item;
    slot.index = this.#nextIndex++;
    slot.deviceToken = deviceToken;
    slot.options = options;
    this.#inFlight++;
    this.#counter.sent++;
    let sending: Promise<Outcome>;
    try {
      sending = this.#transport.send(notification, deviceToken, options);
    } catch (error) {
      // A transport that throws instead of rejecting must not be taken for a failing source.
      sending = Promise.reject(error);
    }
    sending.then(slot.onOutcome, slot.onRefusal);
  }

  #makeSlot(): Slot {
    const slot: Slot = {
      index: 0,
      deviceToken: "",
      options: undefined,
      onOutcome: (outcome) => this.#settle(slot, outcome),
      onRefusal: (error) => this.#settle(slot, refused(slot, error)),
    };
    return slot;
  }

  #settle(slot: Slot, outcome: Outcome): void {
    const { index, deviceToken } = slot;
    slot.options = undefined;
    this.#freeSlots.push(slot);
    this.#inFlight--;
    // Delivered before the callback, which may end the run: a settled result is always yielded.
    const result: SendResult = { index, deviceToken, outcome };
    if (this.#ordered) this.#settleInOrder(result);
    else this.#deliver(result);
    try {
      this.#counter.settle(outcome);
    } catch (error) {
      this.#fail("onProgress", error);
    }
    this.#pump();
    this.#finishIfDone();
  }

  #settleInOrder(result: SendResult): void {
    this.#early.set(result.index, result);
    for (;;) {
      const next = this.#early.get(this.#nextOrdered);
      if (next === undefined) return;
      this.#early.delete(this.#nextOrdered++);
      this.#deliver(next);
    }
  }

  #deliver(result: SendResult): void {
    if (this.#dropResults) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#results.push(result);
    else waiter.resolve({ done: false, value: result });
  }

  /** The source or the callback threw: the sends in flight settle and are yielded, then the error is thrown. */
  #fail(culprit: "source" | "onProgress", cause: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = new ApnsError(
      culprit === "source" ? "ERR_APNS_SOURCE" : "ERR_APNS_CALLBACK",
      `The ${culprit} given to sendAll threw after ${this.#nextIndex} items: ` +
        (cause instanceof Error ? cause.message : show(cause)),
      { cause },
    );
    if (culprit === "source") this.#endSource();
    else void this.#stopPulling();
  }

  /** The source is exhausted: flush the transport, so that the last verdicts do not wait for a timer. */
  #endSource(): void {
    this.#sourceEnded = true;
    if (this.#inFlight > 0 && this.#transport.flush !== undefined) {
      // If the flush fails, every send still settles by itself.
      this.#transport.flush().catch(() => {});
    }
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#done || !this.#sourceEnded || this.#inFlight > 0) return;
    this.#done = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    try {
      this.#counter.report();
    } catch (error) {
      this.#fail("onProgress", error);
    }
    this.#finish();
    for (const { resolve, reject } of this.#waiters.splice(0)) this.#end().then(resolve, reject);
  }

  #end(): Promise<IteratorResult<SendResult>> {
    // Thrown once; after that, `next` reports the end like any finished iterator.
    const error = this.#error;
    if (error !== undefined && !this.#errorThrown) {
      this.#errorThrown = true;
      return Promise.reject(error);
    }
    return Promise.resolve({ done: true, value: undefined });
  }
}

function refused({ deviceToken, options }: Slot, error: unknown): Outcome {
  const cause =
    error instanceof ApnsError
      ? error
      : new ApnsError(
          "ERR_APNS_INVALID_ARGUMENT",
          `send failed: ${error instanceof Error ? error.message : show(error)}`,
          {
            cause: error,
          },
        );
  return { kind: "unsent", deviceToken, apnsId: options?.apnsId, attempts: 0, cause };
}
