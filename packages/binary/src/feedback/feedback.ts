import type { TLSSocket } from "node:tls";
import { ApnsError, encodeDeviceToken, type UnregisteredToken } from "@apns/core";
import { checkInteger, checkOptions, maxTimerDelayMs, optionNames } from "@apns/core/internal";
import { connectLegacy } from "../connection/connect-legacy.js";
import {
  connectNames,
  hints,
  type LegacyConnectOptions,
  type ResolvedConnectOptions,
  resolveConnectOptions,
} from "../options.js";
import { FeedbackDecoder } from "../wire.js";

/** Options of `feedback`. */
export interface FeedbackOptions extends LegacyConnectOptions {
  /** How long the service may be silent before it ends the list, in milliseconds. @default 30_000 */
  readonly readTimeoutMs?: number;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

export const feedbackNames: { readonly [Name in keyof Required<FeedbackOptions>]: true } = {
  ...connectNames,
  readTimeoutMs: true,
  signal: true,
};
const feedbackOptionNames = optionNames<FeedbackOptions>(feedbackNames);

/** The list was not read to its end. The entries read were handed over; the service may have forgotten all of them. */
export class FeedbackCutError extends ApnsError {
  override readonly name = "FeedbackCutError";
  /** How many entries were read whole. */
  readonly entries: number;
  /** How many bytes of a further entry were read. */
  readonly cutBytes: number;

  constructor(code: string, message: string, entries: number, cutBytes: number, cause?: unknown) {
    super(code, message, { cause });
    this.entries = entries;
    this.cutBytes = cutBytes;
  }
}

/** Backpressure: with so many entries not taken, the socket is paused. */
const highWaterMark = 10_000;

/**
 * Reads the list of devices from which the app was removed, once, to its end: connects when it is iterated, and disconnects
 * when the list ends or the loop is left.
 *
 * The service forgets the list as it is read, so take every entry. It never lists device tokens that were refused with
 * status 8; those are in the outcomes of `send`.
 *
 * Source: Apple's archived "Binary Provider API", "The Feedback Service".
 * @throws {FeedbackCutError} after the last entry handed over, if the list was cut: `ERR_APNS_PROTOCOL` inside an entry,
 * `ERR_APNS_CONNECTION_LOST` if the connection broke, `ERR_APNS_TIMEOUT` if the service fell silent
 * @throws {ApnsError} `ERR_APNS_CONNECT_FAILED`, `ERR_APNS_ABORTED`
 * @throws {InvalidArgumentError} at once, naming the option that is wrong
 */
export function feedback(options: FeedbackOptions): AsyncIterable<UnregisteredToken> {
  checkOptions("feedback", options, feedbackOptionNames, { hints });
  return feedbackList(options);
}

/** `feedback`, for options whose names were checked. */
export function feedbackList(options: FeedbackOptions): AsyncIterable<UnregisteredToken> {
  const resolved = resolveConnectOptions(options, "feedback");
  const readTimeoutMs = checkInteger("readTimeoutMs", options.readTimeoutMs ?? 30_000, 1, maxTimerDelayMs);
  return { [Symbol.asyncIterator]: () => read(resolved, readTimeoutMs, options.signal) };
}

async function* read(
  options: ResolvedConnectOptions,
  readTimeoutMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<UnregisteredToken> {
  const reader = new FeedbackReader(options, readTimeoutMs);
  const onAbort = (): void => reader.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    for (;;) {
      const entries = await reader.next();
      if (entries === undefined) return;
      yield* entries;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    reader.close();
  }
}

/** One connection to the feedback service: entries as they arrive, then the end or the error. */
class FeedbackReader {
  readonly #decoder = new FeedbackDecoder();
  readonly #connecting = new AbortController();
  readonly #readTimeoutMs: number;
  readonly #address: string;
  #socket: TLSSocket | undefined;
  #unread: UnregisteredToken[] = [];
  #entries = 0;
  #ended = false;
  #error: ApnsError | undefined;
  #wake: () => void = () => {};

  constructor(options: ResolvedConnectOptions, readTimeoutMs: number) {
    this.#readTimeoutMs = readTimeoutMs;
    this.#address = `${options.endpoint.host}:${options.endpoint.port}`;
    connectLegacy(options, this.#connecting.signal).then(
      (socket) => this.#connected(socket),
      (error: ApnsError) => this.#end(error),
    );
  }

  /** The entries that have come since the last call, at least one; `undefined` at the end of a whole list. */
  async next(): Promise<UnregisteredToken[] | undefined> {
    while (this.#unread.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#unread.length > 0) {
      const entries = this.#unread;
      this.#unread = [];
      if (this.#socket?.isPaused()) {
        // The time that has passed was the reader's: the service's starts anew. A timeout that has fired does not fire again.
        this.#socket.setTimeout(this.#readTimeoutMs);
        this.#socket.resume();
      }
      return entries;
    }
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  abort(reason: unknown): void {
    this.#end(new ApnsError("ERR_APNS_ABORTED", "The caller aborted the reading of the feedback.", { cause: reason }));
    this.close();
  }

  close(): void {
    this.#connecting.abort();
    this.#socket?.destroy();
  }

  #connected(socket: TLSSocket): void {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => this.#end(this.#cut("ERR_APNS_PROTOCOL", "the list ends")));
    socket.on("error", (cause) => {
      this.#end(this.#broken("ERR_APNS_CONNECTION_LOST", `the connection broke (${cause.message})`, cause));
    });
    socket.on("close", () => {
      this.#end(this.#broken("ERR_APNS_CONNECTION_LOST", "the connection broke"));
    });
    socket.setTimeout(this.#readTimeoutMs);
    // Not as an argument of `setTimeout`, which would listen once.
    socket.on("timeout", () => {
      const { bytesRead } = socket;
      // The socket is read first: a process that was busy must not take its own delay for the service's.
      setImmediate(() => {
        // A paused socket means a slow reader, not a silent service.
        if (this.#ended || socket.isPaused() || socket.bytesRead !== bytesRead) return;
        this.#end(this.#broken("ERR_APNS_TIMEOUT", `the service was silent for ${this.#readTimeoutMs} ms`));
        socket.destroy();
      });
    });
  }

  #receive(chunk: Uint8Array): void {
    for (const { deviceToken, unregisteredAt } of this.#decoder.receive(chunk)) {
      this.#unread.push({ deviceToken: encodeDeviceToken(deviceToken), unregisteredAt });
      this.#entries++;
    }
    if (this.#unread.length >= highWaterMark) this.#socket?.pause();
    if (this.#unread.length > 0) this.#wake();
  }

  #end(error: ApnsError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  /** The error of a list that ended inside an entry; `undefined` if it did not. */
  #cut(code: string, how: string, cause?: unknown): FeedbackCutError | undefined {
    const cut = this.#decoder.end();
    if (cut === undefined) return undefined;
    const of = cut.expectedBytes === undefined ? "an entry" : `an entry of ${cut.expectedBytes}`;
    return this.#cutError(code, `${how} ${cut.receivedBytes} bytes into ${of}`, cut.receivedBytes, cause);
  }

  /** The error of a list that was not ended by the service. */
  #broken(code: string, how: string, cause?: unknown): FeedbackCutError {
    return this.#cut(code, how, cause) ?? this.#cutError(code, `${how} before the list was ended`, 0, cause);
  }

  #cutError(code: string, what: string, cutBytes: number, cause: unknown): FeedbackCutError {
    const message = `${this.#address}: ${what}, after ${this.#entries} whole entries.`;
    return new FeedbackCutError(code, message, this.#entries, cutBytes, cause);
  }
}
