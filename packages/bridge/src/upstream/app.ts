import type { DecodedFrame, FrameProblem } from "@apns/binary/wire";
import { ApnsError, type Outcome, type Transport } from "@apns/core";
import { BadTokenGuard, checkInteger, checkText } from "@apns/core/internal";
import type { HeldNotification, HoldStore } from "../hold/hold-store.js";
import type { AppContext, AppOptions, AppStats } from "./app-options.js";
import type { AuditedRejection } from "./audited-rejection.js";
import { CircuitBreaker } from "./circuit-breaker.js";
import { AppCounters } from "./counters.js";
import type { Delivery, DeliveryOwner, Origin, Prepared } from "./delivery.js";
import { HoldQueue } from "./hold-queue.js";
import { Reachability } from "./reachability.js";
import { RetryQueue } from "./retry.js";
import { type FinalRule, type Rule, type Rules, RuleTable } from "./rules.js";
import { digestOf, Translator } from "./translate.js";
import { acceptedVerdict, closedVerdict, refusedVerdict, shutdownVerdict, type Verdict } from "./verdict.js";

/** Made of the options; replaced as a whole when they change. */
interface Settings {
  readonly transport: Transport;
  /** The legacy wire has no apns ids, and a strict transport would refuse them. */
  readonly takesApnsId: boolean;
  readonly topic: string;
  readonly rules: RuleTable;
  readonly translator: Translator;
  /** Counts the refusals of device tokens; its only scope is the app's topic. */
  readonly guard: BadTokenGuard;
}

/** The legacy wire's status code for a device token that is not valid: senders delete it. */
const badTokenStatus = 8;

/** Senders leave in crowds; those that wait are looked through once for all that do so within this time, in milliseconds. */
const sweepDelayMs = 100;

/** The audit of a delivery that waited, to be tried again or for upstream to let the app in, when the bridge or its app ended. */
const abandoned = { cause: "Abandoned", detail: "The bridge ended, or the app was removed, before upstream took it." };

/** Sends the deliveries of one app upstream, again where that may help, and turns outcomes into verdicts. */
export class App {
  readonly name: string;
  readonly #context: AppContext;
  readonly #counters = new AppCounters();
  readonly #retries: RetryQueue;
  readonly #breaker: CircuitBreaker;
  readonly #reachability: Reachability;
  readonly #hold: HoldQueue | undefined;
  /** Ends the sends that wait upstream, so that they go to the hold or stay there. */
  #sends = new AbortController();
  #sweep: NodeJS.Timeout | undefined;
  #settings: Settings;
  #inFlight = 0;
  #givenUp = false;

