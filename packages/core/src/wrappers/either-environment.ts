import { assertDeviceToken } from "../device-token.js";
import type { AppleEnvironment } from "../environment.js";
import { ApnsError } from "../errors.js";
import { runCallbackSoon } from "../internal/callback.js";
import { checkFunction, checkOneOf } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import { DrainDeadline } from "../internal/drain-deadline.js";
import { closeTimeoutMs } from "../internal/send-options.js";
import type { Notification } from "../notification.js";
import type { Outcome, Rejected } from "../outcome.js";
import { reasons } from "../reason.js";
import type { CloseOptions, SendOptions, Transport } from "../transport.js";
import { type EnvironmentStore, environmentMemory } from "./environment-memory.js";
import { AttemptDeadline, ResendingTransport } from "./resending-transport.js";

export interface EitherEnvironmentOptions {
  /** Sends to Apple's production environment. */
  readonly production: Transport;
  /** Sends to Apple's development environment. */
  readonly development: Transport;
  /** The environment that is tried first for a device token of which nothing is known. @default "production" */
  readonly first?: AppleEnvironment;
  /** Where the environments of device tokens are kept. @default `environmentMemory()`: 100,000 device tokens in memory */
  readonly remember?: EnvironmentStore;
  /** Called when `remember` fails. The send goes on as if nothing were known. @default the error becomes a warning of the process */
  readonly onRememberError?: (error: unknown) => void;
}

const eitherEnvironmentOptionNames = optionNames<EitherEnvironmentOptions>({
  production: true,
  development: true,
  first: true,
  remember: true,
  onRememberError: true,
});

/**
 * A transport for device tokens of both environments of Apple's: those of builds from Xcode belong to development, those of
 * TestFlight and the App Store to production, and a device token does not tell which.
 *
 * A notification is sent to the environment that is remembered for its device token. If that refuses the device token
 * (`BadDeviceToken`, or status 5 or 8 of the legacy wire), it is sent to the other one, and the environment that knows the device
 * token is remembered. All other outcomes are final, and no number of failures takes an environment out of use. If both refuse the
 * device token, the outcome is `rejected` with a `detail` that says so. `attempts` of both add up; `timeoutMs` and `signal` bound
 * both together.
 *
 * `close` lets notifications in flight go to the other environment within its `timeoutMs`.
 * @throws {InvalidArgumentError} naming the option that is wrong
 */
export function eitherEnvironment(options: EitherEnvironmentOptions): Transport {
  checkOptions("eitherEnvironment", options, eitherEnvironmentOptionNames);
  return new EitherEnvironmentTransport(options);
}

class EitherEnvironmentTransport extends ResendingTransport {
  readonly #transports: Readonly<Record<AppleEnvironment, Transport>>;
  readonly #first: AppleEnvironment;
  readonly #store: EnvironmentStore;
  readonly #onRememberError: (error: unknown) => void;
  readonly #drainDeadline = new DrainDeadline();
  /** Set by `close`. What is in flight may still be sent again, until `isClosing`. */
  #closing: Promise<void> | undefined;

