// The protocol state of one connection to a gateway, without I/O: entries, received bytes and the time go in, barriers and the
// settlement come out.
//
//            add()            writeBarrier()            six bytes, end, or the deadline
//   open ───────────► open ──────────────────► draining ────────────────────────────────► ended
//     └──────────────────── six bytes, or end ───────────────────────────────────────────────┘
//
// A gateway says nothing about what it accepts, refuses one notification with six bytes, discards everything after it
// and closes. So one connection gives one verdict, on everything that was sent on it. To have that verdict without a
// refusal, the client sends a barrier: a frame with neither device token nor payload, which the gateway must refuse.
import { ApnsError, legacyStatusRow } from "@apns/core";
import { commandOf, type Format } from "../format.js";
import { type ErrorResponse, ErrorResponseDecoder, encodeFrame, errorResponseCommand } from "../wire.js";
import { SentWindow } from "./sent-window.js";

export interface SessionOptions {
  readonly format: Format;
  /** `"barrier"` proves acceptance by a barrier, `"silence"` waits for `silenceMs` and gives up. */
  readonly confirm: "barrier" | "silence";
  /** How many entries may be without a verdict. In `"barrier"` mode, how many the connection takes in all; see `setCapacity`. */
  readonly capacity: number;
  /** How long the gateway may take to answer a barrier, in milliseconds. */
  readonly barrierTimeoutMs: number;
  /** A barrier is due when nothing was sent for so long, in milliseconds. */
  readonly confirmAfterIdleMs: number;
  /** A barrier is due when an entry has waited for so long, in milliseconds. */
  readonly confirmWithinMs: number;
  readonly silenceMs: number;
  /** @default 1 */
  readonly firstIdentifier?: number;
}

/** How a session ended. */
export type SessionEnding =
  /** The gateway answered the barrier: all that was sent was accepted. */
  | "confirmed"
  /** The gateway refused one notification. */
  | "refused"
  /** Status code 10: the gateway shuts down. */
  | "shutdown"
  /** An error response that names nothing known, or is none. */
  | "unattributed"
  /** The connection ended without an error response. */
  | "lost"
  /** The barrier was not answered in time. */
  | "unanswered";

/** What the end of a connection proves of everything that was sent on it. Every entry is in exactly one of the lists. */
export interface Settlement<T> {
  readonly ending: SessionEnding;
  readonly accepted: readonly T[];
  readonly rejected: T | undefined;
  /** Discarded by the gateway: certainly not processed, in the order in which they were sent. */
  readonly unprocessed: readonly T[];
  /** May or may not have been accepted, in the order in which they were sent. */
  readonly unknown: readonly T[];
  /** The error response, if there was one. */
  readonly response: ErrorResponse | undefined;
  /** Why the connection ended; for `unknown`, why there is no verdict. */
  readonly cause: ApnsError;
}

const nothing: readonly never[] = [];

