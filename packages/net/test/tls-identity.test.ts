import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { credentialForms, testIdentities } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { readTlsIdentity } from "../src/index.js";

// Node compares key and certificate, so a context is made of the right pair only.
describe("a TLS identity is read", () => {
  test.each(Object.keys(credentialForms("")))("from a certificate, a key and an authority %s", async (form) => {
    const { client, ca } = await testIdentities();
    const [cert, key, authority] = [client.cert, client.key, ca].map((pem) => credentialForms(pem)[form]!);
    expect(readTlsIdentity({ cert, key, ca: [authority!] })).toBeDefined();
  });

  test.each([
    ["rsa", "pkcs1"],
    ["ec", "sec1"],
  ] as const)("from a key in DER: %s, %s, or encrypted", async (keyType, type) => {
    const { authority } = await testIdentities();
    const { cert, key } = await authority.issueServer({ hosts: ["localhost"], keyType });
    const object = createPrivateKey(key);
    expect(readTlsIdentity({ cert, key: object.export({ type, format: "der" }) as Buffer })).toBeDefined();
    const locked = { type: "pkcs8", cipher: "aes-256-cbc", passphrase: "secret" } as const;
    for (const content of [
      object.export({ ...locked, format: "der" }),
      btoa(object.export({ ...locked, format: "pem" }) as string),
      object.export({ ...locked, type, format: "pem" }),
    ]) {
      expect(readTlsIdentity({ cert, key: content, passphrase: "secret" })).toBeDefined();
    }
  });

  test("from a chain in any order, beside the key in one file", async () => {
    const { authority, client } = await testIdentities();
    const file = client.key + authority.cert + client.cert;
    expect(readTlsIdentity({ cert: authority.cert + client.cert, key: client.key })).toBeDefined();
    expect(readTlsIdentity({ cert: file, key: file })).toBeDefined();
  });

  test("from a .p12 in base64", () => {
    const p12 = readFileSync(new URL("../../credentials/test/fixtures/aes-256.p12", import.meta.url));
    expect(readTlsIdentity({ pfx: Buffer.from(p12.toString("base64")), passphrase: "secret" })).toBeDefined();
  });
});
