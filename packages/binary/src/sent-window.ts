/** Identifiers are 1 to 2^32 - 1: 0 is what a gateway says when it does not know. */
const identifierCount = 0xffff_ffff;

/** Where an identifier of an error response belongs. */
export type WindowPosition =
  /** In the window, counted from its oldest entry. */
  | number
  /** Given to something that has left the window since. */
  | "forgotten"
  /** Never given to anything. */
  | "unknown";

/**
 * What was sent on one connection and has no verdict yet, in order of identifiers.
 *
 * Identifiers follow one another without gaps and wrap from 2^32 - 1 to 1. The window holds far fewer entries than that
 * and leaves only from its oldest end, so that a new identifier cannot meet one that is outstanding.
 */
export class SentWindow<T> {
  readonly #firstIdentifier: number;
  #entries: T[] = [];
  /** Entries before this one have left. */
  #head = 0;
  /** How many have left since the connection began. */
  #left = 0;
  #nextIdentifier: number;

  constructor(firstIdentifier = 1) {
    this.#firstIdentifier = firstIdentifier;
    this.#nextIdentifier = firstIdentifier;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** How many identifiers have been given out. */
  get total(): number {
    return this.#left + this.size;
  }

  /** The identifier that the next entry will get. */
  get nextIdentifier(): number {
    return this.#nextIdentifier;
  }

  /** Takes an entry in and returns its identifier. */
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
    if (this.#head === 0 && count === this.#entries.length) return this.#takeAll();
    const taken = this.#entries.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    this.#left += taken.length;
    // Cut rarely, so that leaving from the front does not move everything behind it each time.
    if (this.#head === this.#entries.length || this.#head >= 1024) {
      if (this.#head * 2 >= this.#entries.length) {
        this.#entries = this.#entries.slice(this.#head);
        this.#head = 0;
      }
    }
    return taken;
  }

  /** The usual end of a connection: no copy of ten thousand entries. */
  #takeAll(): T[] {
    const all = this.#entries;
    this.#entries = [];
    this.#left += all.length;
    return all;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#head; index < this.#entries.length; index++) yield this.#entries[index]!;
  }
}
