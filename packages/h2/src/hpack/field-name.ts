/**
 * The name of a header field. Fields with the same name share the object, so that the name is decoded and checked once.
 */
export class FieldName {
  readonly text: string;
  /** Whether RFC 9113 section 8.2.1 allows the name: no upper case, no control characters, a colon only in front. */
  readonly isValid: boolean;
  /** Kind of the name, set by the message rules; 0 until then. */
  tag = 0;

  constructor(text: string) {
    this.text = text;
    this.isValid = isValidName(text);
  }
}

/**
 * RFC 9113 section 8.2.1: no octet of 0x00–0x20, 0x41–0x5a or 0x7f–0xff, and no colon but the first of a pseudo-header.
 */
function isValidName(text: string): boolean {
  if (text.length === 0 || text === ":") return false;
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    if (octet <= 0x20 || octet >= 0x7f || (octet >= 0x41 && octet <= 0x5a) || (octet === 0x3a && i > 0)) return false;
  }
  return true;
}
