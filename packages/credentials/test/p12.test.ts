import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseTree, serializeTree } from "../../testkit/src/mutate-der.ts";
import { type CredentialFile, type PemIdentity, readP12, type WriteP12Options, writeP12 } from "../src/index.ts";
import { fixture, namedFixture, passphrase } from "./fixture.ts";

const certificate = fixture("universal.pem").toString();
const intermediate = fixture("intermediate.pem").toString();
const root = fixture("root.pem").toString();
const key = fixture("push.key").toString();
const friendlyName = "Apple Push Services: com.example.App";

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({
    name: "CredentialsError",
    code: `ERR_APNS_CREDENTIALS_${code}`,
    message: expect.stringMatching(message),
  });

describe("a .p12 that cannot be read", () => {
  it.each<[string, CredentialFile, string | undefined, string, RegExp]>([
    [
      "without its passphrase",
      namedFixture("rc2-40.p12"),
      undefined,
      "PASSPHRASE_MISSING",
      /^rc2-40\.p12 is protected/,
    ],
    ["with a wrong passphrase", namedFixture("rc2-40.p12"), "wrong!", "PASSPHRASE_WRONG", /does not open rc2-40\.p12/],
    ["with an empty passphrase", fixture("rc2-40.p12"), "", "PASSPHRASE_WRONG", /does not open p12/],
    ["with a passphrase it does not have", fixture("no-passphrase.p12"), "x", "PASSPHRASE_WRONG", /does not open/],
    ["with a wrong passphrase and no MAC", fixture("no-mac.p12"), "wrong!", "PASSPHRASE_WRONG", /does not open/],
    ["with no passphrase and no MAC", fixture("no-mac.p12"), undefined, "PASSPHRASE_MISSING", /protected/],
    ["with a MAC of an unusual digest", fixture("wrong-mac-digest.p12"), passphrase, "UNSUPPORTED", /integrity check/],
    [
      "with a wrong passphrase, though nothing is encrypted",
      fixture("no-encryption.p12"),
      "x",
      "PASSPHRASE_WRONG",
      /./,
    ],
    ["that is empty", new Uint8Array(0), passphrase, "EMPTY", /^p12 is empty/],
    ["that is blank", " \r\n\t", passphrase, "EMPTY", /^p12 is empty/],
    ["that is far too large", new Uint8Array(1_048_577), passphrase, "TOO_LARGE", /1048577 bytes.*at most 1048576/],
    ["that is a certificate", fixture("universal.cer"), passphrase, "WRONG_KIND", /is a certificate, not a \.p12/],
    ["that is a key", fixture("push.key"), passphrase, "WRONG_KIND", /is a private key, not/],
    ["that is an encrypted key", fixture("encrypted-aes.key"), passphrase, "WRONG_KIND", /is an encrypted private key/],
    ["that is a bundle", fixture("bundle.p7b.pem"), passphrase, "WRONG_KIND", /is a PKCS#7 file/],
    ["that is a request", fixture("request.csr"), passphrase, "WRONG_KIND", /is a certificate signing request/],
    ["that is a zip", Buffer.from("PK\x03\x04rest"), passphrase, "UNREADABLE", /is a zip archive/],
    ["that is a web page", "<!DOCTYPE html><html>", passphrase, "UNREADABLE", /is a web page/],
    ["that is noise", Buffer.from("deadbeef", "hex"), passphrase, "UNREADABLE", /4 bytes that are neither PEM nor DER/],
  ])("%s is refused", (_name, file, given, code, message) => {
    expect(() => readP12(file, { passphrase: given })).toThrow(refusal(code, message));
  });

  it.each(["rc2-40.p12", "aes-256.p12"])("%s, cut short anywhere, is called damaged", (name) => {
    const whole = fixture(name);
    for (let end = 40; end < whole.length; end += 37) {
      expect(() => readP12(whole.subarray(0, end), { passphrase })).toThrow(refusal("UNREADABLE", /damaged/));
    }
  });

  it("with a byte changed never yields anything but a CredentialsError or the same", () => {
    const whole = fixture("3des.p12");
    const expected = readP12(whole, { passphrase });
    for (let offset = 0; offset < whole.length; offset += 23) {
      const changed = Buffer.from(whole);
      changed[offset]! ^= 0x41;
      try {
        expect(readP12(changed, { passphrase }).identities).toEqual(expected.identities);
      } catch (error) {
        expect(error).toMatchObject({ name: "CredentialsError" });
      }
    }
  });

  it("that was changed is refused, though nothing is encrypted", () => {
    const changed = fixture("no-encryption.p12");
    // A letter of the friendly name, in UTF-16 with the high byte first.
    const offset = changed.indexOf(Buffer.from("com.example", "utf16le").swap16());
    expect(offset).toBeGreaterThan(0);
    changed[offset + 1]! ^= 0x20;
    expect(() => readP12(changed, { passphrase })).toThrow(refusal("PASSPHRASE_WRONG", /does not open/));
  });

  describe("with hours of key derivation is refused before that begins:", () => {
    /** A file whose integrity check asks for so many rounds of this digest, and for that many bytes. */
    function withMac(rounds: number, digestOid: string, sizeBytes: number, name = "3des.p12"): Buffer {
      const pfx = parseTree(fixture(name));
      const [digestInfo, , iterations] = pfx.children![2]!.children!;
      const [algorithm, expected] = digestInfo!.children!;
      algorithm!.children![0]!.content = Buffer.from(digestOid, "hex");
      expected!.content = Buffer.alloc(sizeBytes, 1);
      iterations!.content = Buffer.from(rounds.toString(16).padStart(10, "0"), "hex");
      return serializeTree(pfx);
    }
    const sha1 = "2b0e03021a";
    const sha512 = "608648016503040203";

    it.each<[string, Buffer, string, RegExp]>([
      ["rounds", withMac(2 ** 31 - 1, sha1, 20), "UNSUPPORTED", /seconds of key derivation \(2147483647 rounds\)/],
      ["rounds of a slow digest", withMac(2_000_000, sha512, 64), "UNSUPPORTED", /some 6 seconds of key derivation/],
      ["a digest of 1000 bytes", withMac(1_000_000, sha512, 1000), "UNREADABLE", /is damaged/],
      ["no digest at all", withMac(1_000_000, sha1, 0), "UNREADABLE", /is damaged/],
    ])("%s", (_, hostile, code, message) => {
      for (const given of [passphrase, undefined]) {
        expect(() => readP12(hostile, { passphrase: given })).toThrow(refusal(code, message));
      }
    });
  });

  it("never puts the passphrase into an error", () => {
    try {
      readP12(fixture("rc2-40.p12"), { passphrase: "hunter2hunter2" });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hunter2");
    }
  });

  it("that is given as something else is misuse", () => {
    expect(() => readP12(42 as unknown as Uint8Array)).toThrow(
      expect.objectContaining({ code: "ERR_APNS_INVALID_ARGUMENT", field: "p12" }),
    );
  });
});

describe("a .p12 made by openssl", () => {
  it.each([
    ["rc2-40.p12", [certificate, intermediate], ["RC2-40", "3DES"]],
    ["rc2-40-key.p12", [certificate], ["RC2-40"]],
    ["rc2-128.p12", [certificate], ["RC2-128"]],
    ["3des.p12", [certificate], ["3DES"]],
    ["2key-3des.p12", [certificate], ["3DES-2KEY"]],
    ["aes-256.p12", [certificate, intermediate, root], ["AES-256"]],
    ["aes-128-sha512.p12", [certificate], ["AES-128"]],
    ["no-mac.p12", [certificate], ["AES-256"]],
    ["no-encryption.p12", [certificate], []],
    ["no-passphrase.p12", [certificate], ["RC2-40", "3DES"], ""],
    ["umlaut.p12", [certificate], ["RC2-40", "3DES"], "pässwörd €"],
  ])("%s is read", (name, certificates, encryption, given = passphrase) => {
    expect(readP12(fixture(name), { passphrase: given })).toEqual({
      identities: [{ cert: certificates.join(""), key, friendlyName }],
      certificates: [],
      keys: [],
      encryption,
    });
  });

  it("is read without a passphrase if it has none", () => {
    expect(readP12(fixture("no-passphrase.p12")).identities).toHaveLength(1);
  });

  it("is read as base64, as secret stores keep it", () => {
    const base64 = fixture("rc2-40.p12").toString("base64");
    expect(readP12(base64, { passphrase }).identities).toHaveLength(1);
  });

  it("gives certificates and keys that stand alone", () => {
    expect(readP12(fixture("certificate-only.p12"), { passphrase })).toMatchObject({
      identities: [],
      certificates: [certificate],
      keys: [],
    });
    expect(readP12(fixture("key-only.p12"), { passphrase })).toMatchObject({
      identities: [],
      certificates: [],
      keys: [key],
    });
  });

  it("is read in BER too, with indefinite lengths and its content in pieces", () => {
    expect(readP12(toBer(fixture("rc2-40.p12")), { passphrase })).toEqual(
      readP12(fixture("rc2-40.p12"), { passphrase }),
    );
  });
});

/** PFX, its ContentInfo and its content with indefinite lengths, the octet string in pieces of 100 bytes. */
function toBer(der: Buffer): Buffer {
  // PFX { version, ContentInfo { oid, [0] { octets } }, macData }, each length in two bytes as in any file of this size.
  const octetsAt = 4 + 3 + 4 + 11 + 4;
  expect(der.subarray(octetsAt, octetsAt + 2).toString("hex")).toBe("0482");
  const contentEnd = octetsAt + 4 + der.readUInt16BE(octetsAt + 2);
  const content = der.subarray(octetsAt + 4, contentEnd);
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < content.length; offset += 100) {
    const piece = content.subarray(offset, offset + 100);
    pieces.push(Buffer.from([0x04, piece.length]), piece);
  }
  const end = Buffer.alloc(2);
  return Buffer.concat([
    Buffer.from("3080", "hex"),
    der.subarray(4, 7), // version
    Buffer.from("3080", "hex"),
    der.subarray(11, 22), // OID
    Buffer.from("a0802480", "hex"),
    ...pieces,
    end,
    end,
    end,
    der.subarray(contentEnd), // MacData
    end,
  ]);
}