  constructor({ production, development, first, remember, onRememberError }: EitherEnvironmentOptions) {
    super(checkTransport("production", production).protocol, [production, checkTransport("development", development)]);
    this.#transports = { production, development };
    this.#first = checkOneOf<AppleEnvironment>("first", first ?? "production", ["production", "development"]);
    this.#store = remember ?? environmentMemory();
    checkFunction("remember.get", this.#store.get);
    checkFunction("remember.set", this.#store.set);
    this.#onRememberError = checkFunction("onRememberError", onRememberError ?? rethrow);
  }

  /** One environment is used at a time. */
  override get concurrency(): number | undefined {
    const { production, development } = this.#transports;
    if (production.concurrency === undefined) return development.concurrency;
    return Math.max(production.concurrency, development.concurrency ?? 0);
  }

  override close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = closeTimeoutMs(options);
    this.#drainDeadline.within(timeoutMs);
    // Nothing is in flight here by then: what is left of the time is that of the wrapped transports, which it shortens as well.
    if (this.isClosing) void super.close({ timeoutMs });
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.race([this.flushInner().catch(() => {}), this.#drainDeadline.passed]);
    const timeoutMs = this.#drainDeadline.remainingMs;
    this.#drainDeadline.cancel();
    await super.close({ timeoutMs });
  }

  protected override async sendUntilSettled(
    notification: Notification,
    deviceToken: string,
    options: SendOptions,
  ): Promise<Outcome> {
    if (this.#closing !== undefined) throw closedError();
    assertDeviceToken(deviceToken);
    const deadline = new AttemptDeadline(options, Date.now);
    const key = deviceToken.toLowerCase();
    const known = await this.#remembered(key);
    const environment = known ?? this.#first;
    const outcome = await this.#transports[environment].send(notification, deviceToken, deadline.options());
    if (!isOfOtherEnvironment(outcome)) {
      await this.#learn(key, known, environment, outcome);
      return outcome;
    }
    const other = environment === "production" ? "development" : "production";
    const obstacle = this.#obstacle(options, deadline, environment, other);
    if (obstacle !== undefined) {
      const { apnsId, attempts } = outcome;
      return { kind: "unsent", deviceToken, apnsId, attempts, cause: obstacle };
    }
    const second = await this.sendAgain(this.#transports[other], notification, deviceToken, deadline.options());
    const attempts = outcome.attempts + second.attempts;
    if (isOfOtherEnvironment(second)) {
      return { ...outcome, attempts, detail: "Neither production nor development knows this device token." };
    }
    await this.#learn(key, known, other, second);
    return { ...second, attempts };
  }

  /** Why the other environment cannot be tried. */
  #obstacle(
    { signal }: SendOptions,
    deadline: AttemptDeadline,
    environment: AppleEnvironment,
    other: AppleEnvironment,
  ): ApnsError | undefined {
    const refused = `${environment} does not know this device token`;
    if (signal?.aborted) {
      const message = `${refused}, and the caller aborted before ${other} was tried.`;
      return new ApnsError("ERR_APNS_ABORTED", message, { cause: signal.reason });
    }
    if (this.isClosing) {
      return new ApnsError(
        "ERR_APNS_TRANSPORT_CLOSED",
        `${refused}, and the transport was closed before ${other} was tried.`,
      );
    }
    if (!deadline.allows(0)) {
      return new ApnsError("ERR_APNS_TIMEOUT", `${refused}, and no time (timeoutMs) was left to try ${other}.`);
    }
    return undefined;
  }

  /** Asks the store without waiting for a promise where it returns none. */
  #remembered(key: string): AppleEnvironment | undefined | Promise<AppleEnvironment | undefined> {
    try {
      const known = this.#store.get(key);
      if (typeof (known as PromiseLike<unknown> | undefined)?.then !== "function") return asEnvironment(known);
      return Promise.resolve(known).then(asEnvironment, (error: unknown) => this.#fail(error));
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Remembers the environment if it is proven, and neither known already nor the one that is tried first anyway. */
  async #learn(
    key: string,
    known: AppleEnvironment | undefined,
    environment: AppleEnvironment,
    outcome: Outcome,
  ): Promise<void> {
    // Only a device token of this environment can be unregistered (status 410).
    const isProven = outcome.kind === "accepted" || (outcome.kind === "rejected" && outcome.dropToken);
    if (!isProven || environment === (known ?? this.#first)) return;
    try {
      await this.#store.set(key, environment);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): undefined {
    runCallbackSoon("onRememberError", () => this.#onRememberError(error));
  }
}

function isOfOtherEnvironment(outcome: Outcome): outcome is Rejected {
  return outcome.kind === "rejected" && outcome.reason === reasons.BadDeviceToken.reason;
}

/** A store may hold anything: another value than an environment counts as unknown. */
function asEnvironment(value: unknown): AppleEnvironment | undefined {
  return value === "production" || value === "development" ? value : undefined;
}

function closedError(): ApnsError {
  return new ApnsError("ERR_APNS_TRANSPORT_CLOSED", "send: the transport is closed.");
}

/** Becomes a warning of the process, as the error of any callback. */
function rethrow(error: unknown): never {
  throw error;
}
