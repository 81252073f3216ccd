import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mutateDer, nodesOf, parseTree, serializeTree } from "../../../testkit/src/mutate-der.ts";
import { seeded } from "../../../testkit/src/seeded.ts";
import { describeCertificate } from "./certificate.ts";
import { attributeOf, attributeTypes, formatName } from "./distinguished-name.ts";
import { describePublicKey } from "./key-algorithm.ts";
import { DerError } from "./reader.ts";

const universal = readFileSync(new URL("../../../credentials/test/fixtures/universal.cer", import.meta.url));

/** The certificate with its subject's first value, or another of its parts, replaced by other DER. */
function withSubject(...parts: readonly Buffer[]): Buffer {
  const root = parseTree(universal);
  root.children![0]!.children![5] = parseTree(sequence(...parts));
  return serializeTree(root);
}

const value = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const whole = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, 0x82, whole.length >> 8, whole.length & 0xff), whole]);
};
const sequence = (...content: readonly Buffer[]): Buffer => value(0x30, ...content);
const commonName = (tag: number, ...bytes: readonly number[]): Buffer =>
  value(0x31, sequence(Buffer.from("0603550403", "hex"), value(tag, Uint8Array.from(bytes))));

/** Length and content of an identifier whose numbers are all small. */
function encodeOid(oid: string): number[] {
  const [first, second, ...rest] = oid.split(".").map(Number);
  return [rest.length + 1, first! * 40 + second!, ...rest];
}

