import { type ApnsError, type Outcome, rejectedByStatus } from "@apns/core";
import type { Epoch } from "./epochs.js";
import type { FrameTemplate } from "./frame-template.js";

/** What few sends have. */
export interface SendExtras {
  /** Given back in the outcome; the legacy wire does not carry it. */
  readonly apnsId: string | undefined;
  /** Stops listening to the caller's signal. */
  detach: (() => void) | undefined;
}

/** What a send has of these before `begin`, and when it is forgotten: nobody looks then. */
const none = undefined as never;

/**
 * A send that is not settled yet. Tens of thousands of these are alive at any time, and the garbage collector copies
 * each that is new: every field counts, and `SpareSends` has them used again.
 */
export class PendingSend {
  template: FrameTemplate = none;
  deviceToken = "";
  /** Whole milliseconds: a fraction would be an object of its own. */
  deadlineAt = 0;
  epoch: Epoch = none;
  extras: SendExtras | undefined = undefined;
  /** How often it was written. */
  attempts = 0;
  /** Waiting in the queue, on a connection, or settled. */
  state: "waiting" | "written" | "settled" = "settled";
  /** Whether it may have been accepted on a connection that was lost: it cannot be `unsent` any more. */
  doubtful = false;
  #resolve: (outcome: Outcome) => void = none;

  /** Makes it the one that stands for this notification to this device, whatever it was before. */
  begin(
    template: FrameTemplate,
    deviceToken: string,
    deadlineAt: number,
    epoch: Epoch,
    extras: SendExtras | undefined,
    resolve: (outcome: Outcome) => void,
  ): this {
    this.template = template;
    this.deviceToken = deviceToken;
    this.deadlineAt = deadlineAt;
    this.epoch = epoch;
    this.extras = extras;
    this.attempts = 0;
    this.state = "waiting";
    this.doubtful = false;
    this.#resolve = resolve;
    epoch.added();
    return this;
  }

  /** Lets go of all it stood for, once it is settled: notifications and promises must not live as long as it does. */
  forget(): void {
    this.template = none;
    this.deviceToken = "";
    this.epoch = none;
    this.extras = undefined;
    this.#resolve = none;
  }

  get apnsId(): string | undefined {
    return this.extras?.apnsId;
  }

  accept(): void {
    if (this.state === "settled") return;
    this.#settle({ kind: "accepted", deviceToken: this.deviceToken, apnsId: this.apnsId, attempts: this.attempts });
  }

  reject(statusCode: number): void {
    if (this.state === "settled") return;
    this.#settle(rejectedByStatus(this, statusCode));
  }

  /** Settles it without a verdict, with what is certain. */
  giveUp(cause: ApnsError): void {
    if (this.state === "settled") return;
    const { deviceToken, apnsId, attempts } = this;
    const kind = this.state === "waiting" && !this.doubtful ? "unsent" : "unconfirmed";
    this.#settle({ kind, deviceToken, apnsId, attempts, cause });
  }

  #settle(outcome: Outcome): void {
    this.state = "settled";
    this.extras?.detach?.();
    this.epoch.settled(outcome.kind);
    this.#resolve(outcome);
  }
}

/** Two windows of the usual size, 2 MiB: what is in flight over one connection at full speed. */
const maxSpares = 20_000;

/**
 * Sends that are settled and on no list any more, to be used again: 0.16 instead of 0.19 CPU-s per 100,000 and 15 MiB less,
 * because the garbage collector need not copy new ones twice while they wait for a barrier's answer.
 */
export class SpareSends {
  readonly #spares: PendingSend[] = [];

  /** One to `begin`. */
  take(): PendingSend {
    return this.#spares.pop() ?? new PendingSend();
  }

  /** Nobody else may hold it any more: what is told to it from now on is told to another send. */
  giveBack(send: PendingSend): void {
    if (this.#spares.length === maxSpares) return;
    send.forget();
    this.#spares.push(send);
  }
}
