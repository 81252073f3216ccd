import { attributeTypes, type CertificateDescription, type DistinguishedName } from "@apns/core/der";
import { expect, test } from "vitest";
import { certificateInWords } from "./foreign-certificate.js";

function name(commonName?: string, organization?: string): DistinguishedName {
  return [
    ...(commonName === undefined ? [] : [{ type: attributeTypes.commonName, value: commonName }]),
    ...(organization === undefined ? [] : [{ type: attributeTypes.organization, value: organization }]),
  ];
}

function certificate(subject: DistinguishedName, issuer: DistinguishedName): CertificateDescription {
  return { subject, issuer } as CertificateDescription;
}

const apple = name("Apple Public Server RSA CA 12 - G1", "Apple Inc.");
const userTrust = name("USERTrust RSA Certification Authority", "The USERTRUST Network");

test.each<[string, readonly CertificateDescription[], string, string, boolean]>([
  [
    "Apple's own chain",
    [certificate(name("api.push.apple.com", "Apple Inc."), apple), certificate(apple, userTrust)],
    "api.push.apple.com",
    'the server\'s certificate is for "api.push.apple.com" ("Apple Inc."), issued by "Apple Public Server RSA CA 12 - G1" ("Apple Inc."), in a chain that ends in "USERTrust RSA Certification Authority" ("The USERTRUST Network")',
    false,
  ],
  [
    "an inspecting proxy",
    [certificate(name("api.push.apple.com"), name("Contoso Inspection CA", "Contoso Ltd"))],
    "api.push.apple.com",
    'the server\'s certificate is not Apple\'s, but for "api.push.apple.com", issued by "Contoso Inspection CA" ("Contoso Ltd")',
    true,
  ],
  [
    "an own server",
    [certificate(name("apns.example"), name(undefined, "Example Org"))],
    "apns.example",
    'the server\'s certificate is for "apns.example", issued by "Example Org"',
    false,
  ],
  [
    "a host that only looks like Apple's",
    [certificate(name(), name())],
    "push.apple.com.example",
    "the server's certificate is for nobody, issued by nobody",
    false,
  ],
  [
    "a stranger's names, cut and printable",
    [certificate(name("\x1b[31m"), name("x".repeat(5000)))],
    "API.sandbox.PUSH.apple.com",
    `the server's certificate is not Apple's, but for "\\u001b[31m", issued by "${"x".repeat(100)}…"`,
    true,
  ],
])("%s", (_, chain, host, text, isForeign) => {
  expect(certificateInWords(chain, host)).toEqual({ text, isForeign });
});

test("a certificate that cannot be read has no words", () => {
  expect(certificateInWords([], "api.push.apple.com")).toBeUndefined();
});
