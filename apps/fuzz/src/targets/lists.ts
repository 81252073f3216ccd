import { moduleOfCommand } from "../command.js";
import { mayRefuse } from "../declared.js";
import { cut } from "../inputs/cut.js";
import { hashOf } from "../inputs/hash.js";
import { mutateJson } from "../inputs/mutate-json.js";
import { mutateText } from "../inputs/mutate-text.js";
import type { Random } from "../inputs/random.js";
import { must, mustBeSame } from "../must.js";
import type { OpenTarget, Target } from "../target.js";

type Format = "plain" | "csv" | "ndjson";

interface Entry {
  readonly line: number;
  readonly deviceToken?: string;
  readonly problem?: string;
}

interface ReadList {
  readList(stream: AsyncIterable<Uint8Array>, format: Format | undefined): AsyncIterable<Entry>;
}

const token = (number: number): string => number.toString(16).padStart(64, "0");
const formats: readonly (Format | undefined)[] = [undefined, undefined, "plain", "csv", "ndjson"];
const words = [token(3), "deviceToken", "token", ",", '"', '""', "#", '{"deviceToken":"', '"payload":{', "\r", ",,,,"];

function change(seed: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(seed).toString();
  if (!text.startsWith("{") || random.oneIn(3)) return Buffer.from(mutateText(text, words, random));
  const lines = text.split("\n");
  const at = random.below(lines.length);
  lines[at] = mutateJson(lines[at]!, ["deviceToken", "payload", "topic", "priority", "apnsId"], random);
  return Buffer.from(lines.join("\n"));
}

async function* streamOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function open(): Promise<OpenTarget> {
  const { readList } = await moduleOfCommand<ReadList>("send/targets/read-list");
  const entriesOf = async (pieces: readonly Uint8Array[], format: Format | undefined): Promise<unknown[]> => {
    const entries: unknown[] = [];
    const whole = await mayRefuse(async () => {
      for await (const entry of readList(streamOf(pieces), format)) {
        const { line, deviceToken, problem } = entry;
        must(line >= 1, "lines are counted from 1");
        must((deviceToken === undefined) !== (problem === undefined), "a line is a device or a problem");
        must(deviceToken === undefined || /^([0-9a-f]{2})+$/.test(deviceToken), "a device token is hexadecimal");
        entries.push(entry);
      }
      return true;
    });
    return [...entries, whole];
  };
  return {
    seeds: [
      `${token(1)}\n# nobody\n${token(2)}\r\n\n<${token(3)}>\nno token\n`,
      `deviceToken,name,n\n${token(1)},Ann,1\n${token(2)},"B ""b"", c",2\n${token(3)},"two\nlines",3\n`,
      `{"deviceToken":"${token(1)}","name":"Ann","payload":{"aps":{"badge":1}}}\n{"deviceToken":"${token(2)}","priority":5}\n`,
    ].map((text) => Buffer.from(text)),
    mutate: change,
    run: async (input) => {
      const format = formats[hashOf(input) % formats.length];
      const [whole, inPieces] = [await entriesOf([input], format), await entriesOf(cut(input), format)];
      mustBeSame(whole, inPieces, "it does not matter where the input is cut");
    },
  };
}

export const lists: Target = {
  name: "lists",
  summary: "lists of device tokens (plain, CSV, NDJSON), to the reader of `apns send --to`",
  maxInputBytes: 200_000,
  maxMs: 2000,
  testInputs: 250,
  open,
};