const identity: PemIdentity = { cert: certificate + intermediate, key };
const kinds = ["compatible", "modern"] as const;

describe("writeP12", () => {
  it.each<[string, PemIdentity, Partial<WriteP12Options>, object]>([
    [
      "another's key",
      { cert: certificate, key: fixture("other.key").toString() },
      {},
      { code: "ERR_APNS_CREDENTIALS_KEY_MISMATCH" },
    ],
    ["no certificate", { cert: key, key }, {}, { code: "ERR_APNS_CREDENTIALS_NO_CERTIFICATE" }],
    ["no key", { cert: certificate, key: certificate }, {}, { code: "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY" }],
    [
      "an encrypted key",
      { cert: certificate, key: fixture("encrypted-aes.key").toString() },
      {},
      { code: "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING" },
    ],
    ["no passphrase", identity, { passphrase: undefined as unknown as string }, { field: "passphrase" }],
    ["another encryption", identity, { encryption: "rc2" as "modern" }, { field: "encryption" }],
  ])("refuses %s", (_name, from, options, error) => {
    expect(() => writeP12(from, { passphrase, ...options })).toThrow(expect.objectContaining(error));
  });

  it.each(kinds)("is read back (%s)", (encryption) => {
    for (const given of [passphrase, "", "pässwörd €"]) {
      expect(readP12(writeP12(identity, { passphrase: given, encryption }), { passphrase: given })).toEqual({
        identities: [{ ...identity, friendlyName }],
        certificates: [],
        keys: [],
        encryption: [encryption === "modern" ? "AES-256" : "3DES"],
      });
    }
  });

  it.each(kinds)("is opened by Node's TLS (%s)", (encryption) => {
    const pfx = writeP12(identity, { passphrase, encryption });
    expect(() => createSecureContext({ pfx, passphrase })).not.toThrow();
    expect(() => createSecureContext({ pfx, passphrase: "wrong" })).toThrow(/mac verify failure/);
  });

  it("keeps keys on elliptic curves, and the name asked for", async () => {
    const { CertificateAuthority } = await import("../src/index.ts");
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const ec = await authority.issueServer({ hosts: ["localhost"] });
    const written = writeP12(ec, { passphrase, friendlyName: "Schlüssel" });
    const [read] = readP12(written, { passphrase }).identities;
    expect(read).toEqual({
      cert: ec.cert,
      key: createPrivateKey(ec.key).export({ type: "pkcs8", format: "pem" }),
      friendlyName: "Schlüssel",
    });
  });
});