export class Session<T> {
  readonly #options: SessionOptions;
  readonly #window: SentWindow<T>;
  readonly #decoder = new ErrorResponseDecoder();
  #state: "open" | "draining" | "ended" = "open";
  #capacity: number;
  #barrierIdentifier = 0;
  #barrierAt = 0;
  #firstAt = -1;
  #lastAt = 0;
  /** For `"silence"`: how many entries had been written in all at which time, oldest first. */
  #writes: { readonly total: number; readonly at: number }[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#capacity = options.capacity;
    this.#window = new SentWindow(options.firstIdentifier);
  }

  get state(): "open" | "draining" | "ended" {
    return this.#state;
  }

  /** How many more entries it takes now. */
  get room(): number {
    return this.#state === "open" ? Math.max(0, this.#capacity - this.#window.size) : 0;
  }

  /** How many entries may be without a verdict. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Changes the capacity. With as many entries already, the barrier is due at once. */
  setCapacity(capacity: number): void {
    this.#capacity = capacity;
  }

  /** How many entries have no verdict yet. */
  get outstanding(): number {
    return this.#window.size;
  }

  /** How many were sent in all. */
  get total(): number {
    return this.#window.total;
  }

  entries(): Iterable<T> {
    return this.#window;
  }

  /** Takes an entry, for which there must be room, and returns the identifier to write into its frame. */
  add(entry: T): number {
    return this.#window.add(entry);
  }

  /** The frames of the entries added last were handed to the socket. */
  noteWrite(now: number): void {
    if (this.#options.confirm === "silence") this.#writes.push({ total: this.#window.total, at: now });
    if (this.#firstAt === -1) this.#firstAt = now;
    this.#lastAt = now;
  }

  /** Whether a barrier is due without a flush: the window is full, or one of the two confirmation times has passed. */
  isBarrierDue(now: number): boolean {
    if (!this.#canSendBarrier()) return false;
    return this.#window.size >= this.#capacity || now >= this.#barrierDueAt();
  }

  /** The barrier's frame, to be handed to the socket at once; nothing may be sent behind it. */
  writeBarrier(now: number): Uint8Array {
    this.#state = "draining";
    this.#barrierAt = now;
    this.#barrierIdentifier = this.#window.nextIdentifier;
    const empty = new Uint8Array(0);
    return encodeFrame({
      // Command 0 has no identifier to echo, and a connection may mix commands.
      command: this.#options.format === "simple" ? 1 : commandOf[this.#options.format],
      identifier: this.#barrierIdentifier,
      expiry: 0,
      priority: this.#options.format === "framed" ? 10 : undefined,
      deviceToken: empty,
      payload: empty,
      itemOrder: [3, 1, 2, 4, 5],
    });
  }

  /** Takes bytes from the gateway. */
  receive(chunk: Uint8Array): Settlement<T> | undefined {
    if (this.#state === "ended") return undefined;
    const response = this.#decoder.receive(chunk);
    return response === undefined ? undefined : this.#settlementOf(response);
  }

  /** The connection has ended, and its last bytes were received. */
  end(cause?: Error): Settlement<T> | undefined {
    if (this.#state === "ended") return undefined;
    if (cause instanceof ApnsError) return this.#unknown("lost", cause);
    const { receivedBytes } = this.#decoder;
    const how = cause === undefined ? "The gateway closed the connection" : `The connection broke (${cause.message})`;
    const what = receivedBytes === 0 ? "without a word" : `after ${receivedBytes} of the 6 bytes of an error response`;
    return this.#unknown(
      "lost",
      new ApnsError("ERR_APNS_CONNECTION_LOST", `${how} ${what}: it may or may not have accepted.`, { cause }),
    );
  }

  /** Ends the session if the answer to the barrier is overdue. */
  advance(now: number): Settlement<T> | undefined {
    if (this.#state !== "draining" || now < this.#barrierAt + this.#options.barrierTimeoutMs) return undefined;
    const { barrierTimeoutMs } = this.#options;
    return this.#unknown(
      "unanswered",
      new ApnsError(
        "ERR_APNS_SILENCE",
        `The gateway did not answer the barrier within ${barrierTimeoutMs} ms: it may or may not have accepted.`,
      ),
    );
  }

  /** For `"silence"`: takes the entries out of the window that were written `silenceMs` ago or earlier. */
  takeSilent(now: number): readonly T[] {
    if (this.#state !== "open") return nothing;
    const { silenceMs } = this.#options;
    let batches = 0;
    while (batches < this.#writes.length && now >= this.#writes[batches]!.at + silenceMs) batches++;
    if (batches === 0) return nothing;
    const { total } = this.#writes[batches - 1]!;
    this.#writes.splice(0, batches);
    return this.#window.take(total - (this.#window.total - this.#window.size));
  }

  /** When `advance`, `isBarrierDue` or `takeSilent` should be called next; `undefined` if no deadline is set. */
  nextDeadline(): number | undefined {
    if (this.#state === "draining") return this.#barrierAt + this.#options.barrierTimeoutMs;
    if (this.#state === "ended") return undefined;
    if (this.#options.confirm === "silence") {
      const oldest = this.#writes[0];
      return oldest === undefined ? undefined : oldest.at + this.#options.silenceMs;
    }
    return this.#canSendBarrier() ? this.#barrierDueAt() : undefined;
  }

  /** Not with an empty window: the barrier would prove nothing, and cost a connection. */
  #canSendBarrier(): boolean {
    return this.#state === "open" && this.#options.confirm === "barrier" && this.#window.size > 0;
  }

  #barrierDueAt(): number {
    const { confirmAfterIdleMs, confirmWithinMs } = this.#options;
    return Math.min(this.#lastAt + confirmAfterIdleMs, this.#firstAt + confirmWithinMs);
  }

  /** What an error response proves of everything that was sent. */
  #settlementOf(response: ErrorResponse): Settlement<T> {
    const { command, statusCode, identifier } = response;
    if (command !== errorResponseCommand) {
      return this.#unattributed(response, `sent command ${command}, which is no error response`);
    }
    if (legacyStatusRow(statusCode).names === "nothing") {
      return this.#unattributed(response, `closed with status ${statusCode}, which says nothing`);
    }
    if (this.#state === "draining") {
      // An empty device token is status 2. Some gateways answered it with identifier 0; the barrier is the only frame of
      // ours that can draw it.
      const isQuirk = identifier === 0 && statusCode === 2;
      if (identifier === this.#barrierIdentifier || isQuirk) return this.#confirmed(response);
    }
    // Command 0 carries no identifiers, so an identifier names none of our frames.
    const position = this.#options.format === "simple" ? "unknown" : this.#window.find(identifier);
    if (position === "unknown") {
      return this.#unattributed(
        response,
        `answered with status ${statusCode} and ${identifier === 0 ? "no identifier" : `identifier ${identifier}, which was never sent`}`,
      );
    }
    return this.#attributed(response, position);
  }

  #confirmed(response: ErrorResponse): Settlement<T> {
    const cause = new ApnsError("ERR_APNS_CONNECTION_LOST", "The gateway answered the barrier and closed.");
    return this.#settle("confirmed", { accepted: this.#takeAll(), response, cause });
  }

  #attributed(response: ErrorResponse, position: number | "forgotten"): Settlement<T> {
    const { statusCode } = response;
    const { name, names } = legacyStatusRow(statusCode);
    const cause = new ApnsError(
      "ERR_APNS_CONNECTION_LOST",
      `The gateway closed with status ${statusCode} (${name}) for an earlier notification and discarded this one.`,
    );
    const ending = names === "accepted" ? "shutdown" : "refused";
    // The entry named has left the window as silent; everything left came after it.
    if (position === "forgotten") return this.#settle(ending, { unprocessed: this.#takeAll(), response, cause });
    if (names === "accepted") {
      const accepted = this.#window.take(position + 1);
      return this.#settle(ending, { accepted, unprocessed: this.#takeAll(), response, cause });
    }
    const accepted = this.#window.take(position);
    const [rejected] = this.#window.take(1);
    return this.#settle(ending, { accepted, rejected, unprocessed: this.#takeAll(), response, cause });
  }

  #unattributed(response: ErrorResponse, what: string): Settlement<T> {
    const message = `The gateway ${what}: it may or may not have accepted.`;
    return this.#unknown("unattributed", new ApnsError("ERR_APNS_PROTOCOL", message), response);
  }

  #unknown(ending: SessionEnding, cause: ApnsError, response?: ErrorResponse): Settlement<T> {
    return this.#settle(ending, { unknown: this.#takeAll(), response, cause });
  }

  #takeAll(): T[] {
    return this.#window.take(this.#window.size);
  }

  #settle(ending: SessionEnding, parts: Partial<Settlement<T>> & { readonly cause: ApnsError }): Settlement<T> {
    this.#state = "ended";
    const { accepted = nothing, rejected, unprocessed = nothing, unknown = nothing, response, cause } = parts;
    return { ending, accepted, rejected, unprocessed, unknown, response, cause };
  }
}
