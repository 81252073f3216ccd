// The mapping from each answer of upstream to the answer that a legacy sender sees. This is the whole of it; every row can be
// replaced by `rules` in the options or the configuration file. docs/bridge.md gives the reasons for the doubtful ones.
import { InvalidArgumentError, type Outcome, reasons } from "@apns/core";
import { checkInteger, maxTimerDelayMs } from "@apns/core/internal";

/** A rule that ends the matter. */
export type FinalRule =
  /** Success: the sender sees nothing. */
  | "accept"
  /** Status code 10 with the last accepted identifier: the sender resends this one and all after it. */
  | "shutdown"
  /** The connection ends without a byte. */
  | "close"
  /** An error response with this status code, 0 to 255, naming the notification. */
  | { readonly refuse: number };

/** The reaction to an answer from upstream. */
export type Rule =
  | FinalRule
  /** Success for the sender, and a tuple for the feedback service: the app is gone from that device. */
  | "feedback"
  /**
   * The bridge itself is not let in upstream: nothing more of this app is sent, or read from its senders, until one
   * notification, tried again and again, gets another answer.
   */
  | "hold"
  /** Sent again, with growing pauses, for so many milliseconds in all; then `finally`. */
  | { readonly retryForMs: number; readonly finally: FinalRule };

/** The cause that a rule is for: a reason of APNs', an HTTP status or class of them, or one of the names in `otherCauses`. */
export type Cause = string;

/** Rules to replace defaults, by cause. */
export type Rules = Readonly<Record<Cause, Rule>>;

/** Causes that are not reasons of APNs'. */
export const otherCauses = {
  unsent: "certainly not processed upstream: no connection, or the deadline passed before it was written",
  unconfirmed: "written upstream, and no verdict came: it may or may not have been accepted",
  InvalidTokenSize: "a device token of a length that no device token has",
  InvalidPriority: "a priority other than 1, 5 and 10",
  InvalidJson: "a payload that is not a JSON object, where the app does not forward those",
  ProtocolError: "a frame of command 2 whose items cannot be read",
  UnknownCommand: "a first byte that is no command",
  NotSendable: "a notification that the transport cannot carry",
} as const;

const minute = 60_000;
const againOrAccept: Rule = { retryForMs: 30_000, finally: "accept" };
const soonOrShutdown: Rule = { retryForMs: minute, finally: "shutdown" };

/** The mapping, unless it is overruled. */
export const defaultRules: Rules = Object.freeze({
  // The device token. 8 makes senders delete it, so that only what is certainly the token's fault may lead there.
  [reasons.BadDeviceToken.reason]: { refuse: 8 },
  [reasons.DeviceTokenNotForTopic.reason]: { refuse: 8 },
  [reasons.MissingDeviceToken.reason]: { refuse: 2 },
  InvalidTokenSize: { refuse: 5 },
  // "The app is gone" was never an error on the legacy wire: the feedback service told it.
  [reasons.Unregistered.reason]: "feedback",
  [reasons.ExpiredToken.reason]: "feedback",
  "410": "feedback",

  // The payload.
  [reasons.PayloadEmpty.reason]: { refuse: 4 },
  [reasons.PayloadTooLarge.reason]: { refuse: 7 },
  InvalidJson: { refuse: 1 },
  InvalidPriority: { refuse: 1 },
  NotSendable: { refuse: 1 },

  // The bridge's own standing upstream: no notification is to blame, and every one would meet the same.
  [reasons.MissingTopic.reason]: "hold",
  [reasons.BadTopic.reason]: "hold",
  [reasons.TopicDisallowed.reason]: "hold",
  "403": "hold",

  // Upstream's trouble.
  [reasons.TooManyRequests.reason]: { retryForMs: 10_000, finally: { refuse: 1 } },
  [reasons.TooManyProviderTokenUpdates.reason]: soonOrShutdown,
  [reasons.IdleTimeout.reason]: soonOrShutdown,
  [reasons.InternalServerError.reason]: { retryForMs: 10_000, finally: { refuse: 1 } },
  "429": { retryForMs: 10_000, finally: { refuse: 1 } },
  "5xx": soonOrShutdown,
  unsent: soonOrShutdown,
  // At least once, as the senders themselves did when the gateway's connection broke: they resent all that nothing was known of.
  // Measured over a reset of five seconds, "accept" lost up to 43 % without a word; sending again doubles those that had arrived.
  unconfirmed: againOrAccept,

  // Frames.
  ProtocolError: { refuse: 1 },
  UnknownCommand: "close",

  // Any other refusal: most likely the bridge's fault, hence not the device token's.
  "4xx": { refuse: 1 },
});

