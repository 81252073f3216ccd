import {
  type DecodedFrame,
  FrameDecoder,
  type FrameDecoderOptions,
  type FrameEvent,
  type FrameProblem,
} from "@apns/binary/wire";
import type { Delivery, DeliveryOwner, Prepared } from "../upstream/delivery.js";
import { acceptedVerdict, closedVerdict, type Verdict } from "../upstream/verdict.js";

/** How a connection is to end. */
export type Ending =
  /** The six bytes, then the close. */
  | { readonly kind: "errorResponse"; readonly statusCode: number; readonly identifier: number }
  /** A close without a byte. */
  | { readonly kind: "closed" }
  /** The sender has ended its side, and everything it sent is decided. */
  | { readonly kind: "finished" };

/** What a session needs of the bridge around it. */
export interface SessionPort {
  /** Makes a notification of a frame, or judges it by its form alone. */
  translate(frame: DecodedFrame): Prepared | Verdict;
  /** The verdict on bytes that are no frame. */
  judgeProblem(problem: FrameProblem): Verdict;
  /** The earlier delivery of which this is a resend. */
  resent(frame: DecodedFrame, prepared: Prepared): Delivery | undefined;
  /** Takes room for one more undecided notification; if there is none, `resume()` is called when there is. */
  admit(): boolean;
  /** Sends it upstream; sooner or later the owner hears of its verdict. */
  deliver(frame: DecodedFrame, prepared: Prepared, sequence: number, owner: DeliveryOwner): Delivery;
  /** A delivery whose frame is reported to the sender as discarded. */
  discarded(delivery: Delivery): void;
  /** After a call of `receive` that left `wantsInput` false: it is true again. */
  inputWelcome(): void;
  /** Nothing more is read, delivered or reported after this. */
  ended(ending: Ending): void;
}

export interface SessionOptions {
  /** How many frames may be undecided at a time, counted from the oldest that is. */
  readonly window: number;
  /** Whether a refused frame of command 0, which has no identifier to report, is passed over instead of ending all. */
  readonly passOverSimple: boolean;
  readonly frames: FrameDecoderOptions;
}

/**
 * One sender at the bridge's gateway, without I/O: bytes in, deliveries out, verdicts in any order, and at most one ending.
 *
 * Keeps the legacy contract while upstream answers in any order. Frames are a queue; a verdict counts when it has come to
 * the head. An accepted head moves on, silently. Another verdict ends the session: the error response names that frame,
 * all before it are accepted for certain, and all behind it are discarded, to be resent. Once any frame has failed,
 * nothing more is delivered, since whatever the ending will be, it names that frame or one before it; what is upstream
 * already is handed to `discarded`.
 */
export class GatewaySession {
  readonly #port: SessionPort;
  readonly #window: number;
  readonly #passOverSimple: boolean;
  readonly #decoder: FrameDecoder;
  /** Frames read, but not yet taken: never more than one call of `receive` brought. */
  #backlog: FrameEvent[] = [];
  #backlogAt = 0;
  /** Frames taken and not yet behind the head, oldest first. */
  #queue: Slot[] = [];
  #head = 0;
  #nextSequence = 0;
  #lastAccepted: Slot | undefined;
  /** The command of the newest frame that was read; `undefined` if nothing ever came. */
  #newestCommand: number | undefined;
  #pumping = false;
  /** More input was not wanted when last it came. */
  #full = false;
  #inputEnded = false;
  #draining = false;
  /** A frame has failed, or all is to end: nothing more is taken. */
  #stopped = false;
  #over = false;

  constructor(port: SessionPort, options: SessionOptions) {
    this.#port = port;
    this.#window = options.window;
    this.#passOverSimple = options.passOverSimple;
    this.#decoder = new FrameDecoder(options.frames);
  }

