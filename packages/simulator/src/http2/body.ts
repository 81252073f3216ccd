/** Of what is longer than any payload may be, the log keeps no more. */
const maxKeptBytes = 16_384;

/** A request's body, complete. Its text is made when somebody reads it: the faithful verdict never does. */
export class Body {
  readonly #octets: Buffer;
  #text: string | undefined;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get bytes(): number {
    return this.#octets.length;
  }

  /** Its text, to be kept: not more than what says whose it is. */
  get kept(): string {
    return this.bytes > maxKeptBytes ? this.#octets.toString("utf8", 0, maxKeptBytes) : this.text;
  }

  get text(): string {
    this.#text ??= this.#octets.toString("utf8");
    return this.#text;
  }
}
