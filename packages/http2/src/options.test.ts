import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Http2ClientOptions, resolveHttp2ClientOptions } from "./options.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const auth = { type: "token", key: pem, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
const resolve = (options: unknown) =>
  resolveHttp2ClientOptions({ environment: "production", ...(options as object) } as Http2ClientOptions);

describe("options", () => {
  test("have defaults", () => {
    expect(resolve({ auth })).toMatchObject({
      endpoint: { host: "api.push.apple.com", port: 443 },
      timeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 20_000,
      queueTimeoutMs: 30_000,
      maxQueued: 100_000,
      maxConnections: 4,
      verifyServer: true,
      proxy: undefined,
    });
  });

  test.each([
    ["as it is", pem],
    ["as bytes", Buffer.from(pem)],
    ["as a KeyObject", privateKey],
    ["with escaped line breaks", pem.replaceAll("\n", "\\n")],
    ["without line breaks", pem.replaceAll("\n", "")],
    ["with blanks for line breaks", pem.replaceAll("\n", " ")],
    ["with Windows line breaks", pem.replaceAll("\n", "\r\n")],
    ["with room around it", `\n\n  ${pem}\n\n`],
    ["in quotes, as JSON and .env files have it", JSON.stringify(pem)],
    ["in base64, as secrets are often kept", Buffer.from(pem).toString("base64")],
  ])("take the signing key %s", (_, key) => {
    const resolved = resolve({ auth: { ...auth, key } });
    expect(resolved.auth.type === "token" && resolved.auth.key.equals(privateKey)).toBe(true);
  });

  const secret = pem.slice(40, 80);
  test.each([
    ["auth", {}, /auth: is neither/],
    ["auth", { auth: { type: "password" } }, /auth: is neither/],
    ["auth.key", { auth: { ...auth, key: "" } }, /auth\.key: is empty/],
    [
      "auth.key",
      { auth: { ...auth, key: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` } },
      /auth\.key: cannot be read/,
    ],
    ["auth.key", { auth: { ...auth, key: publicKey } }, /auth\.key: is a public key/],
    ["auth.key", { auth: { ...auth, key: undefined } }, /auth\.key: undefined is not a key; .* environment variable/],
    ["auth.key", { auth: { ...auth, key: null } }, /auth\.key: null is not a key/],
    ["auth.key", { auth: { ...auth, key: { pem } } }, /auth\.key: an object is not a key/],
    [
      "auth.key",
      { auth: { ...auth, key: "./keys/AuthKey_ABC123DEFG.p8" } },
      /auth\.key: is the name of a file, .* readFile/,
    ],
    ["auth.key", { auth: { ...auth, key: "C:\\new\\AuthKey.p8" } }, /auth\.key: is the name of a file/],
    [
      "auth.key",
      { auth: { ...auth, key: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" } },
      /auth\.key: holds a certificate, not a signing key; .* authenticate by certificate/,
    ],
    [
      "auth.key",
      { auth: { ...auth, key: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey } },
      /auth\.key: is of type rsa/,
    ],
    ["auth.keyId", { auth: { ...auth, keyId: "short" } }, /auth\.keyId: is not ten letters and digits/],
    ["auth.teamId", { auth: { ...auth, teamId: undefined } }, /auth\.teamId: undefined is not a text/],
    ["auth", { auth: { type: "certificate", cert: "x" } }, /auth: a certificate needs both cert and key/],
    ["timeoutMs", { auth, timeoutMs: 0 }, /timeoutMs: 0 is not a whole number from 1/],
    ["connectTimeoutMs", { auth, connectTimeoutMs: 1.5 }, /connectTimeoutMs: 1.5 is not a whole number/],
    ["maxQueued", { auth, maxQueued: -1 }, /maxQueued: -1 is not/],
    ["headers.te", { auth, headers: { te: "x" } }, /headers\.te: belongs to the connection or to HTTP\/2/],
    [
      "headers.content-length",
      { auth, headers: { "content-length": "x" } },
      /headers\.content-length: belongs to the connection or to HTTP\/2/,
    ],
    [
      "headers.connection",
      { auth, headers: { connection: "x" } },
      /headers\.connection: belongs to the connection or to HTTP\/2/,
    ],
    [
      "headers.transfer-encoding",
      { auth, headers: { "transfer-encoding": "x" } },
      /headers\.transfer-encoding: belongs to the connection or to HTTP\/2/,
    ],
    ["headers.host", { auth, headers: { host: "x" } }, /headers\.host: belongs to the connection or to HTTP\/2/],
    ["headers.apns-id", { auth, headers: { "apns-id": "x" } }, /headers\.apns-id: is set by the transport/],
    [
      "environment",
      { auth, environment: "sandbox" },
      /environment: "sandbox" is not "production".* sandbox is "development"\./,
    ],
  ])("with a bad %s are refused by name, without a secret in the message", (field, options, message) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ field, message: expect.stringMatching(message) }));
    expect(() => resolve(options)).not.toThrow(expect.objectContaining({ message: expect.stringContaining(secret) }));
  });
});
