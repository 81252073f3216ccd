export interface KeepAliveOptions {
  /** A PING goes out when streams are open and nothing was heard for so long, in milliseconds. */
  readonly pingAfterMs: number;
  /** A PING goes out when no stream is open and nothing was heard for so long, in milliseconds. */
  readonly idlePingMs: number;
  /** The connection is given up when a PING is not answered for so long, in milliseconds. */
  readonly pingTimeoutMs: number;
}

/** When the peer was last heard, and what follows from that: health checks by PING. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #heardAt: number;
  /** The same on the wall clock, which goes on while a machine is suspended; the monotonic clock may not. */
  #heardWallAt: number = Date.now();
  #pingsInFlight = 0;

  constructor(options: KeepAliveOptions, now: number) {
    this.#options = options;
    this.#heardAt = now;
  }

  /** When the peer was last heard, on the monotonic clock. */
  get heardAt(): number {
    return this.#heardAt;
  }

  heard(now: number): void {
    this.#heardAt = now;
    this.#heardWallAt = Date.now();
  }

  pingSent(): void {
    this.#pingsInFlight++;
  }

  /** PINGs are answered in order. @returns whether none is in flight any more */
  pingAnswered(): boolean {
    return --this.#pingsInFlight === 0;
  }

  isPingDue(now: number, isIdle: boolean): boolean {
    return this.#pingsInFlight === 0 && now - this.#heardAt >= this.#pingAfterMs(isIdle);
  }

  /**
   * Whether nothing was heard for longer than the health checks allow: then nobody looked after the connection, since the
   * process was frozen or the machine suspended.
   */
  isStale(now: number, isIdle: boolean): boolean {
    const silentMs = Math.max(now - this.#heardAt, Date.now() - this.#heardWallAt);
    return silentMs > this.#pingAfterMs(isIdle) + this.#options.pingTimeoutMs;
  }

  #pingAfterMs(isIdle: boolean): number {
    return isIdle ? this.#options.idlePingMs : this.#options.pingAfterMs;
  }
}
