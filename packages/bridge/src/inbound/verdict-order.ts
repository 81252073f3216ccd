// The order of verdicts on one legacy connection, without the connection: frames and verdicts go in, at most one ending
// comes out.
//
//                  endInput()                  the last verdict
//   open ───────────────────────► complete ───────────────────────► ended: finished
//     │            drain()                     the last verdict
//     ├───────────────────────► draining ─────────────────────────► ended: status code 10
//     │    any verdict but "accepted"          the failed frame's turn
//     └───────────────────────► failed ───────────────────────────► ended: error response, or a close without a byte
//
// `complete` and `draining` become `failed` in the same way; `cut()` ends every state at once.
//
// The gateway's contract is an order: all frames before the one in an error response were accepted, all frames behind it
// were discarded. Upstream answers in any order, so a verdict counts when all frames before it are accepted.
import { Fifo } from "@apns/core/internal";
import { acceptedVerdict, closedVerdict, type Verdict } from "../upstream/verdict.js";

/** How the bridge ends a connection. */
export type Ending =
  /** An error response of six bytes, then the end. */
  | { readonly kind: "errorResponse"; readonly statusCode: number; readonly identifier: number }
  /** The end, without a byte. */
  | { readonly kind: "closed" }
  /** The sender has ended its side, and all of its frames are decided. */
  | { readonly kind: "finished" };

/** One frame in its place among the others of its connection. */
export interface OrderedFrame {
  readonly command: number;
  readonly identifier: number | undefined;
  /** `undefined` until the frame is decided. Set by the order alone. */
  verdict: Verdict | undefined;
}

export interface VerdictOrderOptions {
  /** Whether a refused frame of command 0, which has no identifier to report, counts as accepted. */
  readonly passOverSimple: boolean;
}

export class VerdictOrder<Frame extends OrderedFrame> {
  /** The command of the newest frame that has begun to arrive, pushed or not: a shutdown is told in its format. */
  newestCommand: number | undefined = undefined;
  readonly #passOverSimple: boolean;
  /** From the oldest undecided frame on. */
  readonly #frames = new Fifo<Frame>();
  #state: "open" | "complete" | "draining" | "failed" | "ended" = "open";
  #lastAcceptedIdentifier = 0;
  #discarded: readonly Frame[] = [];

  constructor({ passOverSimple }: VerdictOrderOptions) {
    this.#passOverSimple = passOverSimple;
  }

  /** Frames are pushed in state `"open"` only. */
  get state(): "open" | "complete" | "draining" | "failed" | "ended" {
    return this.#state;
  }

  /** Frames from the oldest undecided one on, decided ones behind it included. */
  get undecided(): number {
    return this.#frames.size;
  }

  /** Once ended: the frames behind the failed one, or undecided at a `cut()`. The sender takes them for not sent. */
  get discarded(): readonly Frame[] {
    return this.#discarded;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
  }

  /** The verdict on a frame that was pushed, in any order. */
  settle(frame: Frame, verdict: Verdict): Ending | undefined {
    if (this.#state === "ended") return undefined;
    frame.verdict = this.#isPassedOver(frame, verdict) ? acceptedVerdict : verdict;
    if (frame.verdict.kind !== "accepted") this.#state = "failed";
    return this.#advance();
  }

  /** The verdict on bytes that are no frame. Nothing behind them can be read, so every verdict ends the connection. */
  settleUnreadable(frame: Frame, verdict: Verdict): Ending | undefined {
    const isEnd = verdict.kind !== "accepted" && !this.#isPassedOver(frame, verdict);
    return this.settle(frame, isEnd ? verdict : closedVerdict);
  }

  /** No more frames will be pushed; all pushed ones count. */
  endInput(): Ending | undefined {
    if (this.#state === "open") this.#state = "complete";
    return this.#advance();
  }

  /** For maintenance: ends with status code 10 once every frame is decided. */
  drain(): Ending | undefined {
    if (this.#state === "open" || this.#state === "complete") this.#state = "draining";
    return this.#advance();
  }

  /**
   * The same at once: undecided frames count as not accepted.
   * @param options.isTold whether the sender is told; not one that has ended its side, whose frames are held if need be
   */
  cut({ isTold }: { readonly isTold: boolean }): Ending | undefined {
    if (this.#state === "ended") return undefined;
    return this.#end(isTold ? this.#shutdown() : { kind: "finished" });
  }

  #isPassedOver({ command }: Frame, verdict: Verdict): boolean {
    return command === 0 && this.#passOverSimple && verdict.kind === "refused";
  }

  /** Lets the decided frames at the head go. */
  #advance(): Ending | undefined {
    for (let frame = this.#frames.peek(); frame?.verdict !== undefined; frame = this.#frames.peek()) {
      this.#frames.shift();
      if (frame.verdict.kind !== "accepted") return this.#end(this.#endingOf(frame, frame.verdict));
      this.#lastAcceptedIdentifier = frame.identifier ?? 0;
    }
    if (this.#frames.size > 0) return undefined;
    if (this.#state === "draining") return this.#end(this.#shutdown());
    return this.#state === "complete" ? this.#end({ kind: "finished" }) : undefined;
  }

  #endingOf(frame: Frame, verdict: Verdict): Ending {
    if (verdict.kind === "shutdown") return this.#shutdown();
    // The simple format has no identifier, and its error no bytes (Apple's documentation).
    if (verdict.kind !== "refused" || frame.command === 0) return { kind: "closed" };
    return { kind: "errorResponse", statusCode: verdict.statusCode, identifier: frame.identifier ?? 0 };
  }

  /**
   * Status code 10. It says nothing useful to a sender that sent nothing, or in the simple format: those get no byte. Before
   * any acceptance it names 0 (a guess: no capture is known).
   */
  #shutdown(): Ending {
    if (this.newestCommand === undefined || this.newestCommand === 0) return { kind: "closed" };
    return { kind: "errorResponse", statusCode: 10, identifier: this.#lastAcceptedIdentifier };
  }

  #end(ending: Ending): Ending {
    this.#state = "ended";
    this.#discarded = this.#frames.clear();
    return ending;
  }
}
