import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";
import { checkTransport } from "../internal/check-transport.js";
import type { Notification } from "../notification.js";
import type { Outcome } from "../outcome.js";
import { type OutcomeCounts, OutcomeTally } from "../sending/outcome-tally.js";
import type { SendOptions, Transport } from "../transport.js";
import { WrappingTransport } from "./wrapping-transport.js";

export interface SplitTrafficOptions {
  /** The transport that traffic is moved from. */
  readonly from: Transport;
  /** The transport that traffic is moved to. */
  readonly to: Transport;
  /** The share of device tokens that `to` gets, 0 to 1. */
  readonly share: number;
  /**
   * Part of the hash of device tokens: splits with different salts pick different device tokens.
   * @default ""
   */
  readonly salt?: string;
}

const splitTrafficOptionNames = optionNames<SplitTrafficOptions>({ from: true, to: true, share: true, salt: true });

/** Counts of one side of a split. */
export interface SplitSideCounts extends OutcomeCounts {
  /** Sends given to this side and not settled yet. */
  readonly inFlight: number;
  /** Most frequent first. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

/** A transport that moves traffic from one transport to another, share by share. */
export interface TrafficSplit extends Transport {
  /**
   * The share of device tokens that `to` gets, 0 to 1. Can be set at any time and holds from the next send on. Raising it only
   * moves device tokens from `from` to `to`; lowering it only moves them back.
   */
  share: number;
  /** The side that notifications for this device token go to. */
  sideOf(deviceToken: string): "from" | "to";
  /** Outcomes of each side, since the split was made. */
  counts(): { readonly from: SplitSideCounts; readonly to: SplitSideCounts };
}

/**
 * Sends a share of the traffic over one transport and the rest over another. Sticky: with the share unchanged, a device
 * token is always on the same side, also in another process, whatever its case.
 *
 * Nothing is sent on both sides, and nothing moves to the other side after a failure: for that, see `failover`.
 * @throws {InvalidArgumentError} if the share is not a number from 0 to 1
 */
export function splitTraffic(options: SplitTrafficOptions): TrafficSplit {
  checkOptions("splitTraffic", options, splitTrafficOptionNames);
  return new SplittingTransport(options);
}

class SplittingTransport extends WrappingTransport implements TrafficSplit {
  readonly #from: Side;
  readonly #to: Side;
  readonly #seed: number;
  #share: number;

  constructor({ from, to, share, salt = "" }: SplitTrafficOptions) {
    super("split", [checkTransport("from", from), checkTransport("to", to)]);
    this.#from = new Side(from);
    this.#to = new Side(to);
    this.#share = checkShare(share);
    if (typeof salt !== "string") throw new InvalidArgumentError("salt", `${show(salt)} is not a text.`);
    this.#seed = hash(salt, fnvOffset);
  }

  get share(): number {
    return this.#share;
  }

  set share(share: number) {
    this.#share = checkShare(share);
  }

  sideOf(deviceToken: string): "from" | "to" {
    return hash(deviceToken, this.#seed) < this.#share * 2 ** 32 ? "to" : "from";
  }

  counts(): { readonly from: SplitSideCounts; readonly to: SplitSideCounts } {
    return { from: this.#from.counts(), to: this.#to.counts() };
  }

  override send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    // A value that is not a string is refused by `from` as a malformed device token.
    const isMoved = typeof deviceToken === "string" && this.sideOf(deviceToken) === "to";
    return (isMoved ? this.#to : this.#from).send(notification, deviceToken, options);
  }
}

class Side {
  readonly #transport: Transport;
  readonly #tally = new OutcomeTally();
  #inFlight = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async send(notification: Notification, deviceToken: string, options?: SendOptions): Promise<Outcome> {
    this.#inFlight++;
    try {
      const outcome = await this.#transport.send(notification, deviceToken, options);
      this.#tally.settle(outcome);
      return outcome;
    } finally {
      this.#inFlight--;
    }
  }

  counts(): SplitSideCounts {
    return { ...this.#tally.counts(), inFlight: this.#inFlight, rejectedByReason: this.#tally.rejectedByReason() };
  }
}

function checkShare(share: unknown): number {
  if (typeof share === "number" && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("share", `${show(share)} is not a number from 0 to 1.`);
}

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** 32 evenly distributed bits: FNV-1a with the finalizer of MurmurHash3, for tokens that differ in one digit only. */
function hash(text: string, seed: number): number {
  let bits = seed;
  for (let index = 0; index < text.length; index++) {
    // Folds the case of hexadecimal letters; 0 to 9 have this bit set already.
    bits = Math.imul(bits ^ (text.charCodeAt(index) | 0x20), fnvPrime);
  }
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