/** The rules in force: the defaults, overruled. */
export class RuleTable {
  readonly #rules: ReadonlyMap<Cause, Rule>;

  /** @throws {InvalidArgumentError} naming the rule that is wrong */
  constructor(...overrides: readonly (Rules | undefined)[]) {
    const rules = new Map(Object.entries(defaultRules));
    for (const override of overrides) {
      const checked = Object.entries(override ?? {}).map(
        ([cause, rule]) => [checkCause(cause), checkRule(cause, rule)] as const,
      );
      // A rule for a status overrides those of its reasons; a class such as 4xx is for reasons without a rule of their own.
      const named = new Set(checked.map(([cause]) => cause));
      for (const { reason, httpStatus } of Object.values(reasons)) {
        if (named.has(String(httpStatus))) rules.delete(reason);
      }
      for (const [cause, rule] of checked) rules.set(cause, rule);
    }
    this.#rules = rules;
  }

  /** The rule for what the bridge itself found. */
  forCause(cause: keyof typeof otherCauses | "MissingDeviceToken" | "PayloadEmpty" | "PayloadTooLarge"): Rule {
    return this.#find(cause, reasonStatus(cause));
  }

  /** The rule for what upstream answered. */
  forOutcome(outcome: Outcome): Rule {
    if (outcome.kind === "accepted") return "accept";
    if (outcome.kind !== "rejected") return this.#rules.get(outcome.kind)!;
    const { reason, httpStatus = reasonStatus(reason) } = outcome;
    return this.#find(reason, httpStatus);
  }

  #find(reason: string, httpStatus: number): Rule {
    return (
      this.#rules.get(reason) ??
      this.#rules.get(String(httpStatus)) ??
      this.#rules.get(`${Math.floor(httpStatus / 100)}xx`) ??
      this.#rules.get("4xx")!
    );
  }
}

/** A rejection that came over another wire than HTTP/2 has no status of its own. */
function reasonStatus(reason: string): number {
  return Object.hasOwn(reasons, reason) ? reasons[reason as keyof typeof reasons].httpStatus : 400;
}

function checkCause(cause: string): Cause {
  if (Object.hasOwn(reasons, cause) || Object.hasOwn(otherCauses, cause) || /^[45]([0-9]{2}|xx)$/.test(cause)) {
    return cause;
  }
  throw new InvalidArgumentError(
    `rules.${cause}`,
    `names nothing that can happen; give a reason of APNs' such as BadDeviceToken, an HTTP status such as 429, 4xx or 5xx, or one of ${Object.keys(otherCauses).join(", ")}.`,
  );
}

const ruleWords: readonly unknown[] = ["accept", "shutdown", "close", "feedback", "hold"];

function checkRule(cause: string, rule: Rule): Rule {
  const field = `rules.${cause}`;
  if (typeof rule !== "object" || rule === null) {
    if (ruleWords.includes(rule)) return rule;
  } else if ("refuse" in rule) {
    return { refuse: checkInteger(`${field}.refuse`, rule.refuse, 0, 255) };
  } else if ("retryForMs" in rule) {
    const retryForMs = checkInteger(`${field}.retryForMs`, rule.retryForMs, 1, maxTimerDelayMs);
    const last = checkRule(`${cause}.finally`, rule.finally);
    if (last !== "hold" && last !== "feedback" && !(typeof last === "object" && "retryForMs" in last)) {
      return { retryForMs, finally: last };
    }
    throw new InvalidArgumentError(
      `${field}.finally`,
      "does not end the matter; give accept, shutdown, close or refuse.",
    );
  }
  throw new InvalidArgumentError(
    field,
    `is not a rule; give ${ruleWords.join(", ")}, { refuse: status } or { retryForMs, finally }.`,
  );
}
