import { describe, expect, test } from "vitest";
import { resolveEnvironment } from "../environment.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "./check.js";
import { describeSecret, mightBeSecret, secretKind, showPath, withoutSecrets } from "./secret.js";

const body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq3Yb0nV7LZ4kR2xT9fJ8sD1mWcPqEo6uHyGtXiN5aBKhRANCAAT0s1";
const pem = `-----BEGIN PRIVATE KEY-----\n${body.slice(0, 64)}\n${body.slice(64)}\n-----END PRIVATE KEY-----\n`;
const certificate = pem.replaceAll("PRIVATE KEY", "CERTIFICATE");
const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJURUFNMTIzNDU2In0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";

describe("what a text looks like", () => {
  test.each([
    ["a key", pem, "a private key (PEM)"],
    ["a key without its line breaks", pem.replaceAll("\n", " "), "a private key (PEM)"],
    ["a key with escaped line breaks", pem.replaceAll("\n", "\\n"), "a private key (PEM)"],
    ["a key that is cut off", pem.slice(0, 40), "a private key (PEM)"],
    ["another kind of key", "-----BEGIN EC PRIVATE KEY-----", "a private key (PEM)"],
    ["an encrypted key", "-----BEGIN ENCRYPTED PRIVATE KEY-----", "a private key (PEM)"],
    ["a certificate", certificate, "a certificate (PEM)"],
    ["something else in PEM", "-----BEGIN DH PARAMETERS-----", "a key or certificate (PEM)"],
    ["base64 of PEM", btoa(pem), "a key or certificate (base64 of a PEM file)"],
    ["base64 of PEM behind one byte", btoa(`x${pem}`), "a key or certificate (base64 of a PEM file)"],
    ["base64 of PEM behind two bytes", btoa(`xx${pem}`), "a key or certificate (base64 of a PEM file)"],
    ["the body of a key", body, "a key, certificate or .p12 (base64)"],
    ["the body of a key in lines", pem.split("\n").slice(1, 3).join("\n"), "a key, certificate or .p12 (base64)"],
    ["a token", jwt, "a provider token (JWT)"],
    ["a token as a header has it", `bearer ${jwt}`, "a provider token (JWT)"],
    ["the beginning of a token", jwt.slice(0, 15), "a provider token (JWT)"],
    ["the rest of a key", body.slice(20), "base64, as of a part of a key"],
  ])("%s", (_, text, kind) => {
    expect(secretKind(text)).toBe(kind);
    expect(mightBeSecret(text)).toBe(true);
    expect(describeSecret(text)).toBe(`text that looks like ${kind}`);
    expect(show(text)).toBe(`text that looks like ${kind}`);
    expect(withoutSecrets(`open: '${text}'`)).not.toMatch(/q3Yb0nV7|c3MiOiJU|cTNZYjBu/);
  });

  test.each([
    ["letters and digits at random", "qG5sM49AgEGCCqGSM49"],
    ["a password in a URL", "http://user:secret@proxy.example:3128"],
    ["a text of more than 255 characters", "many words ".repeat(24)],
  ])("%s may be a secret", (_, text) => {
    expect(secretKind(text)).toBeUndefined();
    expect(mightBeSecret(text)).toBe(true);
    expect(show(text)).toBe(`text of ${text.length} characters (not repeated here: it may be a secret)`);
  });

  test.each([
    "keys/AuthKey_ABC123DEFG.p8",
    "/home/jane/AuthKey20240131Production.p8",
    "C:\\keys\\push.pem",
    "com.example.App.voip",
    "api.sandbox.push.apple.com",
    "http://proxy.example:3128",
    "ABC123DEFG",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "2026-01-01T00:00:00.000Z",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "productoin",
    "12x",
    "",
  ])("%j is plainly none, and is repeated", (text) => {
    expect(mightBeSecret(text)).toBe(false);
    expect(show(text)).toBe(JSON.stringify(text));
    expect(withoutSecrets(text)).toBe(text);
  });
});

test.each(["qG5sM49AgEGCCqGSM49AwEHBG", "http://user:secret@proxy.example:3128", "_-".repeat(128)])(
  "in a text by others, %j is replaced",
  (text) => {
    expect(withoutSecrets(`open '${text}': no`)).toBe(`open '[${show(text)}]': no`);
  },
);

test("in a text by others, only what may be a secret is replaced", () => {
  expect(withoutSecrets(`ENOENT: no such file or directory, open '${body}'`)).toBe(
    "ENOENT: no such file or directory, open '[text that looks like a key, certificate or .p12 (base64)]'",
  );
  expect(withoutSecrets(`${pem}is not a host name.`)).toBe(
    "[text that looks like a private key (PEM)]\nis not a host name.",
  );
  expect(withoutSecrets(`see ${pem.slice(0, -50)}: no`)).toBe("see [text that looks like a private key (PEM)]");
  const hint = "give the text of the .p8 file, from -----BEGIN PRIVATE KEY----- to the end.";
  expect(withoutSecrets(hint)).toBe(hint);
  for (const id of ["ab12".repeat(16), "dHN0LXNyY2gtY2hubA==", "kZ3xQ9bT2mW7pR4sV8nY1A=="]) {
    expect(withoutSecrets(`${id} is unknown.`)).toBe(`${id} is unknown.`);
  }
});

test("a path is repeated as it is, whatever its length, unless it may be a secret", () => {
  for (const path of [
    `/home/jane/${"a folder with a long name/".repeat(5)}AuthKey_ABC123DEFG.p8`,
    "/Users/JohnDoe/Documents/Work/ClientABC/APNS/2024/Q3/PushCampaigns/Outcomes/run.ndjson",
    "/Users/JohnDoe/Documents/Work/ClientABC/APNS/2024/Q3/PushCampaigns/Outcomes",
  ]) {
    expect(showPath(path)).toBe(path);
    expect(withoutSecrets(`there is no file '${path}'`)).toBe(`there is no file '${path}'`);
  }
  expect(showPath("keys/\u001b[31m.p8")).toBe(String.raw`keys/\u001b[31m.p8`);
  expect(showPath(body)).toBe("text that looks like a key, certificate or .p12 (base64)");
  expect(showPath("several\nlines")).toBe("text of 13 characters (not repeated here: it may be a secret)");
});

test("a value that is no text, or too long, is shown in short; what would steer a terminal is escaped", () => {
  expect(show("a ".repeat(40))).toBe(`"${"a ".repeat(20)}…"`);
  expect(show("\u009b31m\u202e\n")).toBe(String.raw`"\u009b31m\u202e\n"`);
  expect([show(undefined), show([]), show({}), show(1)]).toEqual(["undefined", "an array", "an object", "1"]);
});

test("an error about a field does not repeat the key that was put there", () => {
  expect(() => resolveEnvironment({ host: body }, "http2")).toThrow(
    new InvalidArgumentError(
      "environment.host",
      "text that looks like a key, certificate or .p12 (base64) is not a host name or an IP address alone; the port is an option of its own.",
    ),
  );
});

test("texts that are made to take long take no longer than others", () => {
  for (const part of ["-----BEGIN A-----", "eyJ", "MA", "//a", "aA", "M", "LS0tLS1CRUdJTi"]) {
    const text = part.repeat(Math.ceil(1_000_000 / part.length));
    expect(withoutSecrets(text).length).toBeLessThan(1_100_000);
    expect(mightBeSecret(text)).toBe(true);
  }
});
