import { HeaderFields, HpackDecoder, HpackEncoder, HpackError } from "@apns/h2";
import { must, mustBeSame } from "../must.js";
import type { Target } from "../target.js";

const tableBytes = 4096;
const maxListBytes = 16_384;

/** An input is header blocks one after the other, each with its length in two bytes before it. */
function blocksOf(input: Uint8Array): Buffer[] {
  const all = Buffer.from(input);
  const blocks: Buffer[] = [];
  for (let offset = 0; offset + 2 <= all.length; ) {
    const end = offset + 2 + all.readUInt16BE(offset);
    blocks.push(all.subarray(offset + 2, end));
    offset = end;
  }
  return blocks;
}

const asInput = (...blocks: readonly string[]): Uint8Array =>
  Buffer.concat(
    blocks.map((text) => {
      const block = Buffer.from(text.replaceAll(" ", ""), "hex");
      return Buffer.concat([Buffer.of(block.length >> 8, block.length & 0xff), block]);
    }),
  );

function decodeAll(blocks: readonly Buffer[]): void {
  const decoder = new HpackDecoder(tableBytes, maxListBytes);
  const encoder = new HpackEncoder(tableBytes);
  const mirror = new HpackDecoder(tableBytes, 1_000_000);
  const fields = new HeaderFields();
  for (const block of blocks) {
    try {
      decoder.decode(block, 0, block.length, fields);
    } catch (error) {
      if (error instanceof HpackError) return;
      throw error;
    }
    must(decoder.tableBytes <= tableBytes, "the table keeps to its limit");
    const list = fields.toArray();
    const size = list.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    must(size <= maxListBytes, "the list keeps to its limit");
    must(fields.isTooLarge || size === fields.listBytes, "the list is as large as it says");
    const known = list.filter(([name]) => name !== "");
    const target = Buffer.alloc(2 * size + 64 * (list.length + 1));
    let end = encoder.writeUpdates(target, 0);
    for (const [index, [name, value]] of known.entries()) {
      end = encoder.encodeField(target, end, name, value, index % 3 === 0 ? "table" : "none", index % 2 === 0);
    }
    const again = new HeaderFields();
    mirror.decode(target, 0, end, again);
    mustBeSame(again.toArray(), known, "what is encoded is decoded to the same");
  }
}

export const hpack: Target = {
  name: "hpack",
  summary: "header blocks, to the HPACK decoder, and what it makes of them to the encoder and back",
  maxInputBytes: 16_384,
  maxMs: 1000,
  testInputs: 2000,
  open: () => ({
    // RFC 7541, appendix C.
    seeds: [
      asInput("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "040c 2f73 616d 706c 652f 7061 7468"),
      asInput("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865"),
      asInput("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf"),
      asInput(
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff",
        "4883 640e ff c1 c0",
      ),
      asInput("20 82", "3fe11f 84", "1008 7061 7373 776f 7264 0673 6563 7265 74"),
    ],
    run: (input) => decodeAll(blocksOf(input)),
  }),
};
