// The frames on the wire, and what is refused before anything is written.
import { alert, background, notification } from "@apns/core";
import { describe, expect, test } from "vitest";
import type { BinaryTransportOptions, CertificateAuth, Format } from "../src/index.js";
import { connectTo, hello, pair, tokenOf } from "./helpers.js";
import { faithful } from "./raw-gateway.js";

const until = new Date("2030-01-01T00:00:00Z");
const untilSeconds = 1_893_456_000;

describe("every field arrives", () => {
  test.each<[Format, object]>([
    ["simple", { command: 0, identifier: 0, expiry: undefined, priority: undefined }],
    ["enhanced", { command: 1, identifier: 1, expiry: 0x7fffffff, priority: undefined }],
    ["framed", { command: 2, identifier: 1, expiry: 0x7fffffff, priority: 10 }],
  ])("format %s, defaults", async (format, fields) => {
    const script = faithful();
    const { transport } = await pair(script, { format });
    await transport.connect();
    void transport.send(alert({ aps: { alert: "\u00e9\u{1f44b}" } }), "AB".repeat(32));
    await transport.close();
    expect(script.accepted).toEqual([
      { ...fields, token: "ab".repeat(32), payload: '{"aps":{"alert":"\u00e9\u{1f44b}"}}', index: 0 },
    ]);
  });

  test.each<[Format, object, object]>([
    ["enhanced", { expiration: until }, { expiry: untilSeconds }],
    ["enhanced", { expiration: "once" }, { expiry: 0 }],
    ["framed", { expiration: until, priority: 5 }, { expiry: untilSeconds, priority: 5 }],
    ["framed", { expiration: "once", priority: 10 }, { expiry: 0, priority: 10 }],
  ])("format %s with %o", async (format, options, fields) => {
    const script = faithful();
    const { transport } = await pair(script, { format });
    void transport.send(alert({ aps: { alert: "Hi" }, ...options }), tokenOf(7));
    await transport.close();
    expect(script.accepted).toMatchObject([{ ...fields, token: tokenOf(7) }]);
  });

  test("device tokens of 1 to 100 bytes, mixed, and several notifications", async () => {
    const script = faithful();
    const { transport } = await pair(script, { format: "framed" });
    const deviceTokens = [32, 1, 100, 32, 64].map((length) => "c0".repeat(length));
    for (const [index, deviceToken] of deviceTokens.entries()) {
      void transport.send(index % 2 ? hello : background(), deviceToken);
    }
    await transport.close();
    expect(script.accepted.map(({ token }) => token)).toEqual(deviceTokens);
    expect(script.accepted.map(({ priority }) => priority)).toEqual([5, 10, 5, 10, 5]);
  });
});

