import { encodeFrame, FrameDecoder, type FrameDecoderOptions, type FrameEvent } from "@apns/binary/wire";
import { cut } from "../inputs/cut.js";
import { hashOf } from "../inputs/hash.js";
import { must, mustBeSame } from "../must.js";
import type { Target } from "../target.js";
import { frameSeeds, mutateFrames } from "./binary-frames.js";

const variants: readonly FrameDecoderOptions[] = [
  {},
  { unknownItem: "skip" },
  { duplicateItem: "last" },
  { maxFrameBytes: 100, maxDeviceTokenBytes: 32, maxPayloadBytes: 50 },
];

function decode(pieces: readonly Uint8Array[], options: FrameDecoderOptions): unknown[] {
  const decoder = new FrameDecoder(options);
  const log: unknown[] = [];
  for (const piece of pieces) {
    log.push(...decoder.receive(piece).map(described));
    must(decoder.pendingBytes <= 70_000, "one incomplete frame is held at most");
  }
  log.push(["pending", decoder.pendingBytes, decoder.stopped]);
  return log;
}

function described(event: FrameEvent): unknown {
  if (event.kind === "problem") return { ...event };
  const { command, identifier, expiry, priority, deviceToken, deviceTokenText, payload, raw } = event;
  must(deviceTokenText === Buffer.from(deviceToken).toString("hex"), "both forms of a device token are the same");
  if (command !== 2) {
    const again = encodeFrame({ command, deviceToken, payload, identifier, expiry });
    must(Buffer.compare(again, raw) === 0, "what is decoded is encoded to the same");
  }
  return { command, identifier, expiry, priority, deviceTokenText, payload: Buffer.from(payload).toString("hex") };
}

export const binaryIn: Target = {
  name: "binary-in",
  summary: "frames of a legacy sender, to the decoder that simulator and bridge have",
  maxInputBytes: 65_536,
  maxMs: 1000,
  testInputs: 2000,
  open: () => ({
    seeds: frameSeeds,
    mutate: mutateFrames,
    run: (input) => {
      const options = variants[hashOf(input) % variants.length]!;
      mustBeSame(decode([input], options), decode(cut(input), options), "it does not matter where the input is cut");
    },
  }),
};
