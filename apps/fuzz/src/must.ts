import { isDeepStrictEqual } from "node:util";

/** Something that a target says of any input does not hold. */
export class RuleBroken extends Error {
  override readonly name: string;

  constructor(rule: string, detail: string) {
    super(detail);
    // What tells findings apart is the rule, not the place where it is looked at.
    this.name = `does not hold: ${rule}`;
  }
}

/** @throws RuleBroken unless the condition holds */
export function must(condition: boolean, rule: string, detail = ""): asserts condition {
  if (!condition) throw new RuleBroken(rule, detail);
}

/** @throws RuleBroken with the first difference of what should be the same */
export function mustBeSame(one: readonly unknown[], other: readonly unknown[], rule: string): void {
  const at = Array.from({ length: Math.max(one.length, other.length) }).findIndex(
    (_, index) => !isDeepStrictEqual(one[index], other[index]),
  );
  if (at === -1) return;
  const [first, second] = [one[at], other[at]].map((value) => JSON.stringify(value)?.slice(0, 500));
  throw new RuleBroken(rule, `number ${at} is ${first} and ${second}`);
}
