import type { DecodedFrame, FrameProblem } from "@apns/binary/wire";
import { ApnsError, type Clock, type Outcome, type Transport } from "@apns/core";
import { checkInteger, checkText } from "@apns/core/internal";
import type { FeedbackStore } from "../feedback/feedback-store.js";
import { AppCounters } from "../observe/counters.js";
import type { BridgeLog } from "../observe/log.js";
import type { Rejection } from "../observe/rejection.js";
import type { Delivery, Origin, Prepared } from "./delivery.js";
import { Hold } from "./hold.js";
import { RetryQueue } from "./retry-queue.js";
import { type FinalRule, type Rule, type Rules, RuleTable } from "./rules.js";
import { type LocalRefusal, type TranslationOptions, Translator } from "./translate.js";
import { acceptedVerdict, closedVerdict, refusedVerdict, shutdownVerdict, type Verdict } from "./verdict.js";

/** One app: what its senders' frames become, and where they go. */
export interface AppOptions extends TranslationOptions {
  /** Its name in logs, metrics and the senders' options. */
  readonly name: string;
  /** The way upstream. It is the caller's: the bridge never closes it. */
  readonly transport: Transport;
  /** Rules of the mapping for this app only. @default the bridge's */
  readonly rules?: Rules;
  /**
   * When so many device tokens were refused with status code 8 and not one notification was accepted, since the bridge
   * was started, the rest is held as if by `"hold"`: more likely than a list of bad tokens is a wrong topic or
   * environment, and senders delete what is refused. 0 takes every refusal at its word. @default 20
   */
  readonly suspectAfter?: number;
}

/** What an app stands on. */
export interface AppSurroundings {
  readonly clock: Clock;
  readonly log: BridgeLog;
  readonly store: FeedbackStore;
  /** The bridge's own rules. */
  readonly rules: Rules | undefined;
  readonly onRejected: (rejection: Rejection) => void;
}

/** What was made of the options; replaced as a whole when they change. */
interface Settings {
  readonly transport: Transport;
  /** The legacy wire has no apns ids, and a strict transport would refuse them. */
  readonly takesApnsId: boolean;
  readonly topic: string;
  readonly rules: RuleTable;
  readonly translator: Translator;
  readonly suspectAfter: number;
}

