/** EWMA factor per connection that ended: the last ten connections have two thirds of the weight. */
const decay = 0.9;
/**
 * The window as a multiple of the notifications that usually go through between two refusals. With 3, one connection in twenty
 * ends without a refusal, and each notification is written three times. A smaller multiple would save writes, which cost
 * microseconds, and spend connections, which cost milliseconds and a gateway's patience.
 */
const runsPerWindow = 3;
/** The smallest window, so that the end of a run of refusals is noticed soon. */
const minWindow = 16;
/** A decayed count of refusals below this is taken for none. */
const negligible = 0.1;

/**
 * How often the gateway refuses, as a moving average over the connections that ended last, and the window that follows from it.
 *
 * A refusal discards everything behind it, so what is written on a connection beyond the next refusal is written in
 * vain. The window shrinks to a few times the usual distance between refusals, and grows again as connections end
 * without one.
 */
export class RefusalRate {
  #accepted = 0;
  #refusals = 0;

  /** A connection ended and proved something: so many accepted, and whether one was refused. */
  countConnection(accepted: number, refused: boolean): void {
    this.#accepted = this.#accepted * decay + accepted;
    this.#refusals = this.#refusals * decay + (refused ? 1 : 0);
  }

  /** Decayed count of the connections that ended in a refusal: 0 to 10. */
  get recentRefusals(): number {
    return this.#refusals < negligible ? 0 : this.#refusals;
  }

  /** How many notifications a connection should take before its barrier; `max` without refusals. */
  window(max: number): number {
    if (this.recentRefusals === 0) return max;
    const window = Math.ceil((runsPerWindow * (this.#accepted + 1)) / this.#refusals);
    return Math.min(max, Math.max(minWindow, window));
  }
}
