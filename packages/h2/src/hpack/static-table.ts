import { FieldName } from "./field-name.js";

// RFC 7541 appendix A, index 1 first.
// biome-ignore format: one entry a line reads like the appendix
const table: readonly (readonly [string, string])[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];

/** Entries of the static table; indices 1 to 61, dynamic entries follow. */
export const staticTableLength = 61;

/** Name of a static entry, by index; index 0 is unused. */
export const staticNames: readonly FieldName[] = namesByIndex();
/** Value of a static entry, by index; index 0 is unused. */
export const staticValues: readonly string[] = ["", ...table.map(([, value]) => value)];

/** Lowest static index with a name. */
export const staticNameIndex: ReadonlyMap<string, number> = new Map(
  table.map(([name], i): [string, number] => [name, i + 1]).reverse(),
);
/** Static index of a whole field, keyed by {@link fieldKey}. */
export const staticFieldIndex: ReadonlyMap<string, number> = new Map(
  table.map(([name, value], i): [string, number] => [fieldKey(name, value), i + 1]),
);

/** One string for a name and a value; a name cannot hold NUL. */
export function fieldKey(name: string, value: string): string {
  return `${name}\0${value}`;
}

function namesByIndex(): FieldName[] {
  const byText = new Map<string, FieldName>();
  const names = [new FieldName("")];
  for (const [text] of table) {
    const name = byText.get(text) ?? new FieldName(text);
    byText.set(text, name);
    names.push(name);
  }
  return names;
}