const tool = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
const hasOpenssl = tool("openssl", "version").stdout?.startsWith("OpenSSL 3") ?? false;
const hasKeytool = tool("keytool", "-help").status === 0;
const missing = (has: boolean, name: string) => (has ? "" : ` (SKIPPED: there is no ${name} on this machine)`);

function inFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "apns-p12-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe.skipIf(!hasOpenssl)(`openssl opens what is written${missing(hasOpenssl, "openssl 3")}`, () => {
  it.each(kinds)("%s", (encryption) => {
    const file = join(inFolder(), "ours.p12");
    writeFileSync(file, writeP12(identity, { passphrase: "pässwörd €", encryption }));
    const shown = tool("openssl", "pkcs12", "-in", file, "-passin", "pass:pässwörd €", "-noenc", "-info");
    expect(shown.status).toBe(0);
    expect(shown.stderr).toMatch(
      encryption === "modern"
        ? /MAC: sha256, Iteration 10000[\s\S]*PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256/
        : /MAC: sha1, Iteration 10000[\s\S]*pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 10000/,
    );
    expect(shown.stdout).toContain(`friendlyName: ${friendlyName}`);
    expect(shown.stdout.match(/localKeyID: .*/g)).toHaveLength(2);
    expect(shown.stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)).toEqual([
      certificate,
      intermediate,
    ]);
    expect(shown.stdout).toContain(key);
    expect(tool("openssl", "pkcs12", "-in", file, "-passin", "pass:wrong", "-noenc").stderr).toMatch(
      /invalid password/,
    );
  });
});

