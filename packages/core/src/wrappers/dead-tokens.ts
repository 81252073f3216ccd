import { ApnsError } from "../errors.js";
import { show } from "../internal/check.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import type { Reason } from "../reason.js";
import type { SendOptions, Transport } from "../transport.js";
import type { UnregisteredToken } from "../unregistered-token.js";
import { WrappingTransport } from "./wrapping-transport.js";

/** A device token to remove from your records. */
export interface DeadToken {
  /** As it was given to `send`; from the feedback service, lower-case hexadecimal. */
  readonly deviceToken: string;
  /** Since when it has been dead, where APNs says so: HTTP status 410, and the feedback service. */
  readonly unregisteredAt: Date | undefined;
  /** Why the notification was refused; undefined from the feedback service. */
  readonly reason: Reason | undefined;
}

export interface DeadTokenOptions {
  /** Removes a device token. Awaited, so that a slow database slows the caller instead of piling up work. */
  readonly drop: (dead: DeadToken) => unknown;
  /**
   * When the app last reported the device token, if you know. A token that was reported since APNs found it dead is
   * alive again, and kept. @default unknown: every dead token is dropped
   */
  readonly registeredAt?: (deviceToken: string) => Date | undefined | PromiseLike<Date | undefined>;
}

/**
 * Looks at an outcome, or at an entry of the feedback service, and has the device token dropped if that is due.
 * @returns whether it was
 * @throws {ApnsError} `ERR_APNS_CALLBACK` if `drop` or `registeredAt` failed; `cause` is what they threw
 */
export type DeadTokenHook = (evidence: Outcome | UnregisteredToken) => Promise<boolean>;

/**
 * One hook for dead device tokens, whichever way APNs tells of them: status 410 and BadDeviceToken over HTTP/2, status
 * code 8 and the feedback service on the legacy wire.
 *
 * Apple, "Handling notification responses from APNs": stop sending to a token that is reported as unregistered, unless
 * the app has registered it again after the timestamp. A registration in the very instant counts as later: to keep a
 * dead token costs one more refusal, to drop a live one costs a user.
 */
export function deadTokenHook(options: DeadTokenOptions): DeadTokenHook {
  return async (evidence) => {
    const dead = deadTokenOf(evidence);
    if (dead === undefined) return false;
    try {
      const { unregisteredAt } = dead;
      if (unregisteredAt !== undefined) {
        const registeredAt = await options.registeredAt?.(dead.deviceToken);
        if (registeredAt !== undefined && registeredAt.getTime() >= unregisteredAt.getTime()) return false;
      }
      await options.drop(dead);
      return true;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : show(cause);
      throw new ApnsError("ERR_APNS_CALLBACK", `The device token could not be dropped: ${why}`, { cause });
    }
  };
}

/** What the evidence says is dead, whatever the caller knows. */
function deadTokenOf(evidence: Outcome | UnregisteredToken): DeadToken | undefined {
  const { deviceToken } = evidence;
  if (!("kind" in evidence)) return { deviceToken, unregisteredAt: evidence.unregisteredAt, reason: undefined };
  if (evidence.kind !== "rejected" || !evidence.dropToken) return undefined;
  return { deviceToken, unregisteredAt: evidence.unregisteredAt, reason: evidence.reason };
}

export interface DropDeadTokensOptions {
  /** Told when the hook fails. The outcome reaches the caller all the same, with its `dropToken`. */
  readonly onError: (error: unknown, outcome: Outcome) => void;
}

/** A transport that shows every outcome to the hook before its caller gets it. */
export function dropDeadTokens(transport: Transport, hook: DeadTokenHook, options: DropDeadTokensOptions): Transport {
  return new DroppingTransport(transport, hook, options);
}

class DroppingTransport extends WrappingTransport {
  readonly #transport: Transport;
  readonly #hook: DeadTokenHook;
  readonly #options: DropDeadTokensOptions;

  constructor(transport: Transport, hook: DeadTokenHook, options: DropDeadTokensOptions) {
    super(transport.protocol, [transport]);
    this.#transport = transport;
    this.#hook = hook;
    this.#options = options;
  }

  override async send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    const outcome = await this.#transport.send(notification, deviceToken, options);
    if (outcome.kind !== "rejected" || !outcome.dropToken) return outcome;
    try {
      await this.#hook(outcome);
    } catch (error) {
      // Apart from the send: a callback that throws must not turn an outcome into a rejection.
      queueMicrotask(() => this.#options.onError(error, outcome));
    }
    return outcome;
  }
}
