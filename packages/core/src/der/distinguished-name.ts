import { hexOf } from "../hex.js";
import { readObjectIdentifier } from "./object-identifier.js";
import { DerError, DerReader, type DerValue, derTags } from "./reader.js";

export interface NameAttribute {
  /** Object identifier of its type, such as `2.5.4.3`. */
  readonly type: string;
  /** The text; for values of other types, `#` and the hexadecimal digits of the DER (RFC 4514, section 2.4). */
  readonly value: string;
}

/** The attributes of a subject or issuer, in order; perhaps none. */
export type DistinguishedName = readonly NameAttribute[];

export const attributeTypes = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  /** In the subject of a push certificate, the topic. */
  userId: "0.9.2342.19200300.100.1.1",
} as const;

/** OpenSSL's short names. */
const shortNames: Readonly<Record<string, string>> = {
  [attributeTypes.commonName]: "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  [attributeTypes.organization]: "O",
  [attributeTypes.organizationalUnit]: "OU",
  "2.5.4.12": "title",
  "2.5.4.42": "GN",
  "1.2.840.113549.1.9.1": "emailAddress",
  "0.9.2342.19200300.100.1.25": "DC",
  [attributeTypes.userId]: "UID",
};

/** Reads a Name (RFC 5280, section 4.1.2.4). */
export function readName(reader: DerReader, what: string): DistinguishedName {
  const parts = reader.sequence(what);
  const attributes: NameAttribute[] = [];
  while (!parts.atEnd) {
    const set = new DerReader(parts.next(what, derTags.set).content);
    while (!set.atEnd) {
      const pair = set.sequence(what);
      const type = readObjectIdentifier(pair, `an attribute's type in ${what}`);
      attributes.push({ type, value: decodeValue(pair.next(what)) });
      pair.end(what);
    }
  }
  return attributes;
}

/** The first value of a type. */
export function attributeOf(name: DistinguishedName, type: string): string | undefined {
  return name.find((attribute) => attribute.type === type)?.value;
}

/** One line, such as `UID=com.example.App, C=US`. Commas and control characters in values are escaped. */
export function formatName(name: DistinguishedName): string {
  return name.map(({ type, value }) => `${shortNames[type] ?? type}=${escapeText(value)}`).join(", ");
}

function escapeText(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.replaceAll(/[\u0000-\u001f\u007f-\u009f]|[\\,+"<>;]/g, (character) =>
    character >= " " && character <= "~" ? `\\${character}` : hexPairs(character),
  );
}

/** The escape of RFC 4514 for an unprintable character: each byte of its UTF-8. */
function hexPairs(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `\\${hexOf(Uint8Array.of(byte)).toUpperCase()}`,
  ).join("");
}

const numericString = 0x12;
const printableString = 0x13;
const teletexString = 0x14;
const ia5String = 0x16;
const visibleString = 0x1a;
const universalString = 0x1c;
const bmpString = 0x1e;

function decodeValue({ tag, content, encoded }: DerValue): string {
  switch (tag) {
    case derTags.utf8String:
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
    case numericString:
    case printableString:
    case teletexString:
    case ia5String:
    case visibleString:
      return codePoints(content, 1);
    case bmpString:
      return codePoints(content, 2);
    case universalString:
      return codePoints(content, 4);
    default:
      return `#${hexOf(encoded)}`;
  }
}

/** Decodes text whose characters have `size` bytes each. */
function codePoints(bytes: Uint8Array, size: 1 | 2 | 4): string {
  if (bytes.length % size !== 0)
    throw new DerError(`A name has a text of ${bytes.length} bytes, ${size} for each character.`);
  let text = "";
  for (let at = 0; at < bytes.length; at += size) {
    let point = 0;
    for (let index = 0; index < size; index++) point = point * 256 + bytes[at + index]!;
    text += point > 0x10_ffff ? "\ufffd" : String.fromCodePoint(point);
  }
  return text;
}
