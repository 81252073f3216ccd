// What a terminal shows after it was written to: as much of one as the command's output needs.

/** Every line that the screen has shown and still holds, those that were scrolled away included; trailing blanks are left out. */
export function screenOf(
  output: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  /** The cursor cannot leave the screen upwards: what was scrolled away stays. */
  const top = (): number => Math.max(0, lines.length - rows);
  const put = (character: string): void => {
    if (column === columns) lineFeed(true);
    lines[row]![column++] = character;
  };
  const lineFeed = (toStart: boolean): void => {
    row++;
    if (toStart) column = 0;
    if (row === lines.length) lines.push([]);
  };
  for (let at = 0; at < output.length; ) {
    const sequence = output[at] === "\u001b" ? /^.\[([?\d;]*)([A-Za-z])/.exec(output.slice(at, at + 20)) : null;
    if (sequence !== null) {
      const [whole, parameter, final] = sequence;
      at += whole.length;
      if (final === "A") row = Math.max(top(), row - Number(parameter || 1));
      else if (final === "J") {
        lines.splice(row + 1);
        lines[row]!.length = Math.min(lines[row]!.length, column);
      } else if (final === "K") lines[row] = [];
      else if (final !== "m" && final !== "h" && final !== "l")
        throw new Error(`escape sequence ${JSON.stringify(whole)}`);
      continue;
    }
    const character = String.fromCodePoint(output.codePointAt(at)!);
    at += character.length;
    if (character === "\r") column = 0;
    else if (character === "\n") lineFeed(false);
    else if (character < " ") throw new Error(`control character ${JSON.stringify(character)}`);
    else put(character);
  }
  return lines.map((line) =>
    Array.from(line, (character) => character ?? " ")
      .join("")
      .trimEnd(),
  );
}