/** Sends the deliveries of one app upstream, again where that may help, and turns outcomes into verdicts. */
export class App {
  readonly name: string;
  readonly counters: AppCounters = new AppCounters();
  readonly #around: AppSurroundings;
  readonly #retries: RetryQueue;
  readonly #hold: Hold;
  #settings: Settings;
  #inFlight = 0;
  /** Status codes 8 so far, until something is accepted; then the topic and the environment are right for certain. */
  #suspicious = 0;
  #proven = false;
  #givenUp = false;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: AppOptions, around: AppSurroundings) {
    this.name = checkText("name", options.name);
    this.#around = around;
    this.#settings = resolve(options, around.rules);
    this.#retries = new RetryQueue(around.clock, (delivery) => this.#send(delivery));
    this.#hold = new Hold((delivery) => this.#send(delivery));
  }

  get topic(): string {
    return this.#settings.topic;
  }

  /** Deliveries without a verdict: under way, waiting to be tried again, held. */
  get unsettled(): { readonly inFlight: number; readonly retrying: number; readonly held: number } {
    return { inFlight: this.#inFlight, retrying: this.#retries.size, held: this.#hold.size };
  }

  get held(): boolean {
    return this.#hold.active;
  }

  /** Takes other options from now on. What is under way ends as it began. */
  update(options: AppOptions, rules: Rules | undefined): void {
    this.#settings = resolve(options, rules);
    this.#proven = false;
    this.#suspicious = 0;
    this.#hold.probeNow();
  }

  /** A frame as a notification, or the verdict on it by its form alone. */
  translate(frame: DecodedFrame, origin: Origin): Prepared | Verdict {
    const made = this.#settings.translator.translate(frame);
    return typeof made === "string" ? this.#refuse(made, frame, origin) : made;
  }

  judgeProblem(problem: FrameProblem, origin: Origin): Verdict {
    const cause = causeOf(problem);
    return this.#judge(cause, { ...problem, deviceToken: "", origin, detail: problem.message });
  }

  submit(delivery: Delivery): void {
    if (this.#hold.active) this.#hold.add(delivery);
    else this.#send(delivery);
  }

  /** Nothing waits any longer: what is held or to be tried again counts as not accepted. */
  giveUp(): void {
    this.#givenUp = true;
    for (const delivery of [...this.#retries.clear(), ...this.#hold.clear()]) delivery.settle(shutdownVerdict);
  }

  #send(delivery: Delivery): void {
    const { transport, takesApnsId } = this.#settings;
    this.#inFlight++;
    transport
      .send(delivery.prepared.notification, delivery.deviceToken, takesApnsId ? { apnsId: delivery.apnsId } : undefined)
      .then(
        (outcome) => this.#onOutcome(delivery, outcome),
        (error: unknown) => this.#onOutcome(delivery, misuse(delivery, error)),
      );
  }

  #onOutcome(delivery: Delivery, outcome: Outcome): void {
    this.#inFlight--;
    if (outcome.kind === "accepted") {
      this.counters.accepted++;
      this.#proven = true;
      this.#hold.release();
      delivery.settle(acceptedVerdict);
      return;
    }
    const cause = outcome.kind === "rejected" ? outcome.reason : outcome.kind;
    this.counters.causes.add(cause);
    const rule = this.#doubt(this.#settings.rules.forOutcome(outcome));
    const retryForMs = typeof rule === "object" && "retryForMs" in rule ? rule.retryForMs : undefined;
    // What is no answer, or another trouble's, proves nothing about being let in.
    if (rule === "hold" || (this.#hold.active && retryForMs !== undefined)) {
      this.#holdBack(delivery, cause, outcome);
      return;
    }
    if (retryForMs !== undefined && this.#tryAgain(delivery, retryForMs, outcome)) return;
    if (outcome.kind === "rejected") this.#hold.release();
    else this.#hold.probeAgain();
    const detail = outcome.kind === "rejected" ? outcome.detail : outcome.cause.message;
    if (rule === "feedback") {
      // Known, and gone: topic and environment are right.
      if (cause !== "BadDeviceToken") this.#proven = true;
      this.#audit(delivery, cause, detail, rule);
      const unregisteredAt = (outcome.kind === "rejected" && outcome.unregisteredAt) || undefined;
      this.#recordFeedback(delivery, unregisteredAt);
      return;
    }
    const verdict = verdictOf(finalOf(rule));
    this.#audit(delivery, cause, detail, verdict);
    delivery.settle(verdict);
  }

  /** Status code 8 makes senders delete device tokens; see `suspectAfter`. */
  #doubt(rule: Rule): Rule {
    const { suspectAfter } = this.#settings;
    const blamesToken = typeof rule === "object" && "refuse" in rule && rule.refuse === 8;
    if (!blamesToken || this.#proven || suspectAfter === 0) return rule;
    return this.#suspicious++ < suspectAfter ? rule : "hold";
  }

  #holdBack(delivery: Delivery, cause: string, outcome: Outcome): void {
    if (this.#givenUp) {
      delivery.settle(shutdownVerdict);
      return;
    }
    const first = !this.#hold.active;
    const nextTryMs = this.#hold.add(delivery);
    if (nextTryMs === undefined && !first) return;
    const detail = outcome.kind === "rejected" ? outcome.detail : outcome.kind !== "accepted" && outcome.cause.message;
    const suspected = this.#suspicious > this.#settings.suspectAfter && !this.#proven;
    this.#around.log.error(
      { app: this.name, cause, detail: detail || undefined, topic: this.topic, nextTryMs, held: this.#hold.size },
      suspected
        ? "Upstream has refused every device token so far and accepted nothing: the topic or the environment is probably wrong. Senders are kept waiting, not told to delete tokens; see suspectAfter."
        : "Upstream does not let this app in. Its senders are kept waiting until it does; correct its key, certificate or topic, and reload.",
    );
  }

  /** Returns false if there is no time left for that. */
  #tryAgain(delivery: Delivery, retryForMs: number, outcome: Outcome): boolean {
    const now = this.#around.clock.now();
    if (delivery.firstFailedAt === 0) delivery.firstFailedAt = now;
    const askedMs = (outcome.kind === "rejected" && outcome.retryAfterMs) || 0;
    if (this.#givenUp || now + askedMs - delivery.firstFailedAt >= retryForMs) return false;
    this.counters.retries++;
    this.#retries.add(delivery, askedMs);
    return true;
  }

  /** The tuple is on disk before the notification counts as accepted. */
  #recordFeedback(delivery: Delivery, unregisteredAt: Date | undefined): void {
    const at = unregisteredAt ?? new Date(this.#around.clock.now());
    this.#around.store.add(this.topic, delivery.deviceToken, at).then(
      () => {
        this.counters.feedback++;
        delivery.settle(acceptedVerdict);
      },
      (error: Error) => {
        const { deviceToken } = delivery;
        this.#around.log.error(
          { app: this.name, deviceToken, error: error.message },
          "A feedback tuple was not stored.",
        );
        delivery.settle(acceptedVerdict);
      },
    );
  }

  #refuse(cause: LocalRefusal, frame: DecodedFrame, origin: Origin): Verdict {
    const { command, identifier, deviceTokenText: deviceToken } = frame;
    return this.#judge(cause, { command, identifier, deviceToken, origin, detail: undefined });
  }

  #judge(
    cause: Parameters<RuleTable["forCause"]>[0],
    frame: Pick<Rejection, "command" | "identifier" | "deviceToken" | "detail"> & { readonly origin: Origin },
  ): Verdict {
    this.counters.causes.add(cause);
    const verdict = verdictOf(finalOf(this.#settings.rules.forCause(cause)));
    const { command, identifier, deviceToken, origin, detail } = frame;
    const { name: app } = this;
    const done = describe(verdict);
    this.#around.onRejected({
      ...origin,
      app,
      command,
      identifier,
      deviceToken,
      apnsId: undefined,
      cause,
      detail,
      done,
    });
    return verdict;
  }

  #audit(delivery: Delivery, cause: string, detail: string | undefined, done: Verdict | "feedback"): void {
    const { origin, command, identifier, deviceToken, apnsId } = delivery;
    const { name: app } = this;
    const said = done === "feedback" ? done : describe(done);
    this.#around.onRejected({ ...origin, app, command, identifier, deviceToken, apnsId, cause, detail, done: said });
  }
}

