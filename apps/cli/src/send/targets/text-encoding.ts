// Lists come in the encodings of the programs that wrote them. Inside of this program they are UTF-8, and text that is not is
// never sent with replacement characters.
import { UsageError } from "../../errors.js";
import { notUtf8, readLines } from "./lines.js";

/** A label of the WHATWG Encoding Standard, such as `windows-1252`, as `TextDecoder` takes it. */
export type TextEncoding = string;

/** @throws {UsageError} if there is no such encoding */
export function parseEncoding(label: string): TextEncoding {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new UsageError(
      "--encoding takes the name of a text encoding, such as utf-8, windows-1252, utf-16le, iso-8859-2 or shift_jis",
    );
  }
}

/** What the byte order mark says, which is beyond doubt. */
function markedEncoding(start: Buffer): TextEncoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  return start.subarray(0, utf8Mark.length).equals(utf8Mark) ? "utf-8" : undefined;
}

const utf8Mark = Buffer.from("\ufeff");

/** UTF-16 without a byte order mark shows by the zeros between ASCII; all else is UTF-8, or turns out not to be. */
function likelyEncoding(start: Buffer): TextEncoding {
  const isZero = (from: number): boolean => start.length >= 4 && start[from] === 0 && start[from + 2] === 0;
  if (isZero(0) === isZero(1)) return "utf-8";
  return isZero(1) ? "utf-16le" : "utf-16be";
}

/**
 * The stream as UTF-8 without a byte order mark. UTF-8 itself is not checked: see `readLines`.
 * @param encoding of a list without a byte order mark; `undefined`: found out by its first bytes
 * @throws {UsageError} if it cannot be decoded
 */
export async function* toUtf8(
  stream: AsyncIterable<Uint8Array>,
  encoding: TextEncoding | undefined,
): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    let start: Buffer = Buffer.alloc(0);
    while (start.length < 4) {
      const { done, value } = await chunks.next();
      if (done === true) break;
      start = Buffer.concat([start, value]);
    }
    const found = markedEncoding(start) ?? encoding ?? likelyEncoding(start);
    const decode = found === "utf-8" ? (bytes: Uint8Array) => bytes : decoderOf(found);
    const isMarked = found === "utf-8" && markedEncoding(start) === "utf-8";
    yield decode(isMarked ? start.subarray(utf8Mark.length) : start, false);
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
      yield decode(next.value, false);
    if (found !== "utf-8") yield decode(new Uint8Array(0), true);
  } finally {
    await chunks.return?.();
  }
}

function decoderOf(encoding: TextEncoding): (bytes: Uint8Array, isLast: boolean) => Uint8Array {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, isLast) => {
    try {
      return Buffer.from(decoder.decode(bytes, { stream: !isLast }));
    } catch {
      throw new UsageError(`the list is not ${encoding} text: name its encoding by --encoding`);
    }
  };
}

/**
 * Makes sure, before anything is sent, that all of a list can be read as text.
 * @param open reads the list from its start
 * @param from what messages begin with: the option that names the list
 * @param shown how messages call it
 * @throws {UsageError} naming the first line that cannot
 */
export async function checkEncoding(
  open: () => AsyncIterable<Uint8Array>,
  encoding: TextEncoding | undefined,
  from: string,
  shown: string,
): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of toUtf8(open(), encoding)) decoder.decode(bytes, { stream: true });
    decoder.decode();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${from}${await firstBadLine(open(), encoding)} of ${shown} ${notUtf8}`);
  }
}

async function firstBadLine(stream: AsyncIterable<Uint8Array>, encoding: TextEncoding | undefined): Promise<string> {
  for await (const line of readLines(toUtf8(stream, encoding))) {
    if (line.text === undefined && line.problem === notUtf8) return `line ${line.number}`;
  }
  return "a line";
}
