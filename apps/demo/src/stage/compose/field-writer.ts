import type { ByteField } from "../../page/protocol.js";

/** Lays fields one behind the other. Empty ones leave no trace. */
export class FieldWriter {
  readonly fields: ByteField[] = [];
  #offset = 0;

  add(length: number, name: string, value: string, meaning: string): void {
    if (length > 0) this.fields.push({ offset: this.#offset, length, name, value, meaning });
    this.#offset += length;
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
