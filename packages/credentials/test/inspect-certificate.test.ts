import { describe, expect, it } from "vitest";
import { CertificateAuthority, type CredentialFile, inspectCertificates } from "../src/index.ts";
import { fixture, namedFixture, passphrase } from "./fixture.ts";

const app = "com.example.App";
const at = new Date("2026-01-01T00:00:00Z");
const inspect = (files: CredentialFile | CredentialFile[]) => inspectCertificates(files, { at, passphrase });
const usual = [
  { topic: app, kind: "app" },
  { topic: `${app}.voip`, kind: "voip" },
  { topic: `${app}.complication`, kind: "complication" },
];

describe("inspectCertificates refuses", () => {
  it.each<[string, CredentialFile, string, RegExp]>([
    [
      "a key",
      namedFixture("AuthKey_ABC123DEFG.p8"),
      "NO_CERTIFICATE",
      /^AuthKey_ABC123DEFG\.p8 holds a private key, but no/,
    ],
    ["a .p12 of a key", fixture("key-only.p12"), "NO_CERTIFICATE", /^the file holds a private key/],
    ["a request", fixture("request.csr"), "WRONG_KIND", /is a certificate signing request/],
    ["nothing", "", "EMPTY", /is empty/],
    ["noise", Buffer.from("deadbeef", "hex"), "UNREADABLE", /4 bytes/],
  ])("%s", (_name, file, code, message) => {
    expect(() => inspect(file)).toThrow(
      expect.objectContaining({ code: `ERR_APNS_CREDENTIALS_${code}`, message: expect.stringMatching(message) }),
    );
  });
});

