import { moduleOfCommand } from "../command.js";
import { mayRefuse } from "../declared.js";
import { cut } from "../inputs/cut.js";
import { hashOf } from "../inputs/hash.js";
import { mutateJson } from "../inputs/mutate-json.js";
import { mutateText } from "../inputs/mutate-text.js";
import type { Random } from "../inputs/random.js";
import { must, mustBeSame } from "../must.js";
import type { OpenTarget, Target } from "../target.js";

type Format = "plain" | "csv" | "ndjson" | "json";

interface Entry {
  readonly line: number;
  readonly deviceToken?: string;
  readonly problem?: string;
}

interface ReadList {
  readList(
    stream: AsyncIterable<Uint8Array>,
    format: Format | undefined,
    encoding: string | undefined,
  ): AsyncIterable<Entry>;
}

const token = (number: number): string => number.toString(16).padStart(64, "0");
const formats: readonly (Format | undefined)[] = [undefined, undefined, "plain", "csv", "ndjson", "json"];
const encodings: readonly (string | undefined)[] = [undefined, undefined, "windows-1252", "utf-16be", "shift_jis"];
const utf16Mark = Buffer.of(0xff, 0xfe);
const words = [token(3), "deviceToken", "token", ",", '"', '""', "#", '{"deviceToken":"', '"payload":{', "\r", ",,,,"];

function change(seed: Uint8Array, random: Random): Uint8Array {
  if (utf16Mark.equals(seed.subarray(0, 2))) {
    return Buffer.from(mutateText(Buffer.from(seed).toString("utf16le"), words, random), "utf16le");
  }
  const text = Buffer.from(seed).toString();
  if (!/^[{[]/.test(text) || random.oneIn(3)) return Buffer.from(mutateText(text, words, random));
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
  const entriesOf = async (
    pieces: readonly Uint8Array[],
    format: Format | undefined,
    encoding: string | undefined,
  ): Promise<{ readonly entries: readonly unknown[]; readonly isWhole: boolean }> => {
    const entries: unknown[] = [];
    const isWhole = await mayRefuse(async () => {
      for await (const entry of readList(streamOf(pieces), format, encoding)) {
        const { line, deviceToken, problem } = entry;
        must(line >= 1, "lines are counted from 1");
        must((deviceToken === undefined) !== (problem === undefined), "a line is a device or a problem");
        must(deviceToken === undefined || /^([0-9a-f]{2})+$/.test(deviceToken), "a device token is hexadecimal");
        entries.push(entry);
      }
      return true;
    });
    return { entries, isWhole: isWhole === true };
  };
  return {
    seeds: [
      ...[
        `${token(1)}\n# nobody\n${token(2)}\r\n\n<${token(3)}>\nno token\n`,
        `deviceToken,name,n\n${token(1)},Ann,1\n${token(2)},"B ""b"", c",2\n${token(3)},"two\nlines",3\n`,
        `{"deviceToken":"${token(1)}","name":"Ann","payload":{"aps":{"badge":1}}}\n{"deviceToken":"${token(2)}","priority":5}\n`,
        `[{"deviceToken":"${token(1)}","name":"Ann"},"${token(2)}",\n{"deviceToken":"${token(3)}","payload":{"a":["]"]}}]`,
      ].map((text) => Buffer.from(text)),
      Buffer.from(`\ufeffdeviceToken,name\r\n${token(1)},Zoë\r\n`, "utf16le"),
      Buffer.from(`deviceToken,name\n${token(1)},Zo\xeb\n`, "latin1"),
    ],
    mutate: change,
    run: async (input) => {
      const hash = hashOf(input);
      const format = formats[hash % formats.length];
      const encoding = encodings[(hash >>> 8) % encodings.length];
      const whole = await entriesOf([input], format, encoding);
      const inPieces = await entriesOf(cut(input), format, encoding);
      must(whole.isWhole === inPieces.isWhole, "a list is refused wherever it is cut");
      // What comes before a refusal is read as far as the pieces reach.
      const read = whole.isWhole ? undefined : Math.min(whole.entries.length, inPieces.entries.length);
      mustBeSame(
        whole.entries.slice(0, read),
        inPieces.entries.slice(0, read),
        "it does not matter where the input is cut",
      );
    },
  };
}

export const lists: Target = {
  name: "lists",
  summary: "lists of device tokens (plain, CSV, NDJSON, JSON, encodings), to the reader of `apns send --to`",
  maxInputBytes: 200_000,
  maxMs: 2000,
  testInputs: 250,
  open,
};
