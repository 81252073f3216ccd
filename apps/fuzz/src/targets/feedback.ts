import { encodeFeedbackTuple, FeedbackDecoder } from "@apns/binary/wire";
import { cut } from "../inputs/cut.js";
import { must, mustBeSame } from "../must.js";
import type { Target } from "../target.js";

function decode(pieces: readonly Uint8Array[], whole: Uint8Array): unknown[] {
  const decoder = new FeedbackDecoder();
  const tuples = pieces.flatMap((piece) => decoder.receive(piece));
  const again = Buffer.concat(tuples.map(encodeFeedbackTuple));
  const left = decoder.end();
  must(again.equals(whole.subarray(0, again.length)), "what is decoded is encoded to the same");
  must(again.length + (left?.receivedBytes ?? 0) === whole.length, "every byte is read or told to be cut off");
  const read = tuples.map(({ unregisteredAt, deviceToken }) => [
    +unregisteredAt,
    Buffer.from(deviceToken).toString("hex"),
  ]);
  return [...read, left];
}

const tuple = (seconds: number, bytes: number): Uint8Array =>
  encodeFeedbackTuple({ unregisteredAt: new Date(seconds * 1000), deviceToken: new Uint8Array(bytes).fill(bytes) });

export const feedback: Target = {
  name: "feedback",
  summary: "lists of a feedback service, to their decoder",
  maxInputBytes: 131_072,
  maxMs: 1000,
  testInputs: 1500,
  open: () => ({
    seeds: [
      Buffer.concat([tuple(1, 32), tuple(1_700_000_000, 32), tuple(0xffff_ffff, 32)]),
      Buffer.concat([tuple(0, 0), tuple(5, 100), tuple(6, 3000)]),
      tuple(7, 32).subarray(0, 20),
    ],
    run: (input) =>
      mustBeSame(decode([input], input), decode(cut(input), input), "it does not matter where the input is cut"),
  }),
};