  /**
   * @param rules the bridge's own
   * @throws {InvalidArgumentError} naming the option that is wrong
   */
  constructor(options: AppOptions, rules: Rules | undefined, context: AppContext) {
    this.name = checkText("name", options.name);
    this.#context = context;
    this.#settings = resolve(options, rules);
    this.#retries = new RetryQueue(context.clock, (delivery) => this.#send(delivery));
    this.#breaker = new CircuitBreaker((delivery) => this.#send(delivery));
    const { name: app } = this;
    this.#reachability = new Reachability({
      onUnreachable: (problem) => {
        context.events.onUnreachable({ app, problem });
        this.#onUnreachable();
      },
      onReachable: (afterMs) => {
        context.events.onReachable({ app, afterMs });
        this.#hold?.onReachable();
      },
    });
    this.#hold = context.holdStore && this.#makeHold(context.holdStore);
  }

  /** Begins to watch the connections to upstream: of an app that is in force, not of one that is only checked. */
  watch(): void {
    this.#reachability.watch(this.#settings.transport);
    this.#hold?.start();
  }

  unwatch(): void {
    this.#reachability.stop();
  }

  /** Sends nothing more out of the hold on disk. */
  stopHold(): void {
    this.#hold?.stop();
  }

  /** Whether verdicts on what was sent out of the hold may be missing in its store. */
  get isHoldRunning(): boolean {
    return this.#hold?.isRunning ?? false;
  }

  get topic(): string {
    return this.#settings.topic;
  }

  /** Whether upstream does not let the app in. */
  get held(): boolean {
    return !this.#breaker.isClosed;
  }

  /** Whether upstream can be reached, as far as is known. */
  get upstreamUp(): boolean {
    return this.#reachability.isReachable;
  }

  stats(): AppStats {
    const { causes, ...counters } = this.#counters;
    const undecided = { inFlight: this.#inFlight, retrying: this.#retries.size, held: this.#breaker.size };
    const { notifications: holdNotifications = 0, bytes: holdBytes = 0 } = this.#hold?.size ?? {};
    const hold = { waiting: this.#hold?.behind ?? 0, holdNotifications, holdBytes };
    const { upstreamUp } = this;
    return { ...counters, causes: causes.snapshot(), ...undecided, ...hold, upstreamUp };
  }

  /** Takes other options from now on. Notifications in flight end as they began. */
  update(options: AppOptions, rules: Rules | undefined): void {
    this.#settings = resolve(options, rules);
    this.watch();
    this.#breaker.probeNow();
  }

  /** A frame as a notification, or the verdict on it by its form alone. */
  translate(frame: DecodedFrame, origin: Origin): Prepared | Verdict {
    const made = this.#settings.translator.translate(frame);
    if (typeof made !== "string") return made;
    const { command, identifier, deviceTokenText: deviceToken } = frame;
    return this.#judge(made, { origin, command, identifier, deviceToken, apnsId: undefined }, undefined);
  }

  /** The verdict on bytes that are no frame. */
  judgeProblem(problem: FrameProblem, origin: Origin): Verdict {
    const { command, identifier, message } = problem;
    return this.#judge(causeOf(problem), { origin, command, identifier, deviceToken: "", apnsId: undefined }, message);
  }

  submit(delivery: Delivery): void {
    if (this.#hold?.takes(delivery) !== true) this.#pass(delivery);
  }

  /** The sender of some deliveries has left: what waits for long goes to the hold on disk. */
  senderLeft(): void {
    if (this.#hold === undefined || (this.#breaker.isClosed && this.#hold.behind === 0)) return;
    this.#sweep ??= setTimeout(() => {
      this.#sweep = undefined;
      this.#holdLeft();
    }, sweepDelayMs);
  }

  /** Upstream, past the hold on disk. */
  #pass(delivery: Delivery): void {
    if (this.#breaker.isClosed) this.#send(delivery);
    else {
      this.#breaker.keep(delivery);
      if (delivery.owner.hasLeft) this.senderLeft();
    }
  }

  #holdLeft(): void {
    for (const delivery of [...(this.#hold?.takeLeft() ?? []), ...this.#breaker.takeLeft()]) {
      this.#hold?.put(delivery, () => this.#pass(delivery));
    }
  }

  #onUnreachable(): void {
    if (this.#hold === undefined) return;
    this.#endSends();
    this.#hold.onUnreachable();
  }

  #endSends(): void {
    const past = this.#sends;
    this.#sends = new AbortController();
    past.abort();
  }

  #makeHold(store: HoldStore): HoldQueue {
    const { name: app } = this;
    const { clock, events } = this.#context;
    return new HoldQueue(app, store, clock, {
      send: (attempt, isUncertain) => {
        if (isUncertain) this.#onOutcome(attempt, interrupted(attempt));
        else this.#pass(attempt);
      },
      pass: (delivery) => this.#pass(delivery),
      isAway: () => !this.upstreamUp,
      topic: () => this.topic,
      onDropped: (held, cause) => this.#auditDropped(held, cause),
      onBegan: (notifications) => events.onHoldBegan({ app, notifications }),
      onEmptied: (notifications) => events.onHoldEmptied({ app, notifications }),
      onFull: (size) => events.onHoldFull({ app, ...size }),
      onFailed: (error) => events.onHoldFailed({ app, error }),
    });
  }

  /** A resend was answered by an earlier delivery. */
  countSuppressed(): void {
    this.#counters.suppressed++;
  }

  /** Nothing waits any longer: deliveries held or to be tried again count as not accepted. */
  giveUp(): void {
    this.#givenUp = true;
    clearTimeout(this.#sweep);
    for (const delivery of [...this.#retries.clear(), ...this.#breaker.clear()]) this.#abandon(delivery);
    this.#endSends();
  }

  #abandon(delivery: Delivery): void {
    this.#shutDown(delivery, () => {
      this.#counters.causes.add(abandoned.cause);
      this.#audit(delivery, abandoned.cause, abandoned.detail, describe(shutdownVerdict));
    });
  }

  /** Nothing is wrong with the notification, and it was not sent: a sender that is there resends it, else it is held on disk. */
  #shutDown(delivery: Delivery, audit: () => void): void {
    const refuse = (): void => {
      audit();
      delivery.settle(shutdownVerdict);
    };
    // An attempt stays where it is, in the store.
    if (delivery.hold === "attempt") delivery.settle(shutdownVerdict);
    else if (this.#hold === undefined || !delivery.owner.hasLeft) refuse();
    else this.#hold.put(delivery, refuse);
  }

  #send(delivery: Delivery): void {
    const { transport, takesApnsId } = this.#settings;
    const { apnsId } = delivery;
    this.#inFlight++;
    const options = takesApnsId ? { apnsId } : undefined;
    transport
      .send(
        delivery.prepared.notification,
        delivery.deviceToken,
        // A signal costs the transport a tenth of its speed; only what waits for a connection, or on disk, needs one.
        this.#hold === undefined || (this.#reachability.hasConnection && delivery.hold === "none")
          ? options
          : { ...options, signal: this.#sends.signal },
      )
      .then(
        (outcome) => this.#onSent(delivery, outcome),
        (error: unknown) => this.#onSent(delivery, misuse(delivery, error)),
      );
  }

  #onSent(delivery: Delivery, outcome: Outcome): void {
    this.#inFlight--;
    this.#noteReachability(outcome);
    if (outcome.kind !== "unsent" || !this.#holdUnsent(delivery, outcome)) this.#onOutcome(delivery, outcome);
  }

  /** Returns false if the rules say what becomes of a delivery that upstream has not seen. */
  #holdUnsent(delivery: Delivery, outcome: Outcome): boolean {
    if (delivery.hold === "attempt") {
      this.#breaker.probeInconclusive();
      delivery.settle(shutdownVerdict);
      return true;
    }
    if (this.upstreamUp || this.#hold === undefined) return false;
    this.#hold.put(delivery, () => this.#onOutcome(delivery, outcome));
    return true;
  }

  #onOutcome(delivery: Delivery, outcome: Outcome): void {
    if (outcome.kind === "accepted") {
      this.#counters.accepted++;
      this.#settings.guard.accepted(this.topic);
      this.#breaker.reset();
      delivery.settle(acceptedVerdict);
      return;
    }
    const { rules, guard } = this.#settings;
    const cause = outcome.kind === "rejected" ? outcome.reason : outcome.kind;
    const detail = outcome.kind === "rejected" ? outcome.detail : outcome.cause.message;
    this.#counters.causes.add(cause);
    const rule = this.#review(rules.forOutcome(outcome));
    const retryForMs = typeof rule === "object" && "retryForMs" in rule ? rule.retryForMs : undefined;
    // An answer that leads to a retry does not show that upstream lets the app in.
    if (rule === "hold" || (this.held && retryForMs !== undefined)) {
      this.#keepBack(delivery, cause, detail);
      return;
    }
    if (retryForMs !== undefined && this.#tryAgain(delivery, retryForMs, outcome)) return;
    if (retryForMs !== undefined && this.#givenUp && outcome.kind === "unconfirmed" && this.#isForNext(delivery)) {
      delivery.unconfirmedRetries++;
      this.#shutDown(delivery, () => this.#audit(delivery, cause, detail, describe(shutdownVerdict)));
      return;
    }
    if (outcome.kind === "rejected") this.#breaker.reset();
    else this.#breaker.probeInconclusive();
    if (rule === "feedback") {
      // Known, and gone: topic and environment are right.
      if (cause !== "BadDeviceToken") guard.accepted(this.topic);
      this.#audit(delivery, cause, detail, rule);
      const unregisteredAt = (outcome.kind === "rejected" && outcome.unregisteredAt) || undefined;
      this.#recordFeedback(delivery, unregisteredAt);
      return;
    }
    const verdict = verdictOf(finalOf(rule));
    if (verdict.kind === "shutdown") {
      this.#shutDown(delivery, () => this.#audit(delivery, cause, detail, describe(verdict)));
      return;
    }
    if (outcome.kind === "unconfirmed" && verdict.kind === "accepted") {
      this.#counters.unconfirmedAccepted++;
      delivery.isAcceptedUnconfirmed = true;
    }
    this.#audit(delivery, cause, detail, describe(verdict));
    delivery.settle(verdict);
  }

  /** Whether the process that comes next is to try again, since the sender cannot. */
  #isForNext(delivery: Delivery): boolean {
    return delivery.hold === "attempt" || (this.#hold !== undefined && delivery.owner.hasLeft);
  }

  #noteReachability(outcome: Outcome): void {
    if (outcome.kind === "unsent") this.#reachability.failed(outcome.cause.message);
    // An answer, whichever it is; of `unconfirmed` none is known.
    else if (outcome.kind !== "unconfirmed") this.#reachability.answered();
  }

  /** The rule to follow: `"hold"` instead of a status code 8 that is not believed. */
  #review(rule: Rule): Rule {
    const blamesToken = typeof rule === "object" && "refuse" in rule && rule.refuse === badTokenStatus;
    return blamesToken && !this.#settings.guard.believes(this.topic) ? "hold" : rule;
  }

  #keepBack(delivery: Delivery, cause: string, detail: string | undefined): void {
    if (this.#givenUp) {
      this.#abandon(delivery);
      return;
    }
    const nextTryMs = this.#breaker.trip(delivery);
    if (nextTryMs === undefined) return;
    const suspected = this.#settings.guard.isExhausted(this.topic);
    const { name: app, topic } = this;
    const { size: held } = this.#breaker;
    this.#context.events.onHeld({ app, topic, cause, detail, nextTryMs, held, suspected });
  }

  /** Returns false if there is no time left for that. */
  #tryAgain(delivery: Delivery, retryForMs: number, outcome: Outcome): boolean {
    const now = this.#context.clock.now();
    if (delivery.firstFailedAt === 0) delivery.firstFailedAt = now;
    const askedMs = (outcome.kind === "rejected" && outcome.retryAfterMs) || 0;
    if (this.#givenUp || now + askedMs - delivery.firstFailedAt >= retryForMs) return false;
    this.#counters.retries++;
    if (outcome.kind === "unconfirmed") {
      this.#counters.unconfirmedRetries++;
      delivery.unconfirmedRetries++;
    }
    this.#retries.add(delivery, askedMs);
    return true;
  }

  /** The tuple is on disk before the notification counts as accepted. */
  #recordFeedback(delivery: Delivery, unregisteredAt: Date | undefined): void {
    const { clock, feedbackStore, events } = this.#context;
    const { deviceToken } = delivery;
    feedbackStore.add(this.topic, deviceToken, unregisteredAt ?? new Date(clock.now())).then(
      () => {
        this.#counters.feedback++;
        delivery.settle(acceptedVerdict);
      },
      (error: Error) => {
        events.onFeedbackLost({ app: this.name, deviceToken, error });
        delivery.settle(acceptedVerdict);
      },
    );
  }

  /** The verdict on a frame that never goes upstream. */
  #judge(cause: Parameters<RuleTable["forCause"]>[0], frame: AuditedFrame, detail: string | undefined): Verdict {
    this.#counters.causes.add(cause);
    const verdict = verdictOf(finalOf(this.#settings.rules.forCause(cause)));
    this.#audit(frame, cause, detail, describe(verdict));
    return verdict;
  }

  #audit(frame: AuditedFrame, cause: string, detail: string | undefined, done: string): void {
    const { origin, command, identifier, deviceToken, apnsId, prepared, hold, owner } = frame;
    const { name: app } = this;
    const named = { ...origin, app, command, identifier, deviceToken, apnsId, digest: prepared?.digest() };
    const { notification } = prepared ?? {};
    const whose = { held: hold === "attempt", isGone: owner?.hasLeft ?? false, notification };
    this.#context.events.onRejected({ ...named, cause, detail, done, ...whose });
  }

  #auditDropped(held: HeldNotification, cause: "Expired" | "NotSendable"): void {
    const { sender, connection, address, command, identifier, deviceToken, apnsId, payload, priority } = held;
    this.#counters.causes.add(cause);
    const named = { sender, connection, address, app: this.name, command, identifier, deviceToken, apnsId };
    const digest = digestOf(payload, priority);
    const fate = { detail: undefined, done: "dropped", held: true, isGone: true, notification: undefined };
    this.#context.events.onRejected({ ...named, digest, cause, ...fate });
  }
}

/** A frame, as far as the audit names it. */
type AuditedFrame = Pick<AuditedRejection, "command" | "identifier" | "deviceToken" | "apnsId"> & {
  readonly origin: Origin;
  readonly prepared?: Prepared;
  readonly hold?: Delivery["hold"];
  readonly owner?: Pick<DeliveryOwner, "hasLeft">;
};

function resolve(options: AppOptions, rules: Rules | undefined): Settings {
  const suspectAfter = checkInteger("suspectAfter", options.suspectAfter ?? 20, 0);
  const believed = suspectAfter === 0 ? Number.POSITIVE_INFINITY : suspectAfter;
  return {
    transport: options.transport,
    takesApnsId: options.transport.protocol !== "binary",
    topic: options.topic,
    rules: new RuleTable(rules, options.rules),
    translator: new Translator(options),
    guard: new BadTokenGuard({ initial: believed, perAccepted: believed, capacity: believed }),
  };
}

/** The process before this one ended while the notification was upstream. */
function interrupted({ deviceToken, apnsId }: Delivery): Outcome {
  const cause = new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "The bridge ended while it was in flight.");
  return { kind: "unconfirmed", deviceToken, apnsId, attempts: 1, cause };
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

/** The end of a rule when there is nothing to wait for. */
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
