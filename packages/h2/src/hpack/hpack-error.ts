/** A header block that cannot be decoded (RFC 7541 section 2.3 and others). HPACK's state is unknown after it. */
export class HpackError extends Error {
  override readonly name: string = "HpackError";
  /** Stable string to match on. */
  readonly code: "HPACK_INTEGER" | "HPACK_TRUNCATED" | "HPACK_INDEX" | "HPACK_HUFFMAN" | "HPACK_TABLE_SIZE";

  constructor(code: HpackError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
