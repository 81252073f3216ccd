import type { PushType, Reason, Wire } from "@apns/core";
import type { Verdict } from "./world/verdict.js";

/** One notification that the simulator decided about. */
export interface ReceivedNotification {
  readonly wire: Wire;
  /** Which connection of this wire it came over, counted from 1. */
  readonly connection: number;
  /**
   * Lower-case hexadecimal text; empty if the sender gave none, as a barrier on the legacy wire does, and for
   * broadcasts.
   */
  readonly deviceToken: string;
  /** Empty if the request named none and none follows from the certificate. */
  readonly topic: string;
  readonly pushType?: PushType;
  /** The payload as it came, decoded from UTF-8. */
  readonly payload: string;
  /** HTTP/2: the id answered, the sender's own or a made one. */
  readonly apnsId?: string;
  /** Of a broadcast: the id answered. */
  readonly apnsRequestId?: string;
  /** Of a broadcast: the channel named. */
  readonly channelId?: string;
  readonly collapseId?: string;
  /** Legacy wire: the sender's number for it. */
  readonly identifier?: number;
  readonly priority?: number;
  /** UNIX seconds; 0 asks for a single attempt. */
  readonly expiration?: number;
  readonly verdict: Verdict;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Counters of one wire. They only grow, and cover everything, however little `received` keeps. */
export interface WireStats {
  readonly connections: number;
  readonly connectionsOpen: number;
  /** Notifications decided. */
  readonly received: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Legacy wire: frames that came behind a failing one and were discarded, as Apple does. */
  readonly discarded: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

export class WireCounter {
  connections = 0;
  connectionsOpen = 0;
  accepted = 0;
  rejected = 0;
  discarded = 0;
  readonly #byReason = new Map<Reason, number>();

  decided(verdict: Verdict): void {
    if (verdict.kind === "accepted") {
      this.accepted++;
      return;
    }
    this.rejected++;
    this.#byReason.set(verdict.reason, (this.#byReason.get(verdict.reason) ?? 0) + 1);
  }

  snapshot(): WireStats {
    const { connections, connectionsOpen, accepted, rejected, discarded } = this;
    const rejectedByReason = Object.fromEntries(this.#byReason);
    return {
      connections,
      connectionsOpen,
      received: accepted + rejected,
      accepted,
      rejected,
      discarded,
      rejectedByReason,
    };
  }
}

/** The newest notifications, oldest first. Older ones fall out; `stats()` still counts them. */
export class ReceivedLog implements Iterable<ReceivedNotification> {
  readonly capacity: number;
  readonly http2: WireCounter = new WireCounter();
  readonly binary: WireCounter = new WireCounter();
  /** Of channel management, whose requests are counted and not kept. */
  readonly channels: WireCounter = new WireCounter();
  readonly #onReceived: ((notification: ReceivedNotification) => void) | undefined;
  #ring: ReceivedNotification[] = [];
  /** Where the oldest is, once the ring is full. */
  #start = 0;

  constructor(capacity: number, onReceived: ((notification: ReceivedNotification) => void) | undefined) {
    this.capacity = capacity;
    this.#onReceived = onReceived;
  }

  get length(): number {
    return this.#ring.length;
  }

  /** The notification at this place, 0 being the oldest kept and -1 the newest. */
  at(index: number): ReceivedNotification | undefined {
    const place = index < 0 ? this.#ring.length + index : index;
    if (place < 0 || place >= this.#ring.length) return undefined;
    return this.#ring[(this.#start + place) % this.#ring.length];
  }

  *[Symbol.iterator](): Iterator<ReceivedNotification> {
    for (let index = 0; index < this.#ring.length; index++) yield this.at(index)!;
  }

  /** Those for one device token, of either case. */
  for(deviceToken: string): ReceivedNotification[] {
    const wanted = deviceToken.toLowerCase();
    return [...this].filter((notification) => notification.deviceToken === wanted);
  }

  /** Forgets what is kept; the counters stay. */
  clear(): void {
    this.#ring = [];
    this.#start = 0;
  }

  /** For the fronts. */
  record(notification: ReceivedNotification): void {
    this[notification.wire as "http2" | "binary"].decided(notification.verdict);
    if (this.#ring.length < this.capacity) {
      this.#ring.push(notification);
    } else if (this.capacity > 0) {
      this.#ring[this.#start] = notification;
      this.#start = (this.#start + 1) % this.capacity;
    }
    this.#onReceived?.(notification);
  }
}
