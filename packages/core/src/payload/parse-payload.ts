// Reads a payload as a device does: UTF-8, JSON, an object.
import { printable } from "../internal/printable.js";
import { withoutSecrets } from "../internal/secret.js";
import type { PayloadInput } from "./encode-payload.js";
import { isObject } from "./shape.js";

/** Why a payload is not the UTF-8 of a JSON object. */
interface UnreadablePayload {
  readonly code: "encoding" | "notJson" | "notObject";
  readonly problem: string;
}

/** The JSON object of a payload, or why there is none. */
export type ParsedPayload = { readonly object: Readonly<Record<string, unknown>> } | UnreadablePayload;

/** Parses a payload; an object is taken as JSON writes it. Never throws. */
export function parsePayload(payload: PayloadInput): ParsedPayload {
  if (payload instanceof Uint8Array) return parseBytes(payload);
  return typeof payload === "string" ? parseText(payload) : writeAndParse(payload);
}

function parseBytes(bytes: Uint8Array): ParsedPayload {
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  // JSON begins with a character of ASCII, which has a zero byte beside it in UTF-16 and UTF-32.
  if (hasMark || bytes[0] === 0 || bytes[1] === 0) {
    return { code: "encoding", problem: "is UTF-16 or UTF-32, and a payload is UTF-8: convert the file." };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { code: "encoding", problem: "is not valid UTF-8: convert the file." };
  }
  return parseText(text);
}

function parseText(text: string): ParsedPayload {
  if (text.startsWith("\ufeff")) {
    return { code: "encoding", problem: "begins with a byte order mark, which JSON does not allow: remove it." };
  }
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    const hint = hasTrailingComma(text) ? " Remove the comma in front of a closing bracket." : "";
    return { code: "notJson", problem: `is not JSON: ${messageOf(error)}.${hint}` };
  }
}

function writeAndParse(value: unknown): ParsedPayload {
  try {
    return asObject(JSON.parse(JSON.stringify(value) ?? "null"));
  } catch (error) {
    return { code: "notJson", problem: `cannot be written as JSON: ${messageOf(error)}.` };
  }
}

function messageOf(error: unknown): string {
  return withoutSecrets(printable((error as Error).message)).replace(/\.$/, "");
}

/** Whether a comma stands in front of a closing bracket, outside of strings. */
function hasTrailingComma(text: string): boolean {
  let isString = false;
  let last = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (isString) {
      if (character === "\\") index++;
      else if (character === '"') isString = false;
      continue;
    }
    if (/\s/.test(character)) continue;
    if (last === "," && (character === "}" || character === "]")) return true;
    isString = character === '"';
    last = character;
  }
  return false;
}

function asObject(value: unknown): ParsedPayload {
  if (isObject(value)) return { object: value };
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return { code: "notObject", problem: `is ${kind} and not a JSON object; no app receives it.` };
}
