import { ApnsError } from "../errors.js";
import { BadTokenGuard } from "../internal/bad-token-guard.js";
import { runCallbackSoon } from "../internal/callback.js";
import { checkFunction, checkNumber, show } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import { type Reason, reasons } from "../reason.js";
import type { SendOptions, Transport } from "../transport.js";
import type { UnregisteredToken } from "../unregistered-token.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** A device token to remove from your records. */
export interface DeadToken {
  /** As it was given to `send`; from the feedback service, lower-case hexadecimal. */
  readonly deviceToken: string;
  /** Since when it has been dead, where APNs says so: HTTP status 410, and the feedback service. */
  readonly unregisteredAt: Date | undefined;
  /** The reason of the refusal; `undefined` from the feedback service. */
  readonly reason: Reason | undefined;
}

export interface DeadTokenOptions {
  /** Removes a device token. Awaited, so that a slow database slows the caller instead of piling up work. */
  readonly drop: (dead: DeadToken) => unknown;
  /**
   * When the app last reported the device token. A token that was reported since APNs found it dead is valid again, and kept.
   * @default unknown: every dead token is dropped
   */
  readonly registeredAt?: (deviceToken: string) => Date | undefined | PromiseLike<Date | undefined>;
  /**
   * Also drops device tokens that are refused as `BadDeviceToken` (on the legacy wire, by status 5 or 8), within limits. Such a
   * refusal mostly means a wrong environment or topic. @default they are kept
   */
  readonly badDeviceTokens?: BadDeviceTokenOptions;
}

export interface BadDeviceTokenOptions {
  /**
   * How many device tokens may be dropped for each notification that was accepted in the same environment with the same topic: a
   * number above 0, up to 1. With 0.05, one for twenty; none while nothing was accepted; and no more than 50 (the share of a
   * thousand) in a row without an acceptance in between.
   */
  readonly maxShare: number;
  /** Called for each refused device token that the limit keeps. Many of them: check the environment and the topic. */
  readonly onHeldBack: (suspect: DeadToken) => void;
}

const deadTokenOptionNames = optionNames<DeadTokenOptions>({ drop: true, registeredAt: true, badDeviceTokens: true });
const badDeviceTokenOptionNames = optionNames<BadDeviceTokenOptions>({ maxShare: true, onHeldBack: true });

/**
 * Drops the device token of an outcome, or of an entry of the feedback service, if it is dead.
 *
 * @param scope names the environment and topic of the outcome, if the hook serves several: what was accepted in one proves
 * nothing about another. `dropDeadTokens` sets it.
 * @returns whether the device token was dropped
 * @throws {ApnsError} `ERR_APNS_CALLBACK` if a callback failed; `cause` is what it threw
 */
export type DeadTokenHook = (evidence: Outcome | UnregisteredToken, scope?: string) => Promise<boolean>;

/** The answer of a hook that has nothing to do, shared so that an accepted send costs nothing. */
const notDropped: Promise<boolean> = Promise.resolve(false);

/** A thousand acceptances fill the bucket of the guard. */
const maxCreditedAcceptances = 1000;