  /**
   * Whether more bytes are welcome. When not, the sender should be kept from writing: also while an ending waits for
   * frames before it, since all that is written meanwhile is thrown away, and senders can resend only so much.
   */
  get wantsInput(): boolean {
    if (this.#stopped) return this.#over;
    return this.#backlogAt === this.#backlog.length && this.undecided < this.#window;
  }

  /** Frames taken whose verdict has not yet come to the head. */
  get undecided(): number {
    return this.#queue.length - this.#head;
  }

  /** Takes bytes from the sender. The chunk must not be overwritten while its frames are in the backlog. */
  receive(chunk: Uint8Array): void {
    if (this.#stopped || chunk.length === 0) return;
    const events = this.#decoder.receive(chunk);
    this.#newestCommand = events.at(-1)?.command ?? this.#newestCommand ?? chunk[0];
    this.#backlog = this.#backlogAt === this.#backlog.length ? events : this.#backlog.concat(events);
    this.#backlogAt = 0;
    this.#pump();
    this.#full = !this.wantsInput;
  }

  /** The sender has ended its side, or is gone. Whatever it sent before counts. */
  endInput(): void {
    this.#inputEnded = true;
    this.#advance();
  }

  /** There is room again; see `admit`. */
  resume(): void {
    this.#pump();
  }

  /** For maintenance: takes nothing more, and ends with status code 10 once everything taken is decided. */
  drain(): void {
    if (this.#over) return;
    this.#draining = true;
    this.#stop();
    this.#advance();
  }

  /** The same at once: what is undecided counts as not accepted. */
  cut(): void {
    if (this.#over) return;
    this.#draining = true;
    this.#stop();
    this.#discardFrom(this.#head);
    this.#advance();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.#stopped && this.#backlogAt < this.#backlog.length && this.undecided < this.#window) {
      if (!this.#take(this.#backlog[this.#backlogAt]!)) break;
      if (this.#stopped) break;
      this.#backlogAt++;
      // What was decided at once leaves the window at once.
      if (this.undecided === this.#window) this.#advance();
    }
    if (this.#backlogAt === this.#backlog.length) {
      this.#backlog = [];
      this.#backlogAt = 0;
    }
    this.#pumping = false;
    this.#advance();
    if (!this.#full || !this.wantsInput) return;
    this.#full = false;
    this.#port.inputWelcome();
  }

  /** Returns false if there is no room for it. */
  #take(event: FrameEvent): boolean {
    if (event.kind === "problem") {
      const verdict = this.#port.judgeProblem(event);
      // Nothing behind it can be read, so that whatever is thought of it, it ends the connection.
      const isEnd = verdict.kind !== "accepted" && !this.#passesOver(event, verdict);
      this.#settled(this.#enqueue(event.command, event.identifier), isEnd ? verdict : closedVerdict);
      return true;
    }
    const prepared = this.#port.translate(event);
    if ("kind" in prepared) {
      this.#settled(this.#enqueue(event.command, event.identifier), prepared);
      return true;
    }
    const earlier = this.#port.resent(event, prepared);
    if (earlier !== undefined) {
      const slot = this.#enqueue(event.command, event.identifier);
      slot.delivery = earlier;
      earlier.owner = slot;
      if (earlier.verdict !== undefined) this.#settled(slot, earlier.verdict);
      return true;
    }
    if (!this.#port.admit()) return false;
    const slot = this.#enqueue(event.command, event.identifier);
    slot.delivery = this.#port.deliver(event, prepared, slot.sequence, slot);
    return true;
  }

  #enqueue(command: number, identifier: number | undefined): Slot {
    const slot = new Slot(this.#nextSequence++, command, identifier, this.#onSettled);
    this.#queue.push(slot);
    return slot;
  }

  readonly #onSettled = (slot: Slot, verdict: Verdict): void => {
    this.#settled(slot, verdict);
    this.#advance();
    this.#pump();
  };

  #settled(slot: Slot, verdict: Verdict): void {
    slot.verdict = this.#passesOver(slot, verdict) ? acceptedVerdict : verdict;
    if (slot.verdict.kind === "accepted") return;
    this.#stop();
    this.#discardFrom(slot.sequence - this.#queue[0]!.sequence + 1);
  }

  #passesOver({ command }: { readonly command: number }, verdict: Verdict): boolean {
    return command === 0 && this.#passOverSimple && verdict.kind === "refused";
  }

  #stop(): void {
    this.#stopped = true;
    this.#backlog = [];
    this.#backlogAt = 0;
  }

  /** Frames from this place of the queue on do not count any more. */
  #discardFrom(place: number): void {
    for (const { delivery } of this.#queue.splice(place)) if (delivery !== undefined) this.#port.discarded(delivery);
  }

  /** Moves the head over what is accepted, and ends the session when it must. */
  #advance(): void {
    if (this.#over) return;
    while (this.#head < this.#queue.length) {
      const slot = this.#queue[this.#head]!;
      const { verdict } = slot;
      if (verdict === undefined) break;
      if (verdict.kind !== "accepted") {
        this.#end(this.#endingOf(slot, verdict));
        return;
      }
      this.#lastAccepted = slot;
      this.#head++;
    }
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
      if (this.#draining) this.#end(this.#shutdown());
      else if (this.#inputEnded && this.#backlogAt === this.#backlog.length) {
        this.#end({ kind: "finished" });
      }
    } else if (this.#head >= 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #endingOf(slot: Slot, verdict: Verdict): Ending {
    if (verdict.kind === "shutdown") return this.#shutdown();
    // The simple format has no identifier, and its error no bytes (Apple's documentation).
    if (verdict.kind !== "refused" || slot.command === 0) return { kind: "closed" };
    return { kind: "errorResponse", statusCode: verdict.statusCode, identifier: slot.identifier ?? 0 };
  }

  /**
   * Status code 10, which says nothing useful where nothing was sent, or in the simple format. Before any acceptance it
   * names 0 (a guess: no capture is known).
   */
  #shutdown(): Ending {
    if (this.#newestCommand === undefined || this.#newestCommand === 0) return { kind: "closed" };
    return { kind: "errorResponse", statusCode: 10, identifier: this.#lastAccepted?.identifier ?? 0 };
  }

  #end(ending: Ending): void {
    this.#over = true;
    this.#stop();
    this.#queue = [];
    this.#head = 0;
    this.#port.ended(ending);
  }
}

/** A frame in its place. */
class Slot implements DeliveryOwner {
  readonly sequence: number;
  readonly command: number;
  readonly identifier: number | undefined;
  readonly #onSettled: (slot: Slot, verdict: Verdict) => void;
  delivery: Delivery | undefined;
  verdict: Verdict | undefined;

  constructor(
    sequence: number,
    command: number,
    identifier: number | undefined,
    onSettled: (slot: Slot, verdict: Verdict) => void,
  ) {
    this.sequence = sequence;
    this.command = command;
    this.identifier = identifier;
    this.#onSettled = onSettled;
    this.delivery = undefined;
    this.verdict = undefined;
  }

  onSettled({ verdict }: Delivery): void {
    this.#onSettled(this, verdict!);
  }
}
