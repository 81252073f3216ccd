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

  /** The body decoded from UTF-8. */
  get text(): string {
    this.#text ??= this.#octets.toString("utf8");
    return this.#text;
  }
}
