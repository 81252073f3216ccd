import type { Random } from "./random.js";

/** Characters that mean something to a parser, a terminal or an encoding, and numbers at their edges. */
const oddities: readonly string[] = [
  "\0",
  "\n",
  "\r\n",
  "\t",
  '"',
  "'",
  "\\",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "&a",
  "*a",
  "\u001b[2J",
  "\u009b31m",
  "\u202e",
  "\u2028",
  "\ufeff",
  "\ud800",
  "ß",
  "🔔",
  "%00",
  "../",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "true",
  "-1",
  "0",
  "1e309",
  "9007199254740993",
  "4294967296",
  "NaN",
];

/** Changes a text in one to four places. @param words that mean something in its format */
export function mutateText(text: string, words: readonly string[], random: Random): string {
  let changed = text;
  for (let times = 1 + random.below(4); times > 0; times--) changed = changeOnce(changed, words, random);
  return changed;
}

function changeOnce(text: string, words: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const piece = random.oneIn(2) && words.length > 0 ? random.pick(words) : random.pick(oddities);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at);
    case 1:
      return text.slice(0, at) + piece + text.slice(at + 1 + random.below(8));
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(16));
    case 3:
      return text.slice(0, at) + piece.repeat(random.pick([2, 10, 300, 3000])) + text.slice(at);
    case 4:
      return text.slice(0, at);
    default:
      return changeLines(text, random);
  }
}

/** A line twice, left out, or elsewhere. */
function changeLines(text: string, random: Random): string {
  const lines = text.split("\n");
  const [line] = lines.splice(random.below(lines.length), 1);
  for (let times = random.below(3); times > 0; times--) lines.splice(random.below(lines.length + 1), 0, line!);
  return lines.join("\n");
}
