// Malformed messages (RFC 9113 sections 8.1.1, 8.2 and 8.3).
import { streamFault } from "../errors.js";
import type { FieldName } from "../hpack/field-name.js";
import type { HeaderFields } from "../hpack/header-fields.js";

// Kinds of names, kept in `FieldName.tag`. The tag of a pseudo-header is also the number of its bit in the set of those
// seen.
const METHOD = 1;
const SCHEME = 2;
const AUTHORITY = 3;
const PATH = 4;
const STATUS = 5;
const UNKNOWN_PSEUDO = 6;
const REGULAR = 7;
const FORBIDDEN = 8; // connection-specific, section 8.2.2
const TE = 9;
const CONTENT_LENGTH = 10;

const tags: ReadonlyMap<string, number> = new Map([
  [":method", METHOD],
  [":scheme", SCHEME],
  [":authority", AUTHORITY],
  [":path", PATH],
  [":status", STATUS],
  ["connection", FORBIDDEN],
  ["proxy-connection", FORBIDDEN],
  ["keep-alive", FORBIDDEN],
  ["transfer-encoding", FORBIDDEN],
  ["upgrade", FORBIDDEN],
  ["te", TE],
  ["content-length", CONTENT_LENGTH],
]);

function tagOf(name: FieldName): number {
  if (name.tag === 0) name.tag = tags.get(name.text) ?? (name.text.startsWith(":") ? UNKNOWN_PSEUDO : REGULAR);
  return name.tag;
}

function malformed(streamId: number, detail: string): Error {
  return streamFault("H2_MALFORMED_MESSAGE", streamId, detail);
}

/** Checks the rules common to all header lists; returns the set of pseudo-headers seen, as bits `1 << tag`. */
function walk(fields: HeaderFields, streamId: number): number {
  if (fields.isMalformed) throw malformed(streamId, "a field has a character that is not allowed");
  let seen = 0;
  let regularSeen = false;
  for (let i = 0; i < fields.length; i++) {
    const tag = tagOf(fields.fieldName(i));
    if (tag <= UNKNOWN_PSEUDO) {
      if (tag === UNKNOWN_PSEUDO) throw malformed(streamId, `unknown pseudo-header ${fields.name(i)}`);
      if (regularSeen) throw malformed(streamId, `${fields.name(i)} follows a regular field`);
      if (seen & (1 << tag)) throw malformed(streamId, `${fields.name(i)} is repeated`);
      seen |= 1 << tag;
    } else {
      regularSeen = true;
      if (tag === FORBIDDEN) throw malformed(streamId, `${fields.name(i)} is connection-specific`);
      if (tag === TE && fields.value(i) !== "trailers") throw malformed(streamId, "te is not trailers");
    }
  }
  return seen;
}

/**
 * The header list must not exceed the limit of this side (section 6.5.2).
 * @throws Http2Error H2_HEADER_LIST_TOO_LARGE
 */
export function checkListSize(fields: HeaderFields, streamId: number): void {
  if (fields.isTooLarge) throw streamFault("H2_HEADER_LIST_TOO_LARGE", streamId);
}

/** Checks the header list of a response: exactly `:status` (section 8.3.2). Returns the status. */
export function checkResponse(fields: HeaderFields, streamId: number): number {
  if (walk(fields, streamId) !== 1 << STATUS)
    throw malformed(streamId, "the pseudo-headers are not those of a response");
  const text = fields.value(0); // the only pseudo-header, which comes first
  if (text === "200") return 200;
  if (!/^[1-9][0-9][0-9]$/.test(text)) throw malformed(streamId, ":status is not a number of three digits");
  return Number(text);
}

/** `:status` of a header list that breaks the rules, for diagnosis; 0 if there is none that can be read. */
export function statusOfMalformed(fields: HeaderFields): number {
  const text = fields.get(":status") ?? "";
  return /^[1-9][0-9][0-9]$/.test(text) ? Number(text) : 0;
}

const requestFields = (1 << METHOD) | (1 << SCHEME) | (1 << PATH);

/**
 * Checks the header list of a request: `:method`, `:scheme`, `:path` and perhaps `:authority` (section 8.3.1), or
 * CONNECT (section 8.5).
 */
export function checkRequest(fields: HeaderFields, streamId: number): void {
  const seen = walk(fields, streamId);
  if ((seen & ~(1 << AUTHORITY)) === requestFields) {
    if (fields.get(":path") === "") throw malformed(streamId, ":path is empty");
    return;
  }
  if (fields.get(":method") === "CONNECT" && seen === ((1 << METHOD) | (1 << AUTHORITY))) return;
  throw malformed(streamId, "the pseudo-headers are not those of a request");
}

/** Checks a trailer section: no pseudo-headers (section 8.1). */
export function checkTrailers(fields: HeaderFields, streamId: number): void {
  if (walk(fields, streamId) !== 0) throw malformed(streamId, "a pseudo-header in a trailer section");
}

/** The content-length, or -1 without one. Several equal ones count as one (RFC 9110 section 8.6). */
export function contentLength(fields: HeaderFields, streamId: number): number {
  let length = -1;
  for (let i = 0; i < fields.length; i++) {
    if (tagOf(fields.fieldName(i)) !== CONTENT_LENGTH) continue;
    const text = fields.value(i);
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : -1;
    if (value === -1 || (length !== -1 && length !== value))
      throw streamFault("H2_CONTENT_LENGTH", streamId, "not a length");
    length = value;
  }
  return length;
}
