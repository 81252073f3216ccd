// C0 controls and DEL steer terminals, C1 controls do so in one character, bidirectional controls reorder what is read, and
// the separators break lines (Unicode: Cc, Bidi_Control, Zl, Zp).
const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const names: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Untrusted text for a terminal or log, on one line: control characters, line breaks and bidirectional controls are replaced by
 * visible escapes such as `\n` or `\u001b`. All other characters stay.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => names[character] ?? escapeOf(character));
}

/**
 * A JSON text in which the characters that {@link printable} shows are escaped, also those that JSON itself leaves raw (DEL, C1
 * controls, bidirectional controls). Parsing it gives the same value.
 */
export function escapeJson(json: string): string {
  // Line feeds are only between values (indentation): JSON has escaped those inside of strings.
  return json.replace(unprintable, (character) => (character === "\n" ? character : escapeOf(character)));
}

/**
 * JSON of a value, as `JSON.stringify` makes it, escaped as by {@link escapeJson}.
 * @param indent as `JSON.stringify` takes it
 */
export function printableJson(value: object | string, indent?: number): string {
  return escapeJson(JSON.stringify(value, null, indent));
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
