// How many columns text takes on a terminal, so that nothing is longer than its line: what wraps cannot be drawn over.

const fallbackColumns = 80;

/** The columns of a terminal; 80 if the stream is none. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : fallbackColumns;
}

/** The columns of printable text, at most: a character that may be wide counts as two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character.codePointAt(0)!);
  return width;
}

/** Hangul, CJK, emoji and what follows them may be wide; punctuation, arrows and box drawing are not. */
function widthOf(codePoint: number): number {
  if (codePoint < 0x1100 || (codePoint >= 0x2010 && codePoint <= 0x25ff)) return 1;
  return 2;
}

/** The text, cut to so many columns; a cut is marked by an ellipsis. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const character of text) {
    width += widthOf(character.codePointAt(0)!);
    if (width > columns) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
}

/**
 * Text in paragraphs, each wrapped to so many columns. Lines that begin with a blank are kept as they are; a word that is longer
 * than a line stands alone.
 */
export function wrap(text: string, columns: number): string {
  return joinParagraphs(text)
    .split("\n")
    .map((line) => (isProse(line) ? wrapLine(line, columns) : line))
    .join("\n");
}

/** Takes the line breaks out of paragraphs; lines that begin with a blank stay lines. */
export function joinParagraphs(text: string): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const before = lines.at(-1);
    if (before === undefined || !isProse(before) || !isProse(line)) lines.push(line);
    else lines[lines.length - 1] = `${before} ${line}`;
  }
  return lines.join("\n");
}

function isProse(line: string): boolean {
  return line !== "" && !/^\s/.test(line);
}

function wrapLine(line: string, columns: number): string {
  let width = 0;
  let wrapped = "";
  for (const word of line.split(" ")) {
    const wordWidth = displayWidth(word);
    if (width > 0 && width + 1 + wordWidth > columns) {
      wrapped += `\n${word}`;
      width = wordWidth;
    } else {
      wrapped += width === 0 ? word : ` ${word}`;
      width += (width === 0 ? 0 : 1) + wordWidth;
    }
  }
  return wrapped;
}