describe.skipIf(!hasKeytool)(`Java's keytool agrees${missing(hasKeytool, "keytool")}`, { timeout: 90_000 }, () => {
  it.each(kinds)("on what is written (%s)", (encryption) => {
    const file = join(inFolder(), "ours.p12");
    writeFileSync(file, writeP12(identity, { passphrase, encryption }));
    const listed = tool("keytool", "-list", "-v", "-keystore", file, "-storetype", "PKCS12", "-storepass", passphrase);
    expect(listed.stdout).toMatch(/Entry type: PrivateKeyEntry\s+Certificate chain length: 2/);
    expect(listed.stdout.replaceAll(":", "")).toContain(
      new X509Certificate(certificate).fingerprint256.replaceAll(":", ""),
    );
  });

  it("and writes what is read", () => {
    const folder = inFolder();
    const [from, to] = [join(folder, "from.p12"), join(folder, "to.p12")];
    writeFileSync(from, fixture("aes-256.p12"));
    const store = (side: string, file: string) => [`-${side}keystore`, file, `-${side}storepass`, "secret-enough"];
    writeFileSync(from, writeP12(identity, { passphrase: "secret-enough" }));
    const args = [
      "-importkeystore",
      "-noprompt",
      ...store("src", from),
      ...store("dest", to),
      "-deststoretype",
      "PKCS12",
    ];
    expect(tool("keytool", ...args)).toMatchObject({ status: 0 });
    expect(readP12(readFileSync(to), { passphrase: "secret-enough" }).identities).toMatchObject([identity]);
  });
});
