// Frames of the legacy protocol for seeds, and a change that keeps to their layout.
import { encodeFrame } from "@apns/binary/wire";
import { mutateBytes } from "../inputs/mutate-bytes.js";
import type { Random } from "../inputs/random.js";

const payload = Buffer.from('{"aps":{"alert":"Hi","badge":3},"n":1}');

const frame = (
  command: 0 | 1 | 2,
  identifier: number,
  deviceToken: Uint8Array = Buffer.alloc(32, identifier),
): Buffer =>
  Buffer.from(
    encodeFrame({
      command,
      deviceToken,
      payload,
      ...(command === 0 ? {} : { identifier, expiry: 0x7fff_0000 }),
      ...(command === 2 ? { priority: 10 } : {}),
    }),
  );

const nobody = Buffer.alloc(0);

export const frameSeeds: readonly Uint8Array[] = [
  Buffer.concat([frame(0, 1), frame(0, 2)]),
  Buffer.concat([frame(1, 1), frame(1, 2), frame(1, 3)]),
  Buffer.concat([frame(2, 1), frame(1, 2), frame(0, 3), frame(2, 4)]),
  Buffer.concat([frame(1, 1), frame(1, 2, nobody), frame(1, 3)]),
  Buffer.concat([frame(2, 7), frame(2, 8, Buffer.alloc(100, 8))]),
];

/** Items of command 2 in any order, twice, of any number and length, in a frame whose length is right or nearly so. */
function anyItems(random: Random): Buffer {
  const items = Array.from({ length: random.below(8) }, () => {
    const id = random.pick([1, 2, 3, 4, 5, 5, 0, 6, 255]);
    const usual = [0, 32, payload.length, 4, 4, 1][id] ?? 2;
    const content = id === 2 ? payload : Buffer.from(random.bytes(random.oneIn(4) ? random.below(200) : usual));
    return Buffer.concat([Buffer.of(id, content.length >> 8, content.length & 0xff), content]);
  });
  const body = Buffer.concat(items);
  const head = Buffer.alloc(5);
  head[0] = 2;
  head.writeUInt32BE(random.oneIn(5) ? random.pick([0, 1, body.length + 1, 0xffff_ffff]) : body.length, 1);
  return Buffer.concat([head, body]);
}

/** Changes a frame or two of a stream, or puts others between them. */
export function mutateFrames(seed: Uint8Array, random: Random): Uint8Array {
  const parts: Buffer[] = [Buffer.from(seed)];
  for (let times = 1 + random.below(3); times > 0; times--) {
    const next = random.oneIn(2) ? anyItems(random) : frame(random.pick([0, 1, 2]), random.below(256));
    parts.splice(random.below(parts.length + 1), 0, next);
  }
  const stream = Buffer.concat(parts);
  return random.oneIn(2) ? mutateBytes(stream, seed, random) : stream;
}
