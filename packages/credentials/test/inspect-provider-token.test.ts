import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CredentialFile, inspectProviderToken } from "../src/index.ts";
import { fixture } from "./fixture.ts";

const key = fixture("AuthKey_ABC123DEFG.p8").toString();
const at = new Date("2026-05-01T12:00:00Z");
const seconds = at.getTime() / 1000;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(header: object, claims: object, dsaEncoding: "ieee-p1363" | "der" = "ieee-p1363"): string {
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding }).toString("base64url")}`;
}

const header = { alg: "ES256", kid: "ABC123DEFG" };
const claims = { iss: "TEAM123456", iat: seconds - 600 };
const good = token(header, claims);

describe("inspectProviderToken refuses", () => {
  it.each<[string, CredentialFile, string, RegExp]>([
    ["a key", key, "WRONG_KIND", /^provider token is a private key, not a provider token/],
    ["nothing", " ", "EMPTY", /is empty/],
    ["two parts", "eyJh.eyJp", "UNREADABLE", /neither PEM nor DER/],
    ["a header that is no JSON", "AAAA.e30.AAAA", "UNREADABLE", /the header of provider token is not a JSON object/],
    [
      "claims that are a list",
      `e30.${base64url([])}.AAAA`,
      "UNREADABLE",
      /the claims of provider token is not a JSON object/,
    ],
  ])("%s", (_name, given, code, message) => {
    expect(() => inspectProviderToken(given)).toThrow(
      expect.objectContaining({ code: `ERR_APNS_CREDENTIALS_${code}`, message: expect.stringMatching(message) }),
    );
  });

  it.each<[string, CredentialFile, string, RegExp]>([
    ["a key of a certificate", fixture("push.key"), "KEY_UNSUITABLE", /RSA 2048/],
    ["a certificate", fixture("universal.cer"), "WRONG_KIND", /is a certificate, not a key/],
  ])("to check it with %s", (_name, wrongKey, code, message) => {
    expect(() => inspectProviderToken(good, { key: wrongKey })).toThrow(
      expect.objectContaining({ code: `ERR_APNS_CREDENTIALS_${code}`, message: expect.stringMatching(message) }),
    );
  });
});

describe("inspectProviderToken", () => {
  const expected = {
    keyId: "ABC123DEFG",
    teamId: "TEAM123456",
    algorithm: "ES256",
    issuedAt: new Date(at.getTime() - 600_000),
    ageMs: 600_000,
    signature: "valid",
    ok: true,
    problems: [],
  };

  it("finds nothing to say against a good one", () => {
    expect(inspectProviderToken(good, { at, key })).toEqual(expected);
    expect(inspectProviderToken(good, { at, key, keyId: "ABC123DEFG", teamId: "TEAM123456" })).toEqual(expected);
    expect(inspectProviderToken(good, { at })).toEqual({ ...expected, signature: "unchecked" });
  });

  it("takes it as it stands in a header, and the public key", () => {
    const publicKey = createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "pem" }) as string;
    expect(inspectProviderToken(`authorization: bearer ${good}\n`, { at, key: publicKey })).toEqual(expected);
    expect(
      inspectProviderToken({ name: "TOKEN", content: Buffer.from(`Bearer ${good}`) }, { at, key: publicKey }),
    ).toEqual(expected);
  });

  it("takes a signature in DER, as APNs does", () => {
    expect(inspectProviderToken(token(header, claims, "der"), { at, key }).signature).toBe("valid");
  });

  it.each<[string, object, object, string, "refused" | "warning", RegExp]>([
    ["another algorithm", { ...header, alg: "RS256" }, claims, "ALGORITHM", "refused", /"alg" is "RS256"/],
    ["no algorithm", { kid: header.kid }, claims, "ALGORITHM", "refused", /"alg" is missing/],
    ["no key ID", { alg: "ES256" }, claims, "KEY_ID", "refused", /"kid" is missing, no key ID/],
    ["a key ID of another shape", { ...header, kid: "abc" }, claims, "KEY_ID", "refused", /"kid" is "abc", no key ID/],
    [
      "another key ID",
      { ...header, kid: "XYZ123DEFG" },
      claims,
      "KEY_ID",
      "refused",
      /is "XYZ123DEFG", not "ABC123DEFG"/,
    ],
    ["no team ID", header, { iat: claims.iat }, "TEAM_ID", "refused", /"iss" is missing/],
    ["another team ID", header, { ...claims, iss: "TEAM999999" }, "TEAM_ID", "refused", /not "TEAM123456"/],
    ["no time", header, { iss: claims.iss }, "ISSUED_AT", "refused", /"iat" is missing$/],
    ["a time as text", header, { ...claims, iat: String(seconds) }, "ISSUED_AT", "refused", /"iat" is "1777636800"$/],
    ["milliseconds", header, { ...claims, iat: seconds * 1000 }, "ISSUED_AT", "refused", /looks like milliseconds/],
    [
      "an age of over an hour",
      header,
      { ...claims, iat: seconds - 3601 },
      "EXPIRED",
      "refused",
      /more than an hour ago/,
    ],
    [
      "an age of nearly an hour",
      header,
      { ...claims, iat: seconds - 3600 },
      "SOON_EXPIRED",
      "warning",
      /expires at 2026-05-01T12:00:00/,
    ],
    ["a time to come", header, { ...claims, iat: seconds + 61 }, "FROM_THE_FUTURE", "warning", /in the future/],
  ])("finds %s", (_name, changedHeader, changedClaims, code, severity, problem) => {
    const report = inspectProviderToken(token(changedHeader, changedClaims), {
      at,
      key,
      keyId: "ABC123DEFG",
      teamId: "TEAM123456",
    });
    expect(report.problems).toMatchObject([{ code, severity, problem: expect.stringMatching(problem) }]);
    expect(report.ok).toBe(severity === "warning");
  });

  it("finds the signature of another key", () => {
    const [head, body] = good.split(".");
    for (const signature of [
      "",
      Buffer.alloc(64, 1).toString("base64url"),
      Buffer.alloc(70, 1).toString("base64url"),
    ]) {
      const report = inspectProviderToken(`${head}.${body}.${signature}`, { at, key });
      expect(report).toMatchObject({ signature: "invalid", ok: false, problems: [{ code: "SIGNATURE" }] });
    }
  });

  it("tolerates a clock that differs by a minute", () => {
    expect(inspectProviderToken(token(header, { ...claims, iat: seconds + 60 }), { at }).problems).toEqual([]);
    expect(inspectProviderToken(token(header, { ...claims, iat: seconds - 3300 }), { at }).problems).toEqual([]);
  });

  it("does not give the token back", () => {
    expect(JSON.stringify(inspectProviderToken(good, { at, key }))).not.toContain(good.split(".")[2]!);
  });
});
