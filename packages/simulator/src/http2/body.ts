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

  get text(): string {
    this.#text ??= this.#octets.toString("utf8");
    return this.#text;
  }
}
