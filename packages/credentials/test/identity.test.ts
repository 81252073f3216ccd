import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { describe, expect, it } from "vitest";
import {
  type CredentialFile,
  type ReadIdentityOptions,
  readCertificates,
  readIdentity,
  readPrivateKey,
  writeCertificateDer,
  writePrivateKey,
} from "../src/index.ts";
import { fixture, namedFixture, passphrase } from "./fixture.ts";

const certificate = fixture("universal.pem").toString();
const intermediate = fixture("intermediate.pem").toString();
const root = fixture("root.pem").toString();
const key = fixture("push.key").toString();

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({
    name: "CredentialsError",
    code: `ERR_APNS_CREDENTIALS_${code}`,
    message: expect.stringMatching(message),
  });

/** The same length, but the subject's public key is none. */
function withNoise(der: Buffer): Buffer {
  return Buffer.concat([der.subarray(0, 60), Buffer.alloc(der.length - 60 - 300, 0xff), der.subarray(-300)]);
}

describe("readIdentity refuses", () => {
  it.each<[string, CredentialFile[], ReadIdentityOptions, string, RegExp]>([
    [
      "a .p12 without its key",
      [namedFixture("certificate-only.p12")],
      { passphrase },
      "NO_PRIVATE_KEY",
      /^certificate-only\.p12 holds only a certificate: export it again from Keychain with its private key/,
    ],
    ["a .cer alone", [namedFixture("universal.cer")], {}, "NO_PRIVATE_KEY", /^universal\.cer holds only a certificate/],
    [
      "a key alone",
      [namedFixture("push.key")],
      {},
      "NO_CERTIFICATE",
      /^push\.key holds a private key, but no certificate/,
    ],
    [
      "a .p12 of a key alone",
      [fixture("key-only.p12")],
      { passphrase },
      "NO_CERTIFICATE",
      /^the file holds a private key/,
    ],
    [
      "another's key",
      [namedFixture("universal.cer"), namedFixture("other.key")],
      {},
      "KEY_MISMATCH",
      /the private key in universal\.cer and other\.key is not that of the certificate/,
    ],
    [
      "an expired certificate",
      [fixture("expired.pem"), key],
      {},
      "EXPIRED",
      /file 1 and file 2 expired at 2021-01-30T12:00:00.000Z/,
    ],
    ["a future one", [fixture("future.pem"), key], {}, "NOT_YET_VALID", /not valid before 2100-01-01T00:00:00.000Z/],
    [
      "one that expired before the given time",
      [fixture("universal.pem"), key],
      { at: new Date("2124-01-01T00:00:01Z") },
      "EXPIRED",
      /expired at 2124-01-01T00:00:00.000Z/,
    ],
    [
      "several that are all good",
      [fixture("universal.pem"), fixture("voip.pem"), key],
      {},
      "AMBIGUOUS",
      /holds 2 certificates with their keys \(Apple Push Services: com\.example\.App; VoIP Services: com\.example\.App\)/,
    ],
    [
      "an encrypted key without passphrase",
      [certificate, namedFixture("encrypted-aes.key")],
      {},
      "PASSPHRASE_MISSING",
      /^encrypted-aes\.key is protected/,
    ],
    [
      "a wrong passphrase",
      [certificate, fixture("encrypted-3des.key")],
      { passphrase: "no" },
      "PASSPHRASE_WRONG",
      /does not open file 2/,
    ],
    [
      "a request",
      [key, namedFixture("request.csr")],
      {},
      "WRONG_KIND",
      /^request\.csr is a certificate signing request/,
    ],
    [
      "a provider token",
      ["eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJUIn0.c2ln"],
      {},
      "WRONG_KIND",
      /is a provider token \(JWT\)/,
    ],
    ["an empty file", [certificate, { name: "push.key", content: "\n" }], {}, "EMPTY", /^push\.key is empty/],
    [
      "a broken certificate",
      [withNoise(fixture("universal.cer")), key],
      {},
      "UNREADABLE",
      /^file 1 looks like a certificate, but is damaged/,
    ],
    [
      "a damaged certificate",
      [fixture("universal.cer").subarray(0, 600), key],
      {},
      "UNREADABLE",
      /^file 1 is cut short: 600 bytes of \d{4}/,
    ],
    [
      "a damaged key",
      [certificate, key.slice(0, 400)],
      {},
      "UNREADABLE",
      /^file 2 begins like PEM, but has no complete block/,
    ],
    [
      "a damaged certificate in PEM",
      [certificate.replace(/\n.{40}/, "\n"), key],
      {},
      "UNREADABLE",
      /^file 1 looks like a certificate, but is damaged/,
    ],
    [
      "an OpenSSH key",
      ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"],
      {},
      "WRONG_KIND",
      /^the file is an OpenSSH key, not a certificate or private key/,
    ],
    ["no file", [], {}, "EMPTY", /^0 files/],
    ["a store of files", Array<string>(17).fill(certificate), {}, "TOO_LARGE", /^17 files/],
    [
      "a store in two files",
      [certificate.repeat(40), certificate.repeat(40)],
      {},
      "TOO_LARGE",
      /more than 64 certificates/,
    ],
    ["a store in a file", [certificate.repeat(65)], {}, "TOO_LARGE", /more than 64 PEM blocks/],
  ])("%s", (_name, files, options, code, message) => {
    expect(() => readIdentity(files, options)).toThrow(refusal(code, message));
  });

  it("says what was found and what to do apart, too", () => {
    try {
      readIdentity(namedFixture("universal.cer"));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        problem: "universal.cer holds only a certificate",
        fix: "give the private key that was made with its signing request as well, or a .p12 exported with its private key.",
      });
    }
  });
});

