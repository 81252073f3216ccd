// Recognises a DER file by its first few values. Lengths are read leniently (BER's indefinite length is allowed), because
// nothing is decoded here: the decoders are strict.

/** The kind of a file, or of one block of a PEM file. */
export type FileFormat =
  | "certificate"
  | "private-key"
  | "encrypted-private-key"
  | "p12"
  | "certificate-request"
  | "public-key"
  | "pkcs7"
  | "provider-token"
  | "openssh-key"
  | "unknown";

/** The names of formats in messages. */
export const formatNames: Readonly<Record<FileFormat, string>> = {
  certificate: "a certificate",
  "private-key": "a private key",
  "encrypted-private-key": "an encrypted private key",
  p12: "a .p12",
  "certificate-request": "a certificate signing request",
  "public-key": "a public key",
  pkcs7: "a PKCS#7 file (a .p7b, or a provisioning profile)",
  "provider-token": "a provider token (JWT)",
  "openssh-key": "an OpenSSH key",
  unknown: "nothing known",
};

const integerTag = 0x02;
const bitStringTag = 0x03;
const octetStringTag = 0x04;
const oidTag = 0x06;
const sequenceTag = 0x30;
const versionTag = 0xa0;

/** PKCS#7's arc, 1.2.840.113549.1.7: what comes behind names the kind of content. */
const pkcs7Arc = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

/** Tells a format by its shape. Certificates and keys that are damaged further in are still called what they claim to be. */
export function formatOfDer(der: Uint8Array): FileFormat {
  const outer = shallow(der);
  if (outer === undefined || outer.tag !== sequenceTag) return "unknown";
  const parts = shallowList(outer.content, 3);
  const tags = parts.map(({ tag }) => tag);
  const [first, second] = parts;
  if (first === undefined) return "unknown";
  if (first.tag === oidTag) return pkcs7Arc.every((byte, index) => first.content[index] === byte) ? "pkcs7" : "unknown";
  if (first.tag === integerTag) {
    const version = first.content.length === 1 ? first.content[0] : undefined;
    // PFX: version 3, then a ContentInfo, which begins with an OID. PKCS#8: version 0 or 1, then an algorithm.
    if (tags[1] === sequenceTag)
      return version === 3 ? "p12" : version === 0 || version === 1 ? "private-key" : "unknown";
    // PKCS#1: two more integers. SEC 1: an octet string.
    return tags[1] === integerTag || tags[1] === octetStringTag ? "private-key" : "unknown";
  }
  if (first.tag !== sequenceTag || second === undefined) return "unknown";
  if (second.tag === octetStringTag) return "encrypted-private-key";
  if (second.tag === bitStringTag) return "public-key";
  if (second.tag !== sequenceTag || tags[2] !== bitStringTag) return "unknown";
  // Signed: a certificate, or a request for one, which has a version of 0 and then no serial number but the subject.
  const inner = shallowList(first.content, 2).map(({ tag }) => tag);
  if (inner[0] === versionTag) return "certificate";
  if (inner[0] !== integerTag || inner[1] !== sequenceTag) return "unknown";
  const fields = shallowList(first.content, 4).map(({ tag }) => tag);
  return fields.length === 3 || fields[3] === versionTag ? "certificate-request" : "certificate";
}

/** A description of a file that is neither PEM nor DER, for a message: the usual mix-ups. */
export function describeUnknownFile(bytes: Uint8Array): string {
  // A SEQUENCE with two bytes of length: what all keys and certificates of RSA are, if they are DER.
  const isLong = bytes[0] === 0x30 && bytes[1] === 0x82 && bytes.length >= 4;
  const expectedBytes = isLong ? 4 + bytes[2]! * 256 + bytes[3]! : 0;
  if (expectedBytes > bytes.length) return `cut short: ${bytes.length} bytes of ${expectedBytes}`;
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  const found = otherFiles.find(([pattern]) => pattern.test(head));
  return found?.[1] ?? `${bytes.length} bytes that are neither PEM nor DER`;
}

const otherFiles: readonly (readonly [RegExp, string])[] = [
  [/^PK../s, "a zip archive"],
  [/^\xfe\xed\xfe\xed/, "a Java keystore (JKS)"],
  [/^(bplist0|\s*<\?xml[\s\S]*|\s*<!DOCTYPE plist)/, "a property list or other XML"],
  [/^\s*<(!doctype html|html)/i, "a web page"],
  [/^\s*[{[]/, "JSON"],
  [/^kych/, "a keychain"],
  [/^ssh-/, "an SSH public key"],
];

interface ShallowValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly endOffset: number;
}

function shallow(bytes: Uint8Array, offset = 0): ShallowValue | undefined {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) return undefined;
  let start = offset + 2;
  let length = first;
  if (first === 0x80) length = bytes.length - start;
  else if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4) return undefined;
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    start += count;
  }
  const endOffset = Math.min(bytes.length, start + length);
  return { tag, content: bytes.subarray(start, endOffset), endOffset };
}

function shallowList(bytes: Uint8Array, count: number): ShallowValue[] {
  const values: ShallowValue[] = [];
  for (let offset = 0; values.length < count; ) {
    const value = shallow(bytes, offset);
    if (value === undefined) break;
    values.push(value);
    offset = value.endOffset;
  }
  return values;
}
