/** Whoever waits for room. */
export interface Waiting {
  resume(): void;
}

/**
 * How many notifications may be undecided at a time. Who finds no room waits in line and reads nothing meanwhile: that is
 * how a slow upstream reaches the senders' sockets, and how memory stays bounded.
 */
export class Admission {
  readonly #limit: number;
  readonly #parent: Admission | undefined;
  #taken = 0;
  #line: Waiting[] = [];

  /** @param parent where room is needed as well */
  constructor(limit: number, parent?: Admission) {
    this.#limit = limit;
    this.#parent = parent;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes room for one, or puts `waiting` in the line. */
  take(waiting: Waiting): boolean {
    if (this.#taken >= this.#limit) {
      if (!this.#line.includes(waiting)) this.#line.push(waiting);
      return false;
    }
    if (this.#parent?.take(waiting) === false) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
    this.#parent?.release();
    // Whoever is first may not want it any more, or wants more than there is and lines up again at the end.
    while (this.#line.length > 0 && this.#taken < this.#limit) this.#line.shift()!.resume();
  }
}