describe("readIdentity takes", () => {
  it.each<[string, CredentialFile | CredentialFile[], string[]]>([
    ["a .p12 of old", fixture("rc2-40.p12"), [certificate, intermediate]],
    ["a .p12 of today", fixture("aes-256.p12"), [certificate, intermediate, root]],
    ["a .pem with both", fixture("combined.pem"), [certificate]],
    ["a .pem as text", fixture("combined.pem").toString(), [certificate]],
    ["a .cer (DER) and a key", [fixture("universal.cer"), fixture("push.key")], [certificate]],
    ["a key and a .cer (PEM)", [fixture("push.key"), fixture("universal.pem")], [certificate]],
    ["a .cer and a key of PKCS#1", [fixture("universal.cer"), fixture("pkcs1.key")], [certificate]],
    ["a .cer and a key of DER", [fixture("universal.cer"), fixture("push-key.der")], [certificate]],
    ["a key encrypted by AES-256", [certificate, fixture("encrypted-aes.key")], [certificate]],
    ["a key encrypted by 3DES", [certificate, fixture("encrypted-3des.key")], [certificate]],
    ["a key encrypted by AES-128, DER", [certificate, fixture("encrypted-aes128.der")], [certificate]],
    ["a key encrypted as OpenSSL once did", [certificate, fixture("encrypted-traditional.key")], [certificate]],
    ["a .p12 without its key, and the key", [fixture("certificate-only.p12"), key], [certificate]],
    [
      "a certificate, its issuers in any order and the key",
      [root, key, intermediate, certificate],
      [certificate, intermediate, root],
    ],
    ["the same certificate twice", [certificate, fixture("universal.cer"), key], [certificate]],
    [
      "the renewed beside the expired and the future",
      [fixture("expired.pem"), certificate, fixture("future.pem"), key],
      [certificate],
    ],
    ["a push certificate beside a developer's", [fixture("developer.pem"), certificate, key], [certificate]],
    ["a .pem with a request beside", `${fixture("request.csr")}${certificate}${key}`, [certificate]],
    ["text in UTF-16", Buffer.from(`\ufeff${certificate}${key}`, "utf16le"), [certificate]],
    [
      "text with a byte order mark and Windows' line ends",
      `\ufeff${`${certificate}${key}`.replaceAll("\n", "\r\n")}`,
      [certificate],
    ],
    ["text with escaped line ends", `${certificate}${key}`.replaceAll("\n", "\\n"), [certificate]],
    ["text that lost its line ends", `${certificate}${key}`.replaceAll("\n", " "), [certificate]],
  ])("%s", (_name, files, certificates) => {
    const identity = readIdentity(files, { passphrase });
    expect(identity).toEqual({ cert: certificates.join(""), key });
    expect(() => createSecureContext(identity)).not.toThrow();
  });

  it("an expired certificate, if told not to mind", () => {
    const files = [fixture("expired.pem"), key];
    const expired = fixture("expired.pem").toString();
    expect(readIdentity(files, { checkValidity: false })).toEqual({ cert: expired, key });
    expect(readIdentity(files, { at: new Date("2020-06-01T00:00:00Z") })).toEqual({ cert: expired, key });
  });
});

