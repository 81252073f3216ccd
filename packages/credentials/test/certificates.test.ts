import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CertificateAuthority, describePushCertificate, generateSigningKey, type PemIdentity } from "../src/index.ts";

const hosts = ["localhost", "gateway.push.apple.com", "127.0.0.1", "::1"];
const app = { bundleId: "com.example.App", teamId: "TEAM123456" };
const both = ["production", "development"] as const;

let authority: CertificateAuthority;
let server: PemIdentity;
let client: PemIdentity;

beforeAll(async () => {
  authority = await CertificateAuthority.create({ keyType: "ec", commonName: "Some Authority" });
  server = await authority.issueServer({ hosts });
  client = await authority.issuePushCertificate({ ...app, environments: both });
});

describe("certificates, read by node:crypto", () => {
  it("an authority is one", () => {
    const certificate = new X509Certificate(authority.cert);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe("CN=Some Authority");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it("a server's carries its hosts and is issued by the authority", () => {
    const certificate = new X509Certificate(server.cert);
    const issuer = new X509Certificate(authority.cert);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
    expect(certificate.checkHost("gateway.push.apple.com")).toBe("gateway.push.apple.com");
    expect(certificate.checkHost("elsewhere.example.com")).toBeUndefined();
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("::1")).toBe("::1");
  });

  it("a push certificate has Apple's subject", () => {
    const certificate = new X509Certificate(client.cert);
    expect(certificate.subject).toBe(
      "UID=com.example.App\nCN=Apple Push Services: com.example.App\nOU=TEAM123456\nC=US",
    );
    expect(certificate.checkIssued(new X509Certificate(authority.cert))).toBe(true);
  });

  it("says how long it is valid", async () => {
    const notBefore = new Date("2020-01-01T00:00:00Z");
    const notAfter = new Date("2051-06-01T00:00:00Z"); // past 2049, DER writes dates another way
    const old = await authority.issuePushCertificate({ ...app, environments: both, notBefore, notAfter });
    expect(new X509Certificate(old.cert).validTo).toBe("Jun  1 00:00:00 2051 GMT");
    expect(describePushCertificate(old.cert)).toMatchObject({ notBefore, notAfter });
  });

  it("never outlives its issuer by default", async () => {
    const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000);
    const shortLived = await CertificateAuthority.create({ keyType: "ec", notAfter });
    const issued = await shortLived.issueServer({ hosts });
    expect(describePushCertificate(issued.cert).notAfter).toEqual(notAfter);
  });

  it("is RSA with 2048 bits unless told otherwise, and mixes with EC", async () => {
    const rsa = await CertificateAuthority.create();
    const own = new X509Certificate(rsa.cert).publicKey;
    expect(own.asymmetricKeyType).toBe("rsa");
    expect(own.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const issued = await rsa.issueServer({ hosts, keyType: "ec" });
    const certificate = new X509Certificate(issued.cert);
    expect(certificate.publicKey.asymmetricKeyType).toBe("ec");
    expect(certificate.verify(own)).toBe(true);
    const mixed = await authority.issuePushCertificate({ ...app, environments: both, keyType: "rsa" });
    expect(new X509Certificate(mixed.cert).verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(createPrivateKey(mixed.key).asymmetricKeyType).toBe("rsa");
  });

  it("gives every certificate a serial number of its own", async () => {
    const issued = await Promise.all(Array.from({ length: 5 }, () => authority.issueServer({ hosts })));
    expect(new Set(issued.map(({ cert }) => describePushCertificate(cert).serialNumber)).size).toBe(5);
  });
});

describe("describePushCertificate", () => {
  it("reads a universal certificate, from PEM text, PEM bytes and DER", () => {
    const expected = {
      uid: "com.example.App",
      teamId: "TEAM123456",
      commonName: "Apple Push Services: com.example.App",
      environments: ["production", "development"],
      topics: [
        { topic: "com.example.App", kind: "app" },
        { topic: "com.example.App.voip", kind: "voip" },
        { topic: "com.example.App.complication", kind: "complication" },
      ],
      serialNumber: new X509Certificate(client.cert).serialNumber.toLowerCase(),
    };
    expect(describePushCertificate(client.cert)).toMatchObject(expected);
    expect(describePushCertificate(Buffer.from(client.cert))).toMatchObject(expected);
    expect(describePushCertificate(new X509Certificate(client.cert).raw)).toMatchObject(expected);
    expect(describePushCertificate(client.cert + authority.cert)).toMatchObject(expected);
  });

  it.each([
    ["production", "Apple Production IOS Push Services: com.example.App"],
    ["development", "Apple Development IOS Push Services: com.example.App"],
  ] as const)("reads a certificate for %s alone", async (environment, commonName) => {
    const { cert } = await authority.issuePushCertificate({ ...app, environments: [environment] });
    expect(describePushCertificate(cert)).toMatchObject({
      commonName,
      environments: [environment],
      topics: [{ topic: "com.example.App", kind: "app" }],
    });
  });

  it("lists the topics asked for, and takes the UID where none are listed", async () => {
    const topics = [{ topic: "com.example.Other.voip", kind: "voip" }];
    const listed = await authority.issuePushCertificate({ ...app, environments: both, topics, commonName: "Häßlich" });
    expect(describePushCertificate(listed.cert)).toMatchObject({ topics, commonName: "Häßlich" });
    const bare = await authority.issuePushCertificate({ ...app, environments: both, topics: [] });
    expect(describePushCertificate(bare.cert).topics).toEqual([{ topic: "com.example.App", kind: "app" }]);
  });

  it("says that a server's certificate is for no environment", () => {
    expect(describePushCertificate(server.cert)).toMatchObject({ uid: undefined, environments: [], topics: [] });
  });

  it.each([
    ["a key", () => client.key, "NO_CERTIFICATE", /^certificate holds a private key, but no certificate/],
    ["no PEM at all", () => "hello", "UNREADABLE", /5 bytes that are neither PEM nor DER/],
    ["random bytes", () => Buffer.from("deadbeef", "hex"), "UNREADABLE", /4 bytes that are neither/],
    ["no bytes", () => new Uint8Array(0), "EMPTY", /^certificate is empty/],
  ])("refuses %s", (_name, make, code, message) => {
    expect(() => describePushCertificate(make())).toThrow(
      expect.objectContaining({ code: `ERR_APNS_CREDENTIALS_${code}`, message: expect.stringMatching(message) }),
    );
  });
});

describe("wrong options", () => {
  it.each([
    ["hosts", () => authority.issueServer({ hosts: [] })],
    ["hosts[1]", () => authority.issueServer({ hosts: ["a", ""] })],
    ["bundleId", () => authority.issuePushCertificate({ ...app, bundleId: "", environments: both })],
    ["environments", () => authority.issuePushCertificate({ ...app, environments: [] })],
    ["environments[0]", () => authority.issuePushCertificate({ ...app, environments: ["sandbox" as "production"] })],
    ["keyType", () => CertificateAuthority.create({ keyType: "dsa" as "rsa" })],
    ["notAfter", () => CertificateAuthority.create({ notAfter: new Date(0) })],
    ["notBefore", () => CertificateAuthority.create({ notBefore: new Date(Number.NaN) })],
  ])("%s is named", async (field, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field });
  });
});

