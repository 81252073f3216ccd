import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/**
 * Spreads connections over the addresses of a name. Each connection asks DNS afresh, as Apple wants it, and prefers the
 * address that has the fewest open connections; among equals, chance decides.
 */
export class AddressSpread {
  readonly #open = new Map<string, number>();
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** For `net.connect`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      const ranked = this.rank(addresses);
      if (options.all) callback(null, ranked);
      else callback(null, ranked[0]!.address, ranked[0]!.family);
    });
  };

  rank(addresses: readonly LookupAddress[]): LookupAddress[] {
    return addresses
      .map((entry) => ({ entry, weight: (this.#open.get(entry.address) ?? 0) + this.#random() }))
      .sort((a, b) => a.weight - b.weight)
      .map(({ entry }) => entry);
  }

  opened(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    const count = (this.#open.get(address) ?? 1) - 1;
    if (count > 0) this.#open.set(address, count);
    else this.#open.delete(address);
  }
}
