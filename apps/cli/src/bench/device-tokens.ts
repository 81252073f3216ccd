/** 32 bytes each: first the index, so that what arrived can be told apart. */
export function* generatedTokens(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield index.toString(16).padStart(8, "0") + "ab".repeat(28);
}

/** The index that a generated device token was made for. */
export function indexOfGenerated(deviceToken: string): number {
  return Number.parseInt(deviceToken.slice(0, 8), 16);
}

/** The list, over and over, until there are so many. */
export function* repeated(deviceTokens: readonly string[], count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield deviceTokens[index % deviceTokens.length]!;
}
