import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { credentialForms } from "../../testkit/src/credential-forms.ts";
import { type CredentialFile, inspectSigningKey, readPrivateKey, readVerificationKey } from "../src/index.ts";
import { fixture, namedFixture, passphrase } from "./fixture.ts";

const p8 = fixture("AuthKey_ABC123DEFG.p8").toString();
const publicKey = createPublicKey(createPrivateKey(p8)).export({ type: "spki", format: "pem" });

describe("inspectSigningKey", () => {
  it.each<[string, CredentialFile, string, RegExp]>([
    ["a key of a certificate", namedFixture("push.key"), "KEY_UNSUITABLE", /^push\.key is a key of kind RSA 2048, but/],
    [
      "a key on another curve",
      namedFixture("p384.p8"),
      "KEY_UNSUITABLE",
      /^p384\.p8 is a key of kind EC secp384r1, but/,
    ],
    ["a certificate", fixture("universal.cer"), "WRONG_KIND", /is a certificate, not a signing key/],
    ["an encrypted key", fixture("encrypted-aes.key"), "PASSPHRASE_MISSING", /is protected by a passphrase/],
    ["two keys", p8.repeat(2), "AMBIGUOUS", /^signing key holds 2 private keys/],
    ["nothing", "", "EMPTY", /^signing key is empty/],
    ["the head alone", p8.slice(0, 100), "UNREADABLE", /no complete block/],
    ["a key with a byte missing", p8.replace(/^.{5}/m, "").replace("-----BEGIN", "-----BEGIN"), "UNREADABLE", /./],
  ])("refuses %s", (_name, file, code, message) => {
    expect(() => inspectSigningKey(file)).toThrow(
      expect.objectContaining({ code: `ERR_APNS_CREDENTIALS_${code}`, message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ["AuthKey_ABC123DEFG.p8", "ABC123DEFG"],
    ["/keys/AuthKey_ABC123DEFG.p8", "ABC123DEFG"],
    ["C:\\keys\\AuthKey_ABC123DEFG.p8", "ABC123DEFG"],
    ["AuthKey_ABC123DEFG (1).p8", "ABC123DEFG"],
    ["APNsAuthKey_ABC123DEFG.p8", "ABC123DEFG"],
    ["AuthKey_ABC123DEFGH.p8", undefined],
    ["AuthKey_short.p8", undefined],
    ["AuthKey_ABC123DEFG/key.p8", undefined],
    ["apns.p8", undefined],
  ])("reads the key ID off the name %s", (name, keyId) => {
    expect(inspectSigningKey({ name, content: p8 })).toEqual({ keyId, publicKey, wasRepaired: false });
  });

  it.each(Object.entries(credentialForms(p8)))(
    "reads a key that is given %s, as every reader does",
    (_form, content) => {
      expect(inspectSigningKey(content)).toMatchObject({ keyId: undefined, publicKey });
      expect(readPrivateKey(content)).toBe(p8);
      expect(readVerificationKey(content).export({ type: "spki", format: "pem" })).toBe(publicKey);
    },
  );

  it.each([
    ["escaped", p8.replaceAll("\n", "\\n")],
    ["one line", p8.replaceAll("\n", "")],
    ["bare base64", p8.replaceAll(/-----.*-----|\n/g, "")],
    ["base64 of the file", Buffer.from(p8).toString("base64")],
    ["UTF-16", Buffer.from(`\ufeff${p8}`, "utf16le")],
  ])("says that a key that is %s is not as other programs want it", (_name, text) => {
    expect(inspectSigningKey(text)).toEqual({ keyId: undefined, publicKey, wasRepaired: true });
  });

  it.each([
    ["Windows' line ends", p8.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\ufeff${p8}`],
    ["no final line end", p8.trimEnd()],
    ["SEC 1", fixture("sec1.key")],
  ])("leaves %s alone", (_name, text) => {
    expect(inspectSigningKey(text)).toEqual({ keyId: undefined, publicKey, wasRepaired: false });
  });

  it("says nothing of the private key", () => {
    const secret = p8.split("\n")[2]!;
    expect(JSON.stringify(inspectSigningKey(p8, { passphrase }))).not.toContain(secret.slice(0, 20));
  });
});
