/** Longer names are not compared: no option or key is, and the cost is quadratic. */
const maxCharacters = 64;

/**
 * The known name that was probably meant by an unknown one; `undefined` if none is near. Names that differ only in case, hyphens
 * and underscores (`threadId`, `thread-id`) are nearest; else at most two fifths of the characters differ.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > maxCharacters) return undefined;
  const word = foldName(name);
  const limit = Math.max(1, Math.floor(word.length * 0.4));
  let nearest: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const distance = editDistance(word, foldName(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/**
 * How many characters must be added, removed, replaced, or exchanged with their neighbour, to turn one word into the other
 * (Damerau and Levenshtein, optimal string alignment).
 */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let index = 1; index <= to.length; index++) {
      const replaced = row[index - 1]! + (from[at - 1] === to[index - 1] ? 0 : 1);
      let distance = Math.min(replaced, row[index]! + 1, next[index - 1]! + 1);
      const isExchanged = at > 1 && index > 1 && from[at - 1] === to[index - 2] && from[at - 2] === to[index - 1];
      if (isExchanged) distance = Math.min(distance, before[index - 2]! + 1);
      next.push(distance);
    }
    before = row;
    row = next;
  }
  return row[to.length]!;
}