describe("generateSigningKey", () => {
  it("makes a P-256 key that signs ES256", async () => {
    const { key, publicKey } = await generateSigningKey();
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(createPrivateKey(key).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const signature = sign("sha256", Buffer.from("x"), { key, dsaEncoding: "ieee-p1363" });
    const publicObject = createPublicKey(publicKey);
    expect(verify("sha256", Buffer.from("x"), { key: publicObject, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
  });
});

describe("a TLS handshake both ways", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`succeeds over ${maxVersion}`, async () => {
      const { port, clients } = await listen(maxVersion);
      const socket = connect({ port, host: "127.0.0.1", ca: authority.cert, servername: "localhost", ...client });
      onTestFinished(() => void socket.destroy());
      await once(socket, "secureConnect");
      expect(socket.authorized).toBe(true);
      expect(socket.getProtocol()).toBe(maxVersion);
      const peer = (await clients) as TLSSocket;
      expect(peer.authorized).toBe(true);
      expect(describePushCertificate(peer.getPeerCertificate().raw).uid).toBe("com.example.App");
    });
  }

  it("tells a stranger's certificate apart", async () => {
    const stranger = await CertificateAuthority.create({ keyType: "ec", commonName: "Some Authority" });
    const identity = await stranger.issuePushCertificate({ ...app, environments: both });
    const { port, clients } = await listen("TLSv1.2");
    const socket = connect({ port, host: "127.0.0.1", ca: authority.cert, servername: "localhost", ...identity });
    onTestFinished(() => void socket.destroy());
    await once(socket, "secureConnect");
    expect((await clients).authorized).toBe(false);
  });

  async function listen(maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<{ port: number; clients: Promise<TLSSocket> }> {
    const listener = createServer({
      ...server,
      ca: authority.cert,
      maxVersion,
      requestCert: true,
      rejectUnauthorized: false,
    });
    const clients = once(listener, "secureConnection").then(([socket]) => socket as TLSSocket);
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    onTestFinished(() => void listener.close());
    clients.then((socket) => onTestFinished(() => void socket.destroy())).catch(() => {});
    return { port: (listener.address() as AddressInfo).port, clients };
  }
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
describe.skipIf(!hasOpenssl)(
  `openssl agrees${hasOpenssl ? "" : " (SKIPPED: there is no openssl on this machine)"}`,
  () => {
    it("on what a push certificate holds, and on the chain", () => {
      const folder = mkdtempSync(join(tmpdir(), "apns-credentials-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, "ca.pem"), authority.cert);
      writeFileSync(join(folder, "client.pem"), client.cert);
      const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, encoding: "utf8" });
      expect(openssl("verify", "-CAfile", "ca.pem", "-purpose", "sslclient", "client.pem")).toBe("client.pem: OK\n");
      const text = openssl("x509", "-in", "client.pem", "-noout", "-text");
      expect(text).toContain(
        "UID = com.example.App, CN = Apple Push Services: com.example.App, OU = TEAM123456, C = US",
      );
      expect(text).toContain("TLS Web Client Authentication");
      for (const suffix of [1, 2, 6]) expect(text).toContain(`1.2.840.113635.100.6.3.${suffix}:`);
    });
  },
);
