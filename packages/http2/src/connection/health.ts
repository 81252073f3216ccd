/** After so many round trips in which everything was refused, the connection is to be left. */
const maxRefusedRounds = 2;

/** A connection that lasted so long was of use, whatever it did; in milliseconds. */
const longEnoughMs = 5_000;

/** What the answers on a connection say about it, apart from what they say about their requests. */
export class ConnectionHealth {
  readonly #openedAt: number;
  #served = 0;
  #refusedRounds = 0;
  #roundEndsWith = 0;

  constructor(openedAt: number) {
    this.#openedAt = openedAt;
  }

  /** Requests decided about: connection, credentials and the server behind them work. */
  get served(): number {
    return this.#served;
  }

  /** Whether it has refused everything for some round trips. */
  get isRefusing(): boolean {
    return this.#refusedRounds >= maxRefusedRounds;
  }

  /** Whether it did or lasted anything: connections that end before that are followed by others ever more slowly. */
  wasOfUse(now: number): boolean {
    return this.#served > 0 || now - this.#openedAt >= longEnoughMs;
  }

  /** A request was decided about. */
  countServed(): void {
    this.#served++;
    this.#refusedRounds = 0;
  }

  /**
   * A request was refused in a way that says nothing about it. Counted by round trip, since a thousand streams that were open
   * at once may be refused for one reason, such as a lowered limit.
   * @param lastStreamId the last stream opened so far: a refusal of a later one belongs to a further round trip
   */
  countRefusal(streamId: number, lastStreamId: number): void {
    if (this.#refusedRounds > 0 && streamId <= this.#roundEndsWith) return;
    this.#refusedRounds++;
    this.#roundEndsWith = lastStreamId;
  }
}
