import { mutateText } from "./mutate-text.js";
import type { Random } from "./random.js";

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  65_536,
  4_294_967_296,
  1e308,
  "",
  "a",
  "\u001b[2J",
  "a".repeat(5000),
  "\u0000",
  [],
  {},
  [[]],
  { a: {} },
  [null],
  Array.from({ length: 300 }, (_, index) => index),
];

/** Changes JSON in one to three places: a value becomes another, is left out, or stands under another name. */
export function mutateJson(text: string, words: readonly string[], random: Random): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return mutateText(text, words, random);
  }
  if (random.oneIn(8)) return mutateText(text, words, random);
  for (let times = 1 + random.below(3); times > 0; times--) value = changeValue(value, words, random);
  return JSON.stringify(value) ?? "";
}

function changeValue(value: unknown, words: readonly string[], random: Random): unknown {
  if (typeof value !== "object" || value === null || random.oneIn(6)) {
    if (typeof value === "string" && random.oneIn(2)) return mutateText(value, words, random);
    return random.pick(values);
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.oneIn(6)) {
    entries.push([random.oneIn(2) ? random.pick(words) : "__proto__", random.pick(values)]);
  } else {
    const at = random.below(entries.length);
    const [name, entry] = entries[at]!;
    if (random.oneIn(5)) entries.splice(at, 1);
    else if (random.oneIn(8)) entries[at] = [random.pick(words), entry];
    else entries[at] = [name, changeValue(entry, words, random)];
  }
  if (Array.isArray(value)) return entries.map(([, entry]) => entry);
  // Not by assignment, by which `__proto__` would be no entry.
  return Object.fromEntries(entries);
}
