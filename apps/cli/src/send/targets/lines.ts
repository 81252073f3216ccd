import { StringDecoder } from "node:string_decoder";

/** A line of a list; longer ones are no device of anybody. */
export const maxLineBytes = 65_536;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; `undefined` if it is longer than 64 KiB. */
  readonly text: string | undefined;
}

/** The lines of a stream, in memory that does not grow with it. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new StringDecoder("utf8");
  let number = 1;
  let held = "";
  let tooLong = false;
  const line = (): Line => {
    const text = tooLong ? undefined : held.replace(/\r$/, "");
    held = "";
    tooLong = false;
    return { number: number++, text };
  };
  for await (const chunk of stream) {
    const parts = decoder.write(Buffer.from(chunk)).split("\n");
    for (const [index, part] of parts.entries()) {
      if (index > 0) yield line();
      if (held.length + part.length > maxLineBytes) {
        tooLong = true;
        held = "";
      } else if (!tooLong) {
        held += part;
      }
    }
  }
  held += decoder.end();
  if (held !== "" || tooLong) yield line();
}
