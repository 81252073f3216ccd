import { Fifo } from "@apns/core/internal";

/** Identifiers are 1 to 2^32 - 1: a gateway answers with 0 when it does not know one. */
const identifierCount = 0xffff_ffff;

/** The place of an identifier that an error response names. */
export type WindowPosition =
  /** In the window, counted from its oldest entry. */
  | number
  /** Of an entry that has left the window. */
  | "forgotten"
  /** Of no entry. */
  | "unknown";

/**
 * The entries sent on one connection that have no verdict yet, in the order of their identifiers.
 *
 * Identifiers follow one another without gaps and wrap from 2^32 - 1 to 1. The window holds far fewer entries than that
 * and loses only its oldest ones, so that a new identifier cannot collide with an outstanding one.
 */
export class SentWindow<T> {
  readonly #firstIdentifier: number;
  readonly #entries = new Fifo<T>();
  /** How many entries have left since the connection began. */
  #left = 0;
  #nextIdentifier: number;

  constructor(firstIdentifier = 1) {
    this.#firstIdentifier = firstIdentifier;
    this.#nextIdentifier = firstIdentifier;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many identifiers have been given out. */
  get total(): number {
    return this.#left + this.size;
  }

  /** The identifier that the next entry will get. */
  get nextIdentifier(): number {
    return this.#nextIdentifier;
  }

  /** Adds an entry and returns its identifier. */
  add(entry: T): number {
    const identifier = this.#nextIdentifier;
    this.#nextIdentifier = identifier === identifierCount ? 1 : identifier + 1;
    this.#entries.push(entry);
    return identifier;
  }

  find(identifier: number): WindowPosition {
    if (identifier === 0) return "unknown";
    const ordinal = (identifier - this.#firstIdentifier + identifierCount) % identifierCount;
    const fromHead = (ordinal - (this.#left % identifierCount) + identifierCount) % identifierCount;
    if (fromHead < this.size) return fromHead;
    return identifierCount - fromHead <= this.#left ? "forgotten" : "unknown";
  }

  /** Takes the oldest `count` entries out, oldest first. */
  take(count: number): T[] {
    const taken = this.#entries.take(count);
    this.#left += taken.length;
    return taken;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#entries[Symbol.iterator]();
  }
}
