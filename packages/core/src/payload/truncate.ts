// Makes a payload fit its limit by shortening texts in it, between grapheme clusters.
import { jsonBytes } from "./encode-payload.js";

/** One text that was shortened to make a payload fit. */
export interface Truncation {
  /** Path of the key, such as `aps.alert.body`. */
  readonly key: string;
  /** Size of the part that was cut off, in bytes of UTF-8, with JSON's escapes. */
  readonly removedBytes: number;
  /** Size of the part that was kept, counted likewise, without the ellipsis behind it. */
  readonly keptBytes: number;
}

export interface TruncatedPayload {
  readonly encoded: Uint8Array;
  readonly truncated: readonly Truncation[];
}

/** The texts of an alert in the order in which they are cut. `aps.alert` counts if it is a string. */
export const alertTexts: readonly string[] = ["aps.alert", "aps.alert.body", "aps.alert.title", "aps.alert.subtitle"];

const ellipsis = "…";
const ellipsisBytes = 3;

/** A text in the payload, with the object that holds it. */
interface Place {
  readonly key: string;
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly text: string;
  /** Size of the text as JSON, without the quotes. */
  readonly bytes: number;
}

/**
 * Shortens the texts at `keys`, in this order and no further than needed, until the payload has no more than `limitBytes`.
 * A text that is cut ends in an ellipsis; at worst the ellipsis is all that is left. Keys that are absent or hold no text
 * are passed over.
 *
 * Time and memory grow with the size of the payload, not faster.
 *
 * @param encoded a JSON object in UTF-8, without blanks between its tokens
 * @returns `undefined` if cutting all of the texts is not enough
 */
export function truncatePayload(
  encoded: Uint8Array,
  limitBytes: number,
  keys: readonly string[],
): TruncatedPayload | undefined {
  const payload = JSON.parse(new TextDecoder().decode(encoded)) as object;
  let size = encoded.length;

  // First, texts are replaced by the ellipsis, in order, until the payload fits. Then each of them gets back as much as there
  // is room for, in reverse order. No room is left in which another character of any of them would have fitted.
  const cut: Place[] = [];
  for (const key of keys) {
    if (size <= limitBytes) break;
    const place = find(payload, key, key);
    if (place === undefined || place.bytes <= ellipsisBytes) continue;
    place.holder[place.name] = ellipsis;
    size -= place.bytes - ellipsisBytes;
    cut.push(place);
  }
  if (size > limitBytes) return undefined;

  const truncated: Truncation[] = [];
  for (const place of cut.reverse()) {
    const room = limitBytes - size + ellipsisBytes;
    const kept = place.bytes <= room ? place.text : longestStart(place.text, room - ellipsisBytes);
    const whole = kept.length === place.text.length;
    place.holder[place.name] = whole ? kept : kept + ellipsis;
    const keptBytes = textBytes(kept);
    size += whole ? keptBytes - ellipsisBytes : keptBytes;
    if (!whole) truncated.unshift(Object.freeze({ key: place.key, removedBytes: place.bytes - keptBytes, keptBytes }));
  }
  return { encoded: new TextEncoder().encode(JSON.stringify(payload)), truncated };
}

/** The text at a path. Names that contain a dot are found as well. */
function find(node: unknown, path: string, key: string): Place | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  const holder = node as Record<string, unknown>;
  if (Object.hasOwn(holder, path)) {
    const text = holder[path];
    return typeof text === "string" ? { key, holder, name: path, text, bytes: textBytes(text) } : undefined;
  }
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    const name = path.slice(0, dot);
    const place = Object.hasOwn(holder, name) ? find(holder[name], path.slice(dot + 1), key) : undefined;
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Size of a text inside the quotes of JSON, in bytes of UTF-8. */
function textBytes(text: string): number {
  return jsonBytes(text) - 2;
}

let segmenter: Intl.Segmenter | undefined;

/** The longest start of the text that ends between two graphemes and has no more than `maxBytes` in JSON. */
function longestStart(text: string, maxBytes: number): string {
  let bytes = 0;
  for (let index = 0; index < text.length; ) {
    const codePoint = text.codePointAt(index)!;
    bytes += codePointBytes(codePoint);
    if (bytes > maxBytes) {
      // Made on first use: it costs more than a notification. Grapheme clusters do not depend on the locale.
      segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
      return text.slice(0, segmenter.segment(text).containing(index)!.index);
    }
    index += codePoint > 0xffff ? 2 : 1;
  }
  return text;
}

/** Size of a code point in JSON, in bytes of UTF-8: two for `\n`, six for other control characters and lone surrogates. */
function codePointBytes(codePoint: number): number {
  if (codePoint > 0xffff) return 4;
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return 6;
  if (codePoint >= 0x800) return 3;
  if (codePoint >= 0x80) return 2;
  if (codePoint === 0x22 || codePoint === 0x5c) return 2;
  if (codePoint >= 0x20) return 1;
  // \b \t \n \f \r have short forms.
  return codePoint >= 0x08 && codePoint <= 0x0d && codePoint !== 0x0b ? 2 : 6;
}
