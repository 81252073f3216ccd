// DER, as far as keys and certificates need it: definite lengths, tags of one byte. What cannot be read is one declared
// error, whatever the bytes; nothing here recurses, and no work grows faster than the bytes do.
import { ApnsError } from "../errors.js";

/** A key or certificate is not what it claims to be, or has an absurd size. The message holds nothing of its content. */
export class DerError extends ApnsError {
  override readonly name = "DerError";

  constructor(problem: string) {
    super("ERR_APNS_CREDENTIALS", problem);
  }
}

export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of the context's own value of this number; constructed, as explicit tags are. */
export const explicitTag = (number: number): number => 0xa0 + number;
/** The same for a value that holds no others. */
export const implicitTag = (number: number): number => 0x80 + number;

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly encoded: Uint8Array;
}

/** Reads the values that follow one another in some bytes. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /**
   * The next value.
   * @param what how it is called in errors
   * @param tag the tag it must have; any if left out
   */
  next(what: string, tag?: number): DerValue {
    const value = this.#read(what);
    if (tag !== undefined && value.tag !== tag) {
      throw new DerError(`${what} has the tag ${value.tag} in place of ${tag}.`);
    }
    return value;
  }

  /** The next value if it has this tag. */
  optional(what: string, tag: number): DerValue | undefined {
    return this.#bytes[this.#offset] === tag ? this.next(what) : undefined;
  }

  /** What is in the next value, which must be a SEQUENCE. */
  sequence(what: string): DerReader {
    return new DerReader(this.next(what, derTags.sequence).content);
  }

  /** @throws {DerError} if something follows */
  end(what: string): void {
    if (!this.atEnd) throw new DerError(`${what} is followed by ${this.#bytes.length - this.#offset} bytes too many.`);
  }

  #read(what: string): DerValue {
    const bytes = this.#bytes;
    const start = this.#offset;
    if (start >= bytes.length) throw new DerError(`${what} is missing.`);
    const tag = bytes[start]!;
    if ((tag & 0x1f) === 0x1f) throw new DerError(`${what} has a tag of several bytes.`);
    let at = start + 2;
    let length = bytes[start + 1] ?? Number.NaN;
    if (length >= 0x80) {
      const count = length & 0x7f;
      // Four bytes of length are 4 GiB; a count of zero is BER's indefinite length.
      if (count === 0 || count > 4) throw new DerError(`${what} has a length that DER does not allow.`);
      length = 0;
      for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? Number.NaN);
    }
    const end = at + length;
    if (!(end <= bytes.length)) throw new DerError(`${what} runs past the end.`);
    this.#offset = end;
    return { tag, content: bytes.subarray(at, end), encoded: bytes.subarray(start, end) };
  }
}

/** The one SEQUENCE that some bytes are. */
export function outerSequence(bytes: Uint8Array, what: string): DerReader {
  const outer = new DerReader(bytes);
  const content = outer.sequence(what);
  outer.end(what);
  return content;
}