describe("readPrivateKey", () => {
  it.each<[string, CredentialFile, string, RegExp]>([
    ["a certificate", certificate, "NO_PRIVATE_KEY", /^key holds a certificate, but no private key/],
    ["a request", fixture("request.csr"), "WRONG_KIND", /is a certificate signing request, not a private key/],
    ["two keys", key + fixture("other.key").toString(), "AMBIGUOUS", /holds 2 private keys/],
    ["a .p12", namedFixture("3des.p12"), "WRONG_KIND", /^3des\.p12 is a \.p12, not a private key/],
    [
      "an encryption it does not know",
      fixture("encrypted-scrypt.key"),
      "UNSUPPORTED",
      /1\.3\.6\.1\.4\.1\.11591\.4\.11/,
    ],
    [
      "a key cut short",
      fixture("push-key.der").subarray(0, 500),
      "UNREADABLE",
      /looks like a private key, but is damaged/,
    ],
    [
      "PEM of noise",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "UNREADABLE",
      /^key looks like a private key, but is damaged/,
    ],
  ])("refuses %s", (_name, file, code, message) => {
    expect(() => readPrivateKey(file, { passphrase })).toThrow(refusal(code, message));
  });

  it("refuses a wrong passphrase for every kind of encryption", () => {
    for (const name of [
      "encrypted-aes.key",
      "encrypted-3des.key",
      "encrypted-aes128.der",
      "encrypted-traditional.key",
    ]) {
      expect(() => readPrivateKey(fixture(name), { passphrase: "wrong" })).toThrow(
        refusal("PASSPHRASE_WRONG", /open key/),
      );
      expect(() => readPrivateKey(fixture(name))).toThrow(refusal("PASSPHRASE_MISSING", /^key is protected/));
    }
  });

  it("reads a key on an elliptic curve beside its parameters", () => {
    const p8 = fixture("AuthKey_ABC123DEFG.p8").toString();
    expect(readPrivateKey(fixture("sec1.key"))).toBe(p8);
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    expect(readPrivateKey(parameters + fixture("sec1.key").toString())).toBe(p8);
  });
});

describe("files in other forms", () => {
  it("a certificate becomes the DER it was", () => {
    expect(writeCertificateDer(certificate)).toEqual(fixture("universal.cer"));
    expect(readCertificates(fixture("universal.cer"))).toEqual([certificate]);
    expect(readCertificates(root + intermediate + key + certificate)).toEqual([certificate, intermediate, root]);
    expect(readCertificates(fixture("rc2-40.p12"), { passphrase })).toEqual([certificate, intermediate]);
    expect(() => readCertificates(key)).toThrow(refusal("NO_CERTIFICATE", /^the file holds a private key, but/));
    expect(new X509Certificate(fixture("universal.cer")).toString()).toBe(certificate);
  });

  it("a key is encrypted, or not", () => {
    const encrypted = writePrivateKey(key, { passphrase });
    expect(encrypted).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(() => createPrivateKey({ key: encrypted, passphrase: "wrong" })).toThrow();
    expect(createPrivateKey({ key: encrypted, passphrase }).export({ type: "pkcs8", format: "pem" })).toBe(key);
    expect(writePrivateKey(fixture("pkcs1.key"))).toBe(key);
    expect(() => writePrivateKey(key, { passphrase: "" })).toThrow(expect.objectContaining({ field: "passphrase" }));
  });
});