function resolve(options: AppOptions, rules: Rules | undefined): Settings {
  return {
    transport: options.transport,
    takesApnsId: options.transport.protocol !== "binary",
    topic: options.topic,
    rules: new RuleTable(rules, options.rules),
    translator: new Translator(options),
    suspectAfter: checkInteger("suspectAfter", options.suspectAfter ?? 20, 0),
  };
}

/** `send` rejects for misuse only: a closed transport, or something this wire cannot carry. Nothing was sent then. */
function misuse(delivery: Delivery, error: unknown): Outcome {
  const cause = error instanceof ApnsError ? error : new ApnsError("ERR_APNS_TRANSPORT_CLOSED", String(error));
  const base = { deviceToken: delivery.deviceToken, apnsId: delivery.apnsId, attempts: 0 };
  if (cause.code === "ERR_APNS_TRANSPORT_CLOSED") return { kind: "unsent", ...base, cause };
  const detail = cause.message;
  return { kind: "rejected", ...base, reason: "NotSendable", retryable: false, dropToken: false, detail };
}

function causeOf(problem: FrameProblem): Parameters<RuleTable["forCause"]>[0] {
  if (problem.problem === "unknownCommand") return "UnknownCommand";
  if (problem.problem === "deviceTokenTooLong") return "InvalidTokenSize";
  return problem.problem === "payloadTooLong" ? "PayloadTooLarge" : "ProtocolError";
}

/** How a rule ends when there is nothing to wait for. */
function finalOf(rule: Rule): FinalRule {
  if (rule === "feedback") return "accept";
  if (rule === "hold") return "close";
  return typeof rule === "object" && "retryForMs" in rule ? rule.finally : rule;
}

function verdictOf(rule: FinalRule): Verdict {
  if (rule === "accept") return acceptedVerdict;
  if (rule === "shutdown") return shutdownVerdict;
  return rule === "close" ? closedVerdict : refusedVerdict(rule.refuse);
}

function describe(verdict: Verdict): string {
  return verdict.kind === "refused" ? `status ${verdict.statusCode}` : verdict.kind;
}
