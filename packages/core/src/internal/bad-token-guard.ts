export interface BadTokenGuardOptions {
  /** Refusals that are believed before anything was accepted. @default 0 */
  readonly initial?: number;
  /** Refusals that become credible with each acceptance; `Infinity` fills the bucket at once. */
  readonly perAccepted: number;
  /** The size of the bucket: the most refusals that are believed without an acceptance in between. */
  readonly capacity: number;
}

/** Topics beyond this number start anew: they come from callers, and some have one for each device. */
const maxScopes = 1000;

/**
 * Decides whether a refusal of a device token (`BadDeviceToken`, or status 8 of the legacy wire) is believed. Mostly it means a
 * wrong environment or topic, which would have every device token dropped. So acceptances fill a token bucket, for each scope (an
 * environment and topic), and each refusal that is believed takes one token from it. Where the environment or topic is wrong from
 * the beginning, nothing is believed beyond `initial`; where it becomes wrong, nothing beyond `capacity`.
 */
export class BadTokenGuard {
  readonly #options: Required<BadTokenGuardOptions>;
  /** The tokens left in each bucket, least recently used first. */
  readonly #credits = new Map<string, number>();

  constructor({ initial = 0, perAccepted, capacity }: BadTokenGuardOptions) {
    this.#options = { initial, perAccepted, capacity };
  }

  /** APNs has accepted a notification in this scope, or said that a device token was once valid in it (status 410). */
  accepted(scope: string): void {
    const { perAccepted, capacity } = this.#options;
    const credit = this.#credit(scope);
    if (credit < capacity) this.#set(scope, Math.min(capacity, credit + perAccepted));
  }

  /** Whether the refusal of a device token in this scope is believed. One that is believed takes a token from the bucket. */
  believes(scope: string): boolean {
    if (this.isExhausted(scope)) return false;
    this.#set(scope, this.#credit(scope) - 1);
    return true;
  }

  /** Whether the next refusal in this scope is not believed. */
  isExhausted(scope: string): boolean {
    // Ten times 0.1 is a little less than 1.
    return this.#credit(scope) < 1 - 1e-9;
  }

  /** Forgets a scope, or all: environment or topic may have changed. */
  reset(scope?: string): void {
    if (scope === undefined) this.#credits.clear();
    else this.#credits.delete(scope);
  }

  #credit(scope: string): number {
    return this.#credits.get(scope) ?? this.#options.initial;
  }

  #set(scope: string, credit: number): void {
    this.#credits.delete(scope);
    this.#credits.set(scope, credit);
    if (this.#credits.size > maxScopes) this.#credits.delete(this.#credits.keys().next().value!);
  }
}
