/** A header block that cannot be decoded. The state of the decoder is undefined afterwards. */
export class HpackError extends Error {
  override readonly name: string = "HpackError";
  /** Stable code of the error. */
  readonly code: "HPACK_INTEGER" | "HPACK_TRUNCATED" | "HPACK_INDEX" | "HPACK_HUFFMAN" | "HPACK_TABLE_SIZE";

  constructor(code: HpackError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
