import type { Outcome } from "@apns/core";
import type { DeviceKind } from "./workload.js";

/** How often a notification is sent until it is settled: once, or as often as a bridge tries. */
export type Attempts = "one" | "many";

/** What the client believes of each notification, by its place in the workload. */
export class Books {
  readonly #kinds: (Outcome["kind"] | undefined)[];
  readonly #attempts: Attempts;

  /** @param attempts of each notification: where there are many, what counts is whether any may have been accepted */
  constructor(count: number, attempts: Attempts = "one") {
    this.#kinds = new Array(count);
    this.#attempts = attempts;
  }

  /** @throws if this notification has an outcome already, and is to have one only */
  enter(index: number, kind: Outcome["kind"]): void {
    const known = this.#kinds[index];
    if (known !== undefined && this.#attempts === "one") {
      throw new Error(`Notification ${index} was given two outcomes.`);
    }
    if (known === "accepted" || (known === "unconfirmed" && kind !== "accepted")) return;
    this.#kinds[index] = kind;
  }

  /**
   * Compares with what the simulator really accepted.
   * @param kindOf what a refusal is measured by: `good` must not be refused
   * @param wasSent of those that were not, no outcome is expected. @default all were
   */
  balance(
    accepted: Uint8Array,
    kindOf: (index: number) => DeviceKind,
    wasSent: (index: number) => boolean = () => true,
  ): Balance {
    const balance = { simulatorReceived: 0, lost: 0, doubled: 0, misreported: 0, withoutOutcome: 0 };
    for (let index = 0; index < this.#kinds.length; index++) {
      if (!wasSent(index)) continue;
      const times = accepted[index]!;
      const believed = this.#kinds[index];
      balance.simulatorReceived += times;
      if (times > 1) balance.doubled += times - 1;
      if (believed === undefined) balance.withoutOutcome++;
      else if (believed === "accepted" && times === 0) balance.lost++;
      else if ((believed === "rejected" || believed === "unsent") && times > 0) balance.misreported++;
      else if (believed === "rejected" && kindOf(index) === "good") balance.misreported++;
    }
    return balance;
  }
}

export interface Balance {
  /** Notifications the simulator accepted. */
  readonly simulatorReceived: number;
  /** Believed accepted, but never received. */
  readonly lost: number;
  /** Received more than once: how often too often. */
  readonly doubled: number;
  /** Believed refused or never sent, but received; or refused though nothing was wrong with it. */
  readonly misreported: number;
  /** Sent, and never settled. */
  readonly withoutOutcome: number;
}

/** Whether every notification is accounted for. */
export function balances({ lost, doubled, misreported, withoutOutcome }: Balance): boolean {
  return lost + doubled + misreported + withoutOutcome === 0;
}
