import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { testIdentities } from "@apns/testkit";
import { expect, test } from "vitest";
import { certificateSentence, readOwnCertificate, readTlsIdentity } from "../src/index.js";

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../credentials/test/fixtures/${name}`, import.meta.url));

test("the certificate of a PEM identity, with its issuer behind it, is read", async () => {
  const { client, ca } = await testIdentities();
  const certificate = readOwnCertificate(readTlsIdentity({ ...client, cert: client.cert + ca }));
  expect(certificate).toMatchObject({ defaultTopic: "com.example.App", teamId: "TEAM123456" });
  expect(certificateSentence(certificate!)).toBe(
    "The certificate is for production and development and covers com.example.App (app), com.example.App.voip (voip), " +
      "com.example.App.complication (complication).",
  );
});

test("the certificate of a .p12 is read", () => {
  const context = readTlsIdentity({ pfx: fixture("aes-256.p12"), passphrase: "secret" });
  expect(readOwnCertificate(context)?.topics.length).toBeGreaterThan(0);
});

test("where there is none, nothing is said", () => {
  expect(readOwnCertificate(createSecureContext())).toBeUndefined();
});

test("a long list of topics is cut", () => {
  const topics = Array.from({ length: 12 }, (_, index) => ({ topic: `com.example.A${index}`, kind: "" }));
  const claims = {
    uid: undefined,
    topics,
    defaultTopic: undefined,
    environments: [],
    teamId: undefined,
    commonName: undefined,
  };
  expect(certificateSentence(claims)).toMatch(
    /^The certificate is not for pushing and covers com\.example\.A0, .*A9, 2 more\.$/,
  );
  expect(certificateSentence({ ...claims, topics: [] })).toBe(
    "The certificate is not for pushing and covers no topic.",
  );
});
