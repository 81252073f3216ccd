import type { Notification } from "@apns/core";
import type { Fifo } from "@apns/core/internal";
import type { Verdict } from "./verdict.js";

/** A notification as it goes upstream, made once for all frames with the same payload, expiry and priority. */
export interface Prepared {
  readonly notification: Notification;
  /** A digest of payload and priority, computed at the first call. */
  digest(): string;
}

/** Gets a delivery's verdict: a frame in its connection, or the memory of deliveries reported as discarded. */
export interface DeliveryOwner {
  /** Whether the sender has ended its side of the connection: what is found from now on may be told to nobody. */
  readonly hasLeft: boolean;
  onSettled(delivery: Delivery): void;
}

/** The source of a notification, for the audit. */
export interface Origin {
  readonly sender: string;
  /** Counted from 1 since the bridge was started. */
  readonly connection: number;
  readonly address: string;
}

/** The semaphore that gave the permit for a delivery. */
interface Permits {
  release(): void;
}

/** One notification on its way to one device: from the frame that was read to the verdict. */
export class Delivery {
  readonly #permits: Permits;
  readonly origin: Origin;
  readonly command: number;
  /** As in the frame; `undefined` if it had none. */
  readonly identifier: number | undefined;
  /** Lower-case hexadecimal. */
  readonly deviceToken: string;
  readonly prepared: Prepared;
  readonly apnsId: string;
  owner: DeliveryOwner;
  /** `undefined` until it is final. */
  verdict: Verdict | undefined = undefined;
  /** When the first answer came after which it was tried again; 0 before. */
  firstFailedAt = 0;
  /** Tries after the first. */
  retries = 0;
  /** Tries after an outcome `unconfirmed`: if upstream had accepted it, it arrives once more. */
  unconfirmedRetries = 0;
  /** Whether the report has counted its verdict: one that is settled between its connection and its resend is counted then. */
  isCounted = false;
  /** Whether the verdict is success although upstream confirmed nothing. */
  isAcceptedUnconfirmed = false;
  /** `"held"`: the verdict is success because it is in the durable hold. `"attempt"`: it was read out of there. */
  hold: "none" | "held" | "attempt" = "none";

  constructor(
    permits: Permits,
    origin: Origin,
    frame: { readonly command: number; readonly identifier: number | undefined },
    deviceToken: string,
    prepared: Prepared,
    apnsId: string,
    owner: DeliveryOwner,
  ) {
    this.#permits = permits;
    this.origin = origin;
    this.command = frame.command;
    this.identifier = frame.identifier;
    this.deviceToken = deviceToken;
    this.prepared = prepared;
    this.apnsId = apnsId;
    this.owner = owner;
  }

  settle(verdict: Verdict): void {
    this.verdict = verdict;
    this.owner.onSettled(this);
    this.#permits.release();
  }
}

/** Removes the deliveries of senders that have left and returns them, save those that were read out of the durable hold. */
export function takeLeft(deliveries: Fifo<Delivery>): Delivery[] {
  const left: Delivery[] = [];
  deliveries.filter((delivery) => {
    if (!delivery.owner.hasLeft || delivery.hold !== "none") return true;
    left.push(delivery);
    return false;
  });
  return left;
}
