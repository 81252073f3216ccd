import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { credentialForms, type DerNode, parseTree, serializeTree } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { Http2Transport, signProviderToken } from "../index.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const locked = { type: "pkcs8", cipher: "aes-256-cbc", passphrase: "secret" } as const;
const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
const sec1 = privateKey.export({ type: "sec1", format: "der" });
const ids = { keyId: "KEY1234567", teamId: "TEAM123456" };

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`;

/** The key with a number twice as long as its curve: Node 20 ends its process when asked for the curve's name. */
function tooLong(der: Buffer, numberOf: (root: DerNode) => DerNode): Buffer {
  const root = parseTree(der);
  const number = numberOf(root);
  number.content = Buffer.concat([number.content, number.content]);
  number.children = undefined;
  return serializeTree(root);
}
const longPkcs8 = tooLong(pkcs8, (root) => root.children![2]!.children![0]!.children![1]!);
const longSec1 = tooLong(sec1, (root) => root.children![1]!);

describe("a signing key that Node must not see is refused", () => {
  test.each<[string, string | Uint8Array | KeyObject, RegExp]>([
    ["too long a number", pem("PRIVATE KEY", longPkcs8), /^cannot be read/],
    ["too long a number, as bytes", Buffer.from(pem("PRIVATE KEY", longPkcs8)), /^cannot be read/],
    ["too long a number, in SEC 1", pem("EC PRIVATE KEY", longSec1), /^cannot be read/],
    [
      "too long a number, read by Node already",
      createPrivateKey({ key: longPkcs8, format: "der", type: "pkcs8" }),
      /^cannot be read/,
    ],
    ["bytes behind it", pem("PRIVATE KEY", Buffer.concat([pkcs8, Buffer.of(0)])), /^cannot be read/],
    ["a secret key's bytes", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", /^cannot be read/],
    [
      "another curve",
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey,
      /^is of type EC on the curve 1\.3\.132\.0\.10; APNs signs with EC P-256/,
    ],
    [
      "a curve spelled out",
      generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" }).privateKey,
      /^is of type EC on a curve of its own/,
    ],
    ["a curve of NIST's", generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey, /is of type ec on secp384r1/],
    [
      "encryption",
      privateKey.export({ ...locked, format: "pem" }),
      /^is encrypted and needs a passphrase; readPrivateKey of @apns\/credentials opens it/,
    ],
    ["half of it", publicKey.export({ type: "spki", format: "pem" }), /^is a public key/],
    ["half of it in base64", publicKey.export({ type: "spki", format: "der" }).toString("base64"), /^is a public key/],
    ["encryption, in DER", privateKey.export({ ...locked, format: "der" }), /^is encrypted and needs a passphrase/],
    ["a key twice", pem("PRIVATE KEY", pkcs8).repeat(2), /^holds 2 private keys/],
    [
      "a provider token",
      `eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjF9.${"A".repeat(86)}`,
      /^is a provider token \(JWT\), not a signing key/,
    ],
    ["a megabyte", "x".repeat(1_100_000), /^has 1100000 bytes; give the text of the \.p8 file/],
  ])("for %s", (_, key, problem) => {
    // The message begins with the field, as the caller wrote it.
    const refusal = (field: string) =>
      expect.objectContaining({
        code: "ERR_APNS_CREDENTIALS",
        field,
        message: expect.stringMatching(new RegExp(problem.source.replace("^", `^${field}: `))),
      });
    expect(() => signProviderToken({ key, ...ids })).toThrow(refusal("key"));
    expect(() => new Http2Transport({ environment: "production", auth: { type: "token", key, ...ids } })).toThrow(
      refusal("auth.key"),
    );
  });
});

describe.each([
  ["PKCS#8", "PRIVATE KEY", pkcs8],
  ["SEC 1", "EC PRIVATE KEY", sec1],
])("a signing key in %s is read", (_, label, der) => {
  test.each(Object.entries(credentialForms(pem(label, der))))("%s", (_form, key) => {
    expect(signProviderToken({ key, ...ids })).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
  });
});
