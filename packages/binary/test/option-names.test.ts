// Plain JavaScript: options that are misspelt, or of another library, are refused by name.
import { testIdentities } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { alert, BinaryTransport, feedback, pollFeedback } from "../src/index.js";

const { client } = await testIdentities();
const auth = { type: "certificate", ...client };
// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Untyped = any;

describe.each<[string, (options: Untyped) => unknown]>([
  ["BinaryTransport", (options) => new BinaryTransport(options)],
  ["feedback", feedback],
  ["pollFeedback", pollFeedback],
])("the options of %s", (name, make) => {
  test.each<[object | undefined, string]>([
    [undefined, `options: undefined is not an object with options of ${name}.`],
    [{ conectTimeoutMs: 5 }, `conectTimeoutMs: is no option of ${name}. Do you mean "connectTimeoutMs"?`],
    [{ production: false }, `production: is no option of ${name}: write environment: "production" or "development".`],
    [{ pfx: client.cert }, `pfx: is no option of ${name}: it belongs into auth`],
    [{ auth: { ...auth, passfrase: "x" } }, 'auth.passfrase: is no option of a certificate. Do you mean "passphrase"?'],
  ])("%#", (options, message) => {
    const given = options && { environment: "development", auth, ...options };
    expect(() => make(given)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });
});

test("the options of send", async () => {
  const transport = new BinaryTransport({ environment: "development", auth } as Untyped);
  await expect(transport.send(alert({ aps: {} }), "ab".repeat(32), { tiemoutMs: 5 } as Untyped)).rejects.toMatchObject({
    field: "tiemoutMs",
    message: expect.stringContaining('"timeoutMs"'),
  });
  await transport.close();
});
