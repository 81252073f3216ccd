import type { Notification } from "@apns/core";
import type { Verdict } from "./verdict.js";

/** A notification as it goes upstream, made once for all frames that say the same. */
export interface Prepared {
  readonly notification: Notification;
  /** Tells it from every other payload and priority; made when first asked for. */
  digest(): string;
}

/** Whoever waits for a delivery's verdict: a frame's place in its connection, or the memory of what was delivered. */
export interface DeliveryOwner {
  onSettled(delivery: Delivery): void;
}

/** Where a notification came from, for the audit. */
export interface Origin {
  readonly sender: string;
  /** Counted from 1 since the bridge was started. */
  readonly connection: number;
  readonly address: string;
}

/** Whoever gave room for a delivery. */
interface Room {
  readonly admission: { release(): void };
}

/** One notification on its way to one device: from the frame that was read to the verdict. */
export class Delivery {
  /** Where room is given back when it is settled. */
  readonly #room: Room;
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
  /** How often it was tried again. */
  retries = 0;

  constructor(
    room: Room,
    origin: Origin,
    frame: { readonly command: number; readonly identifier: number | undefined },
    deviceToken: string,
    prepared: Prepared,
    apnsId: string,
    owner: DeliveryOwner,
  ) {
    this.#room = room;
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
    this.#room.admission.release();
  }
}
