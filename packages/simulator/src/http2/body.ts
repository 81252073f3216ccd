/** The log keeps so many bytes of a body, which is more than any payload may have. */
const maxKeptBytes = 16_384;

/** A request's body, complete. Its text is decoded on demand: the faithful verdict never needs it. */
export class Body {
  readonly #octets: Buffer;
  #text: string | undefined;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get bytes(): number {
    return this.#octets.length;
  }

  /** The text for the log, cut at its limit. */
  get logged(): string {
    return this.bytes > maxKeptBytes ? this.#octets.toString("utf8", 0, maxKeptBytes) : this.text;
  }

  get text(): string {
    this.#text ??= this.#octets.toString("utf8");
    return this.#text;
  }
}
