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

/** Levenshtein distance: how many characters must be added, removed or replaced to turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1];
    for (let index = 0; index < to.length; index++) {
      const replaced = row[index]! + (from[at] === to[index] ? 0 : 1);
      next.push(Math.min(replaced, row[index + 1]! + 1, next[index]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
