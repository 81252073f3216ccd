import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** How long other addresses are preferred to one on which a connection failed, in milliseconds. */
const avoidMs = 60_000;

/** Failed addresses remembered; beyond that the oldest is forgotten. */
const maxAvoided = 256;

/**
 * Spreads connections over the addresses of a name. Each connection asks DNS afresh, as Apple wants it, and prefers the
 * address that has the fewest open connections; among equals, chance decides. An address on which a connection failed is tried
 * after the others for a minute.
 */
export class AddressSpread {
  /** Connections by address, those in the handshake included. */
  readonly #open = new Map<string, number>();
  /** Until when others are preferred, oldest failure first. */
  readonly #avoidedUntil = new Map<string, number>();
  /** Of the last look-up. */
  #known: readonly LookupAddress[] = [];
  readonly #random: () => number;
  readonly #now: () => number;

  /** @param now the time in milliseconds, from any fixed origin */
  constructor(random: () => number = Math.random, now: () => number = () => performance.now()) {
    this.#random = random;
    this.#now = now;
  }

  /** For `net.connect`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      this.#known = addresses;
      const ranked = this.rank(addresses);
      if (options.all) callback(null, ranked);
      else callback(null, ranked[0]!.address, ranked[0]!.family);
    });
  };

  rank(addresses: readonly LookupAddress[]): LookupAddress[] {
    return addresses
      .map((entry) => ({
        entry,
        avoidedUntil: this.#avoided(entry.address),
        weight: (this.#open.get(entry.address) ?? 0) + this.#random(),
      }))
      .sort((a, b) => a.avoidedUntil - b.avoidedUntil || a.weight - b.weight)
      .map(({ entry }) => entry);
  }

  /** Whether the last look-up gave an address without a connection and without a failure in the last minute. */
  get hasUntried(): boolean {
    return this.#known.some(({ address }) => !this.#open.has(address) && this.#avoided(address) === 0);
  }

  /** A TCP connection stands; its handshake has not ended. */
  opened(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    const count = (this.#open.get(address) ?? 1) - 1;
    if (count > 0) this.#open.set(address, count);
    else this.#open.delete(address);
  }

  /** The server at this address refused the connection, or did not answer. */
  failed(address: string): void {
    this.#avoidedUntil.delete(address);
    if (this.#avoidedUntil.size >= maxAvoided) {
      for (const oldest of this.#avoidedUntil.keys()) {
        this.#avoidedUntil.delete(oldest);
        break;
      }
    }
    this.#avoidedUntil.set(address, this.#now() + avoidMs);
  }

  /** The server at this address can be used. */
  succeeded(address: string): void {
    this.#avoidedUntil.delete(address);
  }

  /** Until when the address is avoided; 0 if it is not. */
  #avoided(address: string): number {
    const until = this.#avoidedUntil.get(address) ?? 0;
    return until > this.#now() ? until : 0;
  }
}
