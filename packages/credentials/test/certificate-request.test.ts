import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  CertificateAuthority,
  type CertificateRequestOptions,
  createCertificateRequest,
  inspectCertificates,
  readIdentity,
} from "../src/index.ts";
import { fixture } from "./fixture.ts";

const jane = { emailAddress: "jane@example.com", commonName: "Jane Döe" };
const content = {
  bundleId: "com.example.App",
  teamId: "TEAM123456",
  environments: ["production", "development"],
} as const;

describe("createCertificateRequest", () => {
  it.each<[string, Partial<CertificateRequestOptions>]>([
    ["commonName", { commonName: "" }],
    ["commonName", { commonName: "x".repeat(65) }],
    ["emailAddress", { emailAddress: "jane" }],
    ["emailAddress", { emailAddress: "jäne@example.com" }],
    ["emailAddress", { emailAddress: `${"x".repeat(250)}@example.com` }],
    ["country", { country: "Germany" }],
  ])("names a wrong %s", async (field, options) => {
    await expect(createCertificateRequest({ ...jane, ...options })).rejects.toMatchObject({
      code: "ERR_APNS_INVALID_ARGUMENT",
      field,
    });
  });

  it("makes a key of RSA with 2048 bits", async () => {
    const { key } = await createCertificateRequest(jane);
    expect(createPrivateKey(key).asymmetricKeyType).toBe("rsa");
    expect(createPrivateKey(key).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65_537n });
  });

  const openssl = (input: string, ...args: string[]) => spawnSync("openssl", args, { input, encoding: "utf8" });
  const hasOpenssl = openssl("", "version").status === 0;
  it.skipIf(!hasOpenssl)(
    `openssl agrees${hasOpenssl ? "" : " (SKIPPED: there is no openssl on this machine)"}`,
    async () => {
      const { csr } = await createCertificateRequest({ ...jane, country: "DE" });
      expect(csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
      const { stdout, stderr } = openssl(csr, "req", "-verify", "-noout", "-text", "-nameopt", "oneline,utf8,-esc_msb");
      expect(stdout + stderr).toMatch(/verify OK/);
      expect(stdout).toContain("Subject: emailAddress = jane@example.com, CN = Jane Döe, C = DE");
      expect(stdout).toContain("Public-Key: (2048 bit)");
      expect(stdout).toContain("Signature Algorithm: sha256WithRSAEncryption");
    },
  );
});

describe("an authority that signs requests", () => {
  it.each([
    ["a certificate", fixture("universal.cer"), "WRONG_KIND", /is a certificate, not a certificate signing request/],
    ["nothing", "", "EMPTY", /^request is empty/],
    ["a request whose signature is not its key's", tampered(), "UNREADABLE", /not signed by its own key/],
    [
      "a damaged request",
      fixture("request.csr")
        .toString()
        .replace(/\n.{30}/, "\n"),
      "UNREADABLE",
      /./,
    ],
  ])("refuses %s", async (_name, request, code, message) => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    await expect(authority.signPushRequest(request, content)).rejects.toMatchObject({
      code: `ERR_APNS_CREDENTIALS_${code}`,
      message: expect.stringMatching(message),
    });
  });

  it("makes a push certificate for the request's key, and with the content it was told", async () => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { csr, key } = await createCertificateRequest(jane);
    const cert = await authority.signPushRequest(csr, content);
    expect(readIdentity([cert, key])).toEqual({ cert, key });
    expect(new X509Certificate(cert).verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(inspectCertificates([cert, authority.cert])).toMatchObject([
      { kind: "universal", uid: "com.example.App", teamId: "TEAM123456", chainIsComplete: true },
    ]);
  });

  it("takes what openssl made", async () => {
    const authority = await CertificateAuthority.create();
    const cert = await authority.signPushRequest(fixture("request.csr"), content);
    expect(readIdentity([cert, fixture("push.key")]).cert).toBe(cert);
  });
});

/** The last byte of the signature is another. */
function tampered(): Buffer {
  const base64 = fixture("request.csr")
    .toString()
    .replaceAll(/-----.*-----|\n/g, "");
  const der = Buffer.from(base64, "base64");
  der[der.length - 1]! ^= 1;
  return der;
}
