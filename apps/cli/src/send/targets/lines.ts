import { isUtf8 } from "node:buffer";

/** The limit of a line of a list, in bytes; longer ones are no device of anybody. */
export const maxLineBytes = 65_536;

/** A line with its number, from 1: its text without the line end, or what is wrong with it. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly text?: undefined; readonly problem: string };

export const tooLong = "is longer than 64 KiB";
export const notUtf8 =
  "is not UTF-8 text; it may be Windows-1252, as Excel writes CSV: add --encoding windows-1252, or save it as UTF-8";

const lineFeed = 10;
const carriageReturn = 13;

/** The lines of a stream of UTF-8, in memory that does not grow with it. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 1;
  /** The beginning of a line whose end has not come yet; `undefined` if it is too long already. */
  let held: Buffer | undefined = Buffer.alloc(0);
  let isOpen = false;
  const take = (bytes: Buffer): void => {
    if (held === undefined || bytes.length === 0) return;
    if (held.length + bytes.length > maxLineBytes) held = undefined;
    else held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
  };
  const end = (): Line => {
    const line = lineOf(number++, held);
    held = Buffer.alloc(0);
    return line;
  };
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, start)) {
      take(bytes.subarray(start, at));
      start = at + 1;
      isOpen = false;
      yield end();
    }
    if (start < bytes.length) {
      take(bytes.subarray(start));
      isOpen = true;
    }
  }
  if (isOpen) yield end();
}

function lineOf(number: number, bytes: Buffer | undefined): Line {
  if (bytes === undefined) return { number, problem: tooLong };
  if (!isUtf8(bytes)) return { number, problem: notUtf8 };
  return { number, text: bytes.toString("utf8", 0, bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length) };
}