describe("what cannot be carried is refused by name, and nothing is written", () => {
  const payload = (bytes: number): string =>
    JSON.stringify({ aps: {}, x: "" }).replace('""', `"${"x".repeat(bytes - 15)}"`);
  test.each<[string, Partial<BinaryTransportOptions>, Parameters<typeof notification>[0], string, string]>([
    ["2049 bytes", {}, { pushType: "alert", payload: payload(2050) }, "payload", "PAYLOAD_TOO_LARGE"],
    ["4097 bytes of voip", {}, { pushType: "voip", payload: payload(4098) }, "payload", "PAYLOAD_TOO_LARGE"],
    [
      "a limit of one's own",
      { maxPayloadBytes: 20 },
      { pushType: "alert", payload: payload(22) },
      "payload",
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "expiration, simple",
      { format: "simple" },
      { pushType: "alert", payload: "{}", expiration: until },
      "expiration",
      "UNSUPPORTED",
    ],
    [
      "priority 1, framed",
      { format: "framed" },
      { pushType: "alert", payload: "{}", priority: 1 },
      "priority",
      "UNSUPPORTED",
    ],
    ["strict: priority 5", { strict: true }, { pushType: "background", payload: "{}" }, "priority", "UNSUPPORTED"],
    [
      "strict: collapse id",
      { strict: true },
      { pushType: "alert", payload: "{}", collapseId: "a" },
      "collapseId",
      "UNSUPPORTED",
    ],
    ["strict: topic", { strict: true }, { pushType: "alert", payload: "{}", topic: "a.b" }, "topic", "UNSUPPORTED"],
    ["strict: push type", { strict: true }, { pushType: "voip", payload: "{}" }, "pushType", "UNSUPPORTED"],
  ])("%s", async (_, options, input, field, code) => {
    const { transport, gateway } = await pair(faithful(), options);
    const rejected = transport.send(notification(input), tokenOf(1));
    await expect(rejected).rejects.toMatchObject({ field, code: `ERR_APNS_${code}` });
    await transport.close();
    expect(gateway.connections).toHaveLength(0);
  });

  test("without strict the same are sent, less what the wire drops", async () => {
    const script = faithful();
    const { transport } = await pair(script);
    const dropped = notification({ pushType: "voip", payload: "{}", collapseId: "a", topic: "a.b", priority: 5 });
    const sending = transport.send(dropped, tokenOf(1), { apnsId: "11111111-2222-3333-4444-555555555555" });
    await transport.close();
    expect(await sending).toMatchObject({ kind: "accepted", apnsId: "11111111-2222-3333-4444-555555555555" });
    expect(script.accepted).toMatchObject([{ command: 1, payload: "{}" }]);
  });

  test("strict: an apnsId", async () => {
    const { transport } = await pair(faithful(), { strict: true });
    const sending = transport.send(hello, tokenOf(1), { apnsId: "11111111-2222-3333-4444-555555555555" });
    await expect(sending).rejects.toMatchObject({ field: "apnsId", code: "ERR_APNS_UNSUPPORTED" });
  });

  test.each(["", "zz".repeat(32), "abc", "ab".repeat(101), 5 as unknown as string])(
    "device token %s",
    async (deviceToken) => {
      const { transport } = await pair(faithful());
      await expect(transport.send(hello, deviceToken)).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    },
  );

  test.each([
    ["timeoutMs", { timeoutMs: 0 }],
    ["signal", { signal: {} as AbortSignal }],
  ])("send option %s", async (field, options) => {
    const { transport } = await pair(faithful());
    await expect(transport.send(hello, tokenOf(1), options)).rejects.toMatchObject({ field });
  });

  test("something that is no notification", async () => {
    const { transport } = await pair(faithful());
    await expect(transport.send({} as typeof hello, tokenOf(1))).rejects.toMatchObject({ field: "notification" });
  });
});

describe("options are checked in the constructor", () => {
  test.each<[string, Partial<BinaryTransportOptions>]>([
    ["format", { format: "command1" as Format }],
    ["strict", { strict: "yes" as unknown as boolean }],
    ["maxPayloadBytes", { maxPayloadBytes: 70_000 }],
    ["reconnectEvery", { reconnectEvery: 0 }],
    ["confirm", { confirm: "hope" as "silence" }],
    ["silenceMs", { silenceMs: -1 }],
    ["maxConnections", { maxConnections: 101 }],
    ["barrierTimeoutMs", { barrierTimeoutMs: 1.5 }],
    ["environment.port", { environment: { host: "localhost", port: 0 } }],
    ["minVersion", { minVersion: "SSLv3" as "TLSv1" }],
  ])("%s", async (field, options) => {
    await expect(connectTo(2195, options)).rejects.toMatchObject({ field });
  });

  test("a certificate without its key, or one that cannot be read", async () => {
    await expect(
      connectTo(2195, { auth: { type: "certificate", cert: "x" } as CertificateAuth }),
    ).rejects.toMatchObject({ field: "auth" });
    await expect(
      connectTo(2195, { auth: { type: "certificate", cert: "-----BEGIN", key: "-----BEGIN" } }),
    ).rejects.toMatchObject({ code: "ERR_APNS_CREDENTIALS" });
    await expect(connectTo(2195, { auth: { type: "certificate", pfx: new Uint8Array(10) } })).rejects.toMatchObject({
      code: "ERR_APNS_CREDENTIALS",
    });
  });

  test("concurrency leaves room for connections that wait for their verdict", async () => {
    expect((await connectTo(1)).concurrency).toBe(20_000);
    expect((await connectTo(1, { reconnectEvery: 50, maxConnections: 2 })).concurrency).toBe(200);
    expect((await connectTo(1, { maxQueued: 100 })).concurrency).toBe(100);
  });
});
