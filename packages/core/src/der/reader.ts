// DER for keys and certificates: definite lengths, tags of one byte. Malformed input throws a DerError and nothing else; there
// is no recursion, and the work is linear in the input.
import { ApnsError } from "../errors.js";

/** A key or certificate is malformed, or has an absurd size. The message contains nothing of its content. */
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

/** The context-specific tag with this number, constructed: that of an explicitly tagged value. */
export const explicitTag = (number: number): number => 0xa0 + number;
/** The same, primitive. */
export const implicitTag = (number: number): number => 0x80 + number;

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly encoded: Uint8Array;
}

/** Reads consecutive DER values. */
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
   * @param what its name in errors
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

  /** A reader of the content of the next value, which must be a SEQUENCE. */
  sequence(what: string): DerReader {
    return new DerReader(this.next(what, derTags.sequence).content);
  }

  /** @throws {DerError} if there are more values */
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

/** A reader of the content of the single SEQUENCE that the bytes must be. */
export function outerSequence(bytes: Uint8Array, what: string): DerReader {
  const outer = new DerReader(bytes);
  const content = outer.sequence(what);
  outer.end(what);
  return content;
}