/**
 * A hook for dead device tokens, from both wires: status 410 over HTTP/2, and entries of the legacy feedback service.
 * `BadDeviceToken` is not evidence enough by itself: see `badDeviceTokens`.
 *
 * Apple, "Handling notification responses from APNs": stop sending to a token that is reported as unregistered, unless
 * the app has registered it again after the timestamp. A registration in the very instant counts as later: keeping a dead token
 * costs one more refusal, dropping a live one costs a user.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function deadTokenHook(options: DeadTokenOptions): DeadTokenHook {
  checkOptions("deadTokenHook", options, deadTokenOptionNames);
  const { drop, registeredAt, badDeviceTokens } = options;
  checkFunction("drop", drop);
  if (registeredAt !== undefined) checkFunction("registeredAt", registeredAt);
  const suspects = badDeviceTokens === undefined ? undefined : new SuspectTokens(badDeviceTokens);

  const dropUnlessRegistered = async (dead: DeadToken): Promise<boolean> => {
    try {
      const { unregisteredAt, deviceToken } = dead;
      if (unregisteredAt !== undefined) {
        const registered = await registeredAt?.(deviceToken);
        if (registered !== undefined && registered.getTime() >= unregisteredAt.getTime()) return false;
      }
      await drop(dead);
      return true;
    } catch (cause) {
      throw callbackError(cause);
    }
  };

  return (evidence, scope = "") => {
    const { deviceToken } = evidence;
    if (!("kind" in evidence)) {
      return dropUnlessRegistered({ deviceToken, unregisteredAt: evidence.unregisteredAt, reason: undefined });
    }
    if (evidence.kind === "accepted") suspects?.proven(scope);
    if (evidence.kind !== "rejected") return notDropped;
    const dead: DeadToken = { deviceToken, unregisteredAt: evidence.unregisteredAt, reason: evidence.reason };
    if (evidence.dropToken) {
      // Only a device token of this environment and topic can be unregistered.
      suspects?.proven(scope);
      return dropUnlessRegistered(dead);
    }
    if (suspects === undefined || evidence.reason !== reasons.BadDeviceToken.reason) return notDropped;
    try {
      return suspects.mayDrop(dead, scope) ? dropUnlessRegistered(dead) : notDropped;
    } catch (cause) {
      return Promise.reject(callbackError(cause));
    }
  };
}

function callbackError(cause: unknown): ApnsError {
  const why = cause instanceof Error ? cause.message : show(cause);
  return new ApnsError("ERR_APNS_CALLBACK", `The device token could not be dropped: ${why}`, { cause });
}

/** Device tokens that were refused, and are dropped within limits. */
class SuspectTokens {
  readonly #guard: BadTokenGuard;
  readonly #onHeldBack: (suspect: DeadToken) => void;

  constructor(options: BadDeviceTokenOptions) {
    checkOptions("deadTokenHook", options, badDeviceTokenOptionNames, { path: "badDeviceTokens" });
    const { maxShare, onHeldBack } = options;
    const share = checkNumber("badDeviceTokens.maxShare", maxShare, { above: 0, max: 1 });
    this.#guard = new BadTokenGuard({ perAccepted: share, capacity: Math.max(1, share * maxCreditedAcceptances) });
    this.#onHeldBack = checkFunction("badDeviceTokens.onHeldBack", onHeldBack);
  }

  proven(scope: string): void {
    this.#guard.accepted(scope);
  }

  mayDrop(suspect: DeadToken, scope: string): boolean {
    if (this.#guard.believes(scope)) return true;
    this.#onHeldBack(suspect);
    return false;
  }
}

export interface DropDeadTokensOptions {
  /** Called when the hook fails. The outcome reaches the caller all the same. */
  readonly onError: (error: unknown, outcome: Outcome) => void;
}

const dropDeadTokensOptionNames = optionNames<DropDeadTokensOptions>({ onError: true });

/**
 * A transport that gives the outcome of every send to the hook. The caller gets a `rejected` one once the hook is done with it.
 *
 * Put it around a transport for one environment, not around several (`splitTraffic`, `failover`): for `badDeviceTokens`, what one
 * of them accepts would prove the other.
 */
export function dropDeadTokens(transport: Transport, hook: DeadTokenHook, options: DropDeadTokensOptions): Transport {
  checkTransport("transport", transport);
  checkOptions("dropDeadTokens", options, dropDeadTokensOptionNames);
  return new DroppingTransport(transport, hook, options);
}

let transports = 0;

class DroppingTransport extends WrappingTransport {
  readonly #transport: Transport;
  readonly #hook: DeadTokenHook;
  readonly #onError: (error: unknown, outcome: Outcome) => void;
  /** Part of the scope: tells this transport's environment from that of others which share the hook. */
  readonly #number = ++transports;

  constructor(transport: Transport, hook: DeadTokenHook, options: DropDeadTokensOptions) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#hook = checkFunction("hook", hook);
    this.#onError = checkFunction("onError", options.onError);
  }

  override async send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    const outcome = await this.#transport.send(notification, deviceToken, options);
    if (outcome.kind !== "accepted" && outcome.kind !== "rejected") return outcome;
    try {
      const dropped = this.#hook(outcome, `${this.#number} ${notification.topic ?? ""}`);
      if (dropped !== notDropped) await dropped;
    } catch (error) {
      // In a microtask of its own: a callback that throws must not turn an outcome into a rejection.
      runCallbackSoon("onError of dropDeadTokens", () => this.#onError(error, outcome));
    }
    return outcome;
  }
}
