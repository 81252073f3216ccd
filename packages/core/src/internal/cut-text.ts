/**
 * Text of a peer, of bounded length: of a longer one the beginning, and how much was cut, as `Bad… (61744 more)`. To be used
 * where the text comes in, before it is stored, counted, logged or told.
 * @param maxLength in UTF-16 code units, without the mark
 */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = text.slice(0, isSurrogatePair(text, maxLength) ? maxLength - 1 : maxLength);
  // Joined anew: a slice of V8's holds the whole text (measured: 500 characters of each of 10,000 texts of 62 KB, 690 MB; so, 80).
  return `${[...kept].join("")}… (${text.length - kept.length} more)`;
}

/** Whether a cut at this index would leave half a character. */
function isSurrogatePair(text: string, index: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[index - 1] ?? "") && /[\uDC00-\uDFFF]/.test(text[index] ?? "");
}
