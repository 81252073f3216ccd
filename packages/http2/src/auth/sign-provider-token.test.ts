import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signProviderToken } from "../index.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const options = { key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" };

describe("signProviderToken", () => {
  test.each([
    ["keyId", { keyId: "short" }],
    ["teamId", { teamId: "" }],
    ["issuedAt", { issuedAt: -1 }],
    ["issuedAt", { issuedAt: Number.NaN }],
  ])("names a wrong %s", (field, wrong) => {
    expect(() => signProviderToken({ ...options, ...wrong })).toThrow(
      expect.objectContaining({ code: "ERR_APNS_INVALID_ARGUMENT", field }),
    );
  });

  test("refuses a key of another kind", () => {
    const key = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    expect(() => signProviderToken({ ...options, key })).toThrow(
      expect.objectContaining({ code: "ERR_APNS_CREDENTIALS", field: "key" }),
    );
  });

  test("holds key, team and time, and nothing else", () => {
    const token = signProviderToken({ ...options, issuedAt: 1_700_000_000_999 });
    const [header, claims, signature] = token.split(".") as [string, string, string];
    const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(decode(header)).toEqual({ alg: "ES256", typ: "JWT", kid: "KEY1234567" });
    expect(decode(claims)).toEqual({ iss: "TEAM123456", iat: 1_700_000_000 });
    const key = { key: createPublicKey(privateKey), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"))).toBe(true);
  });

  test("is issued now by default", () => {
    const before = Math.floor(Date.now() / 1000);
    const { iat } = JSON.parse(Buffer.from(signProviderToken(options).split(".")[1]!, "base64url").toString());
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(Date.now() / 1000);
  });
});
