// Plain JavaScript: options that are misspelt, or of another library, are refused by name.
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { alert, ChannelClient, Http2Transport } from "../src/index.js";

const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key, keyId: "KEY1234567", teamId: "TEAM123456" };
// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Untyped = any;

const shared = (name: string): object => (name === "ChannelClient" ? { bundleId: "com.example.App" } : {});

describe.each<[string, (options: Untyped) => unknown]>([
  ["Http2Transport", (options) => new Http2Transport(options)],
  ["ChannelClient", (options) => new ChannelClient(options)],
])("the options of %s", (name, make) => {
  test.each<[object | undefined, string]>([
    [undefined, `options: undefined is not an object with options of ${name}.`],
    [{ tiemoutMs: 5 }, `tiemoutMs: is no option of ${name}. Do you mean "timeoutMs"?`],
    [{ production: false }, `production: is no option of ${name}: write environment: "production" or "development".`],
    [{ host: "localhost" }, `host: is no option of ${name}: write environment: { host, port }.`],
    [{ token: { key } }, `token: is no option of ${name}: it belongs into auth`],
  ])("%j", (options, message) => {
    const given = options && { environment: "development", auth, ...shared(name), ...options };
    expect(() => make(given)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });

  test("within auth and environment", () => {
    const makeWith = (options: object) => () => make({ environment: "development", auth, ...shared(name), ...options });
    expect(makeWith({ auth: { ...auth, keyID: "KEY1234567" } })).toThrow(
      'auth.keyID: is no option of a provider token. Do you mean "keyId"?',
    );
    expect(makeWith({ auth: { type: "certificate", pem: "" } })).toThrow("auth.pem: is no option of a certificate");
    expect(makeWith({ environment: { host: "localhost", prot: 1 } })).toThrow(
      'environment.prot: is no option of an endpoint. Do you mean "port"?',
    );
  });
});

test("the options of send", async () => {
  const transport = new Http2Transport({ environment: "development", auth } as Untyped);
  await expect(transport.send(alert({ aps: {} }), "00ff", { tiemoutMs: 5 } as Untyped)).rejects.toMatchObject({
    field: "tiemoutMs",
    message: expect.stringContaining('"timeoutMs"'),
  });
  await transport.close();
});
