import type { Outcome } from "@apns/core";
import type { DeviceKind } from "./workload.js";

/** How often a notification is sent until it is settled: once, or as often as a bridge tries. */
export type Attempts = "one" | "many";

/** The outcome of each notification according to the client, by its index in the workload. */
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
   * @param kindOf the kind of a notification's device token: a `good` one must not be refused
   * @param wasSent whether it was sent; without that, no outcome is expected. @default all were
   */
  balance(
    accepted: Uint8Array,
    kindOf: (index: number) => DeviceKind,
    wasSent: (index: number) => boolean = () => true,
  ): Balance {
    const balance = {
      ...{ simulatorReceived: 0, lost: 0, doubled: 0, misreported: 0, withoutOutcome: 0 },
      ...{ doubtArrived: 0, doubtMissing: 0 },
    };
    for (let index = 0; index < this.#kinds.length; index++) {
      if (!wasSent(index)) continue;
      const times = accepted[index]!;
      const outcome = this.#kinds[index];
      balance.simulatorReceived += times;
      if (times > 1) balance.doubled += times - 1;
      if (outcome === undefined) balance.withoutOutcome++;
      else if (outcome === "unconfirmed") balance[times > 0 ? "doubtArrived" : "doubtMissing"]++;
      else if (outcome === "accepted" && times === 0) balance.lost++;
      else if ((outcome === "rejected" || outcome === "unsent") && times > 0) balance.misreported++;
      else if (outcome === "rejected" && kindOf(index) === "good") balance.misreported++;
    }
    return balance;
  }
}

export interface Balance {
  /** Notifications the simulator accepted. */
  readonly simulatorReceived: number;
  /** Accepted according to the client, but never received. */
  readonly lost: number;
  /** How many were received beyond the first of each. */
  readonly doubled: number;
  /** Refused or never sent according to the client, but received; or refused although the device token was good. */
  readonly misreported: number;
  /** Sent, and never settled. */
  readonly withoutOutcome: number;
  /** Unconfirmed according to the client, and received. */
  readonly doubtArrived: number;
  /** Unconfirmed according to the client, and not received. */
  readonly doubtMissing: number;
}

/** Whether no outcome is wrong: every notification is accounted for, or said to be in doubt. */
export function balances({ lost, doubled, misreported, withoutOutcome }: Balance): boolean {
  return lost + doubled + misreported + withoutOutcome === 0;
}

/** The sentence about what is in doubt; `undefined` if nothing is. */
export function doubtText({ doubtArrived, doubtMissing }: Balance): string | undefined {
  const doubt = doubtArrived + doubtMissing;
  if (doubt === 0) return undefined;
  const count = (value: number): string => value.toLocaleString("en-US");
  const twice =
    doubtArrived === 0
      ? "nobody gets it twice"
      : `${count(doubtArrived)} ${doubtArrived === 1 ? "person gets" : "people get"} it twice`;
  return `${count(doubt)} in doubt: ${count(doubtArrived)} had arrived, ${count(doubtMissing)} had not. Resend all, and ${twice}.`;
}
