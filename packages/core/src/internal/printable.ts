// C0 controls and DEL steer terminals, C1 controls do so in one character, bidirectional controls reorder what is read, and
// the separators break lines (Unicode: Cc, Bidi_Control, Zl, Zp).
const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const names: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Text of others on its way to a terminal or a log, on one line: characters that would steer a terminal, break the line or
 * change the order in which it is read become visible, as `\n` or `\u001b`. All others stay as they are.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => names[character] ?? escapeOf(character));
}

/**
 * A JSON text in which the characters that {@link printable} shows are escaped, also those that JSON itself leaves raw (DEL, C1
 * controls, bidirectional controls). Whoever parses it gets the same value.
 */
export function escapeJson(json: string): string {
  // Line ends between the values are the writer's: inside of texts JSON has escaped them already.
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