describe("inspectCertificates", () => {
  it("says everything about a certificate with its key and its chain", () => {
    expect(
      inspect([fixture("universal.cer"), fixture("push.key"), fixture("root.pem"), fixture("intermediate.pem")]),
    ).toEqual([
      {
        uid: app,
        topics: usual,
        defaultTopic: app,
        environments: ["production", "development"],
        teamId: "TEAM123456",
        commonName: `Apple Push Services: ${app}`,
        notBefore: new Date("2024-01-01T00:00:00Z"),
        notAfter: new Date("2124-01-01T00:00:00Z"),
        serialNumber: expect.stringMatching(/^[0-9a-f]{20,40}$/),
        kind: "universal",
        validity: "valid",
        daysLeft: 35_793,
        issuer: "Fixture Worldwide Developer Relations",
        sha256Fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        publicKey: "RSA 2048",
        privateKey: "matches",
        chain: [
          {
            commonName: "Fixture Worldwide Developer Relations",
            notAfter: new Date("2124-01-01T00:00:00Z"),
            validity: "valid",
          },
          { commonName: "Fixture Root CA", notAfter: new Date("2124-01-01T00:00:00Z"), validity: "valid" },
        ],
        chainIsComplete: true,
      },
    ]);
  });

  it.each([
    ["universal", "universal", ["production", "development"], usual],
    ["development", "development", ["development"], [{ topic: app, kind: "app" }]],
    ["production", "production", ["production"], [{ topic: app, kind: "app" }]],
    ["voip", "voip", ["production", "development"], [{ topic: `${app}.voip`, kind: "app" }]],
    ["watch", "watch", ["production"], [{ topic: `${app}.watchkitapp`, kind: "app" }]],
    ["pass", "pass", ["production"], [{ topic: "pass.com.example.App", kind: "app" }]],
    ["website", "website", ["production"], [{ topic: "web.com.example", kind: "app" }]],
    ["mdm", "mdm", ["production"], [{ topic: "com.apple.mgmt.External.5f0c", kind: "app" }]],
    ["developer", "other", [], [{ topic: "TEAM123456", kind: "app" }]],
    ["root", "other", [], []],
  ])("knows what %s.pem is for", (name, kind, environments, topics) => {
    expect(inspect(fixture(`${name}.pem`))).toMatchObject([
      { kind, environments, topics, privateKey: "absent", chain: [], chainIsComplete: name === "root" },
    ]);
  });

  it("knows a complication's, which has a topic of its own", async () => {
    const { CertificateAuthority } = await import("../src/index.ts");
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { cert } = await authority.issuePushCertificate({
      bundleId: `${app}.complication`,
      teamId: "TEAM123456",
      environments: ["production"],
    });
    expect(inspectCertificates(cert)).toMatchObject([
      { kind: "complication", publicKey: "EC prime256v1", daysLeft: 396 },
    ]);
  });

  it("tells an expired certificate, and one that is not valid yet", () => {
    expect(inspect(fixture("expired.pem"))).toMatchObject([{ validity: "expired", daysLeft: -1797 }]);
    expect(inspect(fixture("future.pem"))).toMatchObject([{ validity: "not-yet-valid" }]);
    const [end] = inspectCertificates(fixture("expired.pem"), { at: new Date("2021-01-30T12:00:00Z") });
    expect(end).toMatchObject({ validity: "valid", daysLeft: 0 });
    const [past] = inspectCertificates(fixture("expired.pem"), { at: new Date("2021-01-30T12:00:01Z") });
    expect(past).toMatchObject({ validity: "expired", daysLeft: -1 });
    const [start] = inspectCertificates(fixture("future.pem"), { at: new Date("2100-01-01T00:00:00Z") });
    expect(start!.validity).toBe("valid");
  });

  it("tells whether a key is the certificate's", () => {
    expect(inspect([fixture("universal.pem"), fixture("other.key")])).toMatchObject([{ privateKey: "differs" }]);
    expect(inspect([fixture("universal.pem"), fixture("encrypted-aes.key")])).toMatchObject([
      { privateKey: "matches" },
    ]);
  });

  it("looks into a .p12", () => {
    expect(inspect(fixture("rc2-40.p12"))).toMatchObject([
      { kind: "universal", privateKey: "matches", chain: [{ validity: "valid" }], chainIsComplete: false },
    ]);
    expect(inspect(fixture("certificate-only.p12"))).toMatchObject([{ kind: "universal", privateKey: "absent" }]);
  });

  it("reports on each certificate that is there", () => {
    expect(inspect([fixture("pass.pem"), fixture("voip.pem"), fixture("intermediate.pem")])).toMatchObject([
      { kind: "pass" },
      { kind: "voip" },
    ]);
  });
});

describe("a certificate is for", () => {
  it.each<[string, string, readonly string[] | undefined, string, string | undefined]>([
    ["a pass", "pass.com.example.ticket", undefined, "pass", "pass.com.example.ticket"],
    ["an order", "order.com.example", undefined, "order", "order.com.example"],
    ["an app of several topics", app, [app, `${app}.voip`], "production", app],
    ["an app of one topic that is not its own", app, [`${app}.voip`], "production", `${app}.voip`],
    ["topics of others only", app, ["com.example.A", "com.example.B"], "production", undefined],
  ])("%s, and names the topic of notifications without one", async (_, bundleId, topics, kind, defaultTopic) => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { cert } = await authority.issuePushCertificate({
      bundleId,
      teamId: "TEAM123456",
      environments: ["production"],
      ...(topics === undefined ? {} : { topics: topics.map((topic) => ({ topic, kind: "app" })) }),
    });
    expect(inspectCertificates(cert)).toMatchObject([{ kind, defaultTopic, uid: bundleId }]);
  });

  it("passes and orders by name alone, without the mark of an environment", async () => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    for (const [commonName, kind] of [
      ["Pass Type ID: pass.com.example.ticket", "pass"],
      ["Order Type ID: order.com.example", "order"],
      ["VoIP Services: com.example.App", "other"],
    ] as const) {
      const { cert } = await authority.issueServer({ hosts: [commonName] });
      expect(inspectCertificates(cert)).toMatchObject([{ kind, defaultTopic: undefined, environments: [] }]);
    }
  });
});
