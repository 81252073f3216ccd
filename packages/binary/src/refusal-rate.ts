/** What a connection that ended still counts when the next one ends: the last ten make up two thirds of the picture. */
const memory = 0.9;
/**
 * The window in expected good runs. With 3, one connection in twenty ends without a refusal, and each notification is
 * written three times. Fewer would save writes, which cost microseconds, and spend connections, which cost milliseconds
 * and a gateway's patience.
 */
const runsPerWindow = 3;
/** A window is no smaller, so that refusals that stop are noticed soon. */
const minWindow = 16;
/** Fewer refusals than this in memory are none. */
const negligible = 0.1;

/**
 * How often the gateway refuses, by the connections that ended last, and what follows from it.
 *
 * A refusal discards everything behind it, so what is written on a connection beyond the next refusal is written in
 * vain. The window shrinks to a few times the usual distance between refusals, and grows again as connections end
 * without one.
 */
export class RefusalRate {
  #accepted = 0;
  #refusals = 0;

  /** To be told of each connection that proved something. */
  ended(accepted: number, refused: boolean): void {
    this.#accepted = this.#accepted * memory + accepted;
    this.#refusals = this.#refusals * memory + (refused ? 1 : 0);
  }

  /** How many of the connections that ended last were refused something, the older the less they count; up to 10. */
  get recent(): number {
    return this.#refusals < negligible ? 0 : this.#refusals;
  }

  /** How many notifications a connection should take before its verdict is asked for. */
  window(max: number): number {
    if (this.recent === 0) return max;
    const window = Math.ceil((runsPerWindow * (this.#accepted + 1)) / this.#refusals);
    return Math.min(max, Math.max(minWindow, window));
  }
}