describe("describeCertificate", () => {
  it("says what Node says of a sound certificate", () => {
    const node = new X509Certificate(universal);
    const described = describeCertificate(universal);
    expect(formatName(described.subject)).toBe(node.subject.replaceAll("\n", ", "));
    expect(formatName(described.issuer)).toBe(node.issuer.replaceAll("\n", ", "));
    expect(described.serialNumber).toBe(node.serialNumber.toLowerCase());
    expect(described.notBefore).toEqual(new Date(node.validFrom));
    expect(described.notAfter).toEqual(new Date(node.validTo));
    expect(Buffer.from(described.publicKey)).toEqual(node.publicKey.export({ type: "spki", format: "der" }));
    expect(describePublicKey(described.publicKey)).toEqual({ type: "rsa", modulusBits: 2048 });
    expect(attributeOf(described.subject, attributeTypes.userId)).toBe("com.example.App");
    expect([...described.extensions.keys()]).toContain("1.2.840.113635.100.6.3.6");
  });

  it("reads a certificate without a subject", () => {
    expect(describeCertificate(withSubject()).subject).toEqual([]);
  });

  it.each([
    ["UTF-8", 0x0c, [0xc3, 0xa4], "ä"],
    ["broken UTF-8", 0x0c, [0xc3, 0x28], "\ufffd("],
    ["PrintableString", 0x13, [0x41], "A"],
    ["BMPString", 0x1e, [0x26, 0x3a], "☺"],
    ["UniversalString", 0x1c, [0, 1, 0xf6, 0], "😀"],
    ["UniversalString beyond Unicode", 0x1c, [0, 0xff, 0xff, 0xff], "\ufffd"],
    ["no characters", 0x0c, [], ""],
    ["no text", 0x02, [7], "#020107"],
  ])("reads a name in %s", (_, tag, bytes, text) => {
    const { subject } = describeCertificate(withSubject(commonName(tag, ...bytes)));
    expect(subject).toEqual([{ type: "2.5.4.3", value: text }]);
  });

  it("writes names on one line, and nothing in them that a terminal obeys", () => {
    const bytes = Buffer.from('a,b+"<>;\\\n\u001b[2J\u009b');
    const { subject } = describeCertificate(withSubject(commonName(0x0c, ...bytes), commonName(0x0c, 0x62)));
    expect(formatName(subject)).toBe('CN=a\\,b\\+\\"\\<\\>\\;\\\\\\0A\\1B[2J\\C2\\9B, CN=b');
  });

  it.each<[string, (der: Buffer) => Uint8Array, RegExp]>([
    ["nothing", () => Buffer.alloc(0), /^the certificate is missing/],
    ["its half", (der) => der.subarray(0, der.length / 2), /^the certificate runs past the end/],
    ["a byte more", (der) => Buffer.concat([der, Buffer.of(0)]), /^the certificate is followed by 1 bytes too many/],
    ["something else", () => Buffer.from("0401ff", "hex"), /^the certificate has the tag 4 in place of 48/],
    ["an indefinite length", () => Buffer.from("30800000", "hex"), /^the certificate has a length that DER does not/],
    ["a tag of two bytes", () => Buffer.from("3f810100", "hex"), /^the certificate has a tag of several bytes/],
    ["a name of three bytes, two for each", () => withSubject(commonName(0x1e, 1, 2, 3)), /a text of 3 bytes/],
  ])("refuses %s", (_, make, message) => {
    expect(() => describeCertificate(make(universal))).toThrow(
      expect.objectContaining({
        name: "DerError",
        code: "ERR_APNS_CREDENTIALS",
        message: expect.stringMatching(message),
      }),
    );
  });

  it.each([
    ["261130152913Z", "2026-11-30T15:29:13Z"],
    ["491231235959Z", "2049-12-31T23:59:59Z"],
    ["500101000000Z", "1950-01-01T00:00:00Z"],
    ["2611301529Z", "2026-11-30T15:29:00Z"],
    ["261130152913+0130", "2026-11-30T13:59:13Z"],
    ["20511130152913Z", "2051-11-30T15:29:13Z"],
    ["261301152913Z", undefined],
    ["260230000000Z", undefined],
    ["261130242913Z", undefined],
    ["261130152913", undefined],
    ["later", undefined],
  ])("reads the time %s", (text, expected) => {
    const root = parseTree(universal);
    const [begin] = root.children![0]!.children![4]!.children!;
    begin!.tag = text.startsWith("2051") ? 0x18 : 0x17;
    begin!.content = Buffer.from(text);
    const read = () => describeCertificate(serializeTree(root)).notBefore;
    if (expected === undefined) expect(read).toThrow(/^the certificate's begin is no time/);
    else expect(read()).toEqual(new Date(expected));
  });

  it("counts the first of two extensions of one name", () => {
    const root = parseTree(universal);
    const list = root.children![0]!.children!.at(-1)!.children![0]!;
    const again = parseTree(serializeTree(list.children!.at(-1)!));
    nodesOf(again).at(-1)!.content = Buffer.from("other");
    list.children!.push(again);
    expect(describeCertificate(serializeTree(root)).extensions).toEqual(describeCertificate(universal).extensions);
  });

  it.each([
    ["2.5.29.37", "3000", /^the extension extKeyUsage is missing/],
    ["2.5.29.37", "30020c00", /^the extension extKeyUsage has the tag 12/],
    ["2.5.29.15", "03022a80", /^the extension keyUsage is no string of bits/],
    ["2.5.29.15", "0300", /^the extension keyUsage is no string of bits/],
    ["2.5.29.14", "0500", /^the extension subjectKeyIdentifier has the tag 5/],
    ["2.5.29.35", "30040c020000", /^the extension authorityKeyIdentifier is followed by 4 bytes too many/],
    ["2.5.29.19", "30030c0100", /^the extension basicConstraints has the tag 12/],
    ["2.5.29.17", "30020500", /^the extension subjectAltName holds something else/],
    ["2.5.29.18", "30028000", /^the extension issuerAltName holds something else/],
    ["2.5.29.31", "30020500", /^the extension cRLDistributionPoints has the tag 5/],
  ])("refuses an extension %s of another shape (%s)", (oid, content, message) => {
    const root = parseTree(universal);
    const list = root.children![0]!.children!.at(-1)!.children![0]!;
    const name = Buffer.of(0x06, ...encodeOid(oid));
    list.children!.push(parseTree(sequence(name, value(0x04, Buffer.from(content, "hex")))));
    expect(() => describeCertificate(serializeTree(root))).toThrow(message);
  });

  it("throws nothing but its own error, whatever the bytes", () => {
    const onlyDeclared = (der: Uint8Array): void => {
      try {
        const { subject, publicKey } = describeCertificate(der);
        formatName(subject);
        describePublicKey(publicKey);
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), onlyDeclared));
    const random = seeded(1);
    for (let count = 0; count < 1000; count++) onlyDeclared(mutateDer(universal, random));
  });
});
