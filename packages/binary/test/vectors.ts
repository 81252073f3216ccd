// Frames and responses as hexadecimal text, computed without this package. Blanks are for reading only.

export const token32 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const payloadHi = '{"aps":{"alert":"Hi"}}';

export interface FrameVector {
  readonly hex: string;
  readonly command: 0 | 1 | 2;
  readonly identifier?: number;
  readonly expiry?: number;
  readonly priority?: number;
  readonly token: string;
  readonly payload: string;
  readonly itemOrder?: readonly number[];
}

export const frames: Readonly<Record<string, FrameVector>> = {
  V1: {
    hex: `00 0020 ${token32} 0016 7b22617073223a7b22616c657274223a224869227d7d`,
    command: 0,
    token: token32,
    payload: payloadHi,
  },
  V2: {
    hex: `01 01020304 6553f100 0020 ${token32} 0016 7b22617073223a7b22616c657274223a224869227d7d`,
    command: 1,
    identifier: 0x01020304,
    expiry: 1_700_000_000,
    token: token32,
    payload: payloadHi,
  },
  V3: {
    hex: `02 0000004e 01 0020 ${token32} 02 0016 7b22617073223a7b22616c657274223a224869227d7d
      03 0004 01020304 04 0004 6553f100 05 0001 0a`,
    command: 2,
    identifier: 0x01020304,
    expiry: 1_700_000_000,
    priority: 10,
    token: token32,
    payload: payloadHi,
  },
  V4: {
    hex: `02 00000050 01 0020 ${token32}
      02 001f 7b22617073223a7b22636f6e74656e742d617661696c61626c65223a317d7d 03 0004 00000007 05 0001 05`,
    command: 2,
    identifier: 7,
    priority: 5,
    token: token32,
    payload: '{"aps":{"content-available":1}}',
  },
  V5: {
    hex: "02 00000018 03 0004 00000001 01 0000 02 0000 04 0004 00000000 05 0001 0a",
    command: 2,
    identifier: 1,
    expiry: 0,
    priority: 10,
    token: "",
    payload: "",
    itemOrder: [3, 1, 2, 4, 5],
  },
  V5b: { hex: "01 00000001 00000000 0000 0000", command: 1, identifier: 1, expiry: 0, token: "", payload: "" },
  V6: { hex: "01 00000000 00000000 0001 00 0001 00", command: 1, identifier: 0, expiry: 0, token: "00", payload: "\0" },
  V7: {
    hex: `02 00000073 01 0064 ${"aa".repeat(100)} 02 0002 7b7d 03 0004 fffffffe`,
    command: 2,
    identifier: 0xfffffffe,
    token: "aa".repeat(100),
    payload: "{}",
  },
  V8: {
    hex: `01 00000005 00000000 0020 ${token32} 0016 7b22617073223a7b22616c657274223a22c3a9227d7d`,
    command: 1,
    identifier: 5,
    expiry: 0,
    token: token32,
    payload: '{"aps":{"alert":"\u00e9"}}',
  },
};

export const errorResponses = {
  E1: { hex: "080801020304", statusCode: 8, identifier: 0x01020304 },
  E2: { hex: "080a0000002a", statusCode: 10, identifier: 42 },
  E3: { hex: "080200000000", statusCode: 2, identifier: 0 },
  E4: { hex: "0807ffffffff", statusCode: 7, identifier: 0xffffffff },
  E5: { hex: "088000000000", statusCode: 128, identifier: 0 },
  E6: { hex: "08080000007c", statusCode: 8, identifier: 124 },
} as const;

const f1 = `6553f100 0020 ${token32}`;

export const feedbackLists = {
  F1: { hex: f1, tuples: [{ seconds: 1_700_000_000, token: token32 }] },
  F2: {
    hex: `${f1} 80000001 0020 ${"fe".repeat(32)}`,
    tuples: [
      { seconds: 1_700_000_000, token: token32 },
      { seconds: 0x80000001, token: "fe".repeat(32) },
    ],
  },
} as const;

/** The bytes in chunks of the sizes given, and what is left in a last one. */
export function cutInto(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let offset = 0;
  const chunks = sizes.map((size) => {
    offset += size;
    return bytes.subarray(offset - size, offset);
  });
  return [...chunks, bytes.subarray(offset)];
}
