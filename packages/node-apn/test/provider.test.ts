import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "@apns/simulator";
import { startProxy } from "@apns/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import apn, { MultiProvider, Notification, Provider, type ProviderOptions, token } from "../src/index.js";
import { resolveProviderOptions } from "../src/transport-options.js";
import { apnsId, greeting, leadingTo, phone, providerOf, startApple } from "./setup.js";

/** A folder with the credentials of a simulator as files. */
function files({ credentials, http2 }: Simulator): Record<"key" | "cert" | "certKey" | "ca", string> {
  const folder = mkdtempSync(join(tmpdir(), "node-apn-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    key: write("AuthKey.p8", credentials.signingKey),
    cert: write("cert.pem", credentials.tls.cert),
    certKey: write("key.pem", credentials.tls.key),
    ca: write("ca.pem", http2.ca as string),
  };
}

describe("credentials", () => {
  test.each<[string, (apple: Simulator) => ProviderOptions]>([
    ["a key as text", ({ credentials: c }) => ({ token: { key: c.signingKey, keyId: c.keyId, teamId: c.teamId } })],
    ["a key by its file", (apple) => ({ token: { ...tokenOf(apple), key: files(apple).key } })],
    ["a certificate as text", ({ credentials }) => ({ token: null, ...credentials.tls })],
    [
      "a certificate as bytes",
      ({ credentials: { tls } }) => ({
        token: null,
        cert: Buffer.from(tls.cert),
        key: Buffer.from(tls.key),
      }),
    ],
    ["a certificate by its files", (apple) => ({ token: null, cert: files(apple).cert, key: files(apple).certKey })],
    ["authorities by their file", (apple) => ({ ca: [files(apple).ca] })],
    ["one authority", (apple) => ({ ca: apple.http2.ca as string })],
    ["no look at the server's certificate", () => ({ ca: [], rejectUnauthorized: false })],
  ])("%s", async (_, options) => {
    const apple = await startApple();
    const { sent, failed } = await providerOf(apple, options(apple)).send(greeting(), phone);
    expect({ sent: sent.length, failed }).toEqual({ sent: 1, failed: [] });
  });

  const made = { key: "x", keyId: "KEY1234567", teamId: "TEAM123456" };
  test.each<[string, ProviderOptions, RegExp]>([
    ["nothing at all", {}, /ENOENT.*'cert.pem'/],
    ["no key id", { token: { ...made, keyId: "" } }, /^token.keyId is missing$/],
    ["no team id", { token: { ...made, teamId: "" } }, /^token.teamId is missing$/],
    ["a key file that is missing", { token: { ...made, key: "/no/key.p8" } }, /^Failed loading token key: ENOENT/],
    ["a pfx file that is missing", { pfx: "/no/file.p12" }, /ENOENT/],
    ["a key id that is none", { token: { ...made, key: pem("PRIVATE KEY"), keyId: "k" } }, /auth\./],
  ])("%s is an error of the constructor", (_, options, message) => {
    expect(() => new Provider(options)).toThrow(message);
  });
});

const pem = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

function tokenOf({ credentials: { signingKey, keyId, teamId } }: Simulator) {
  return { key: signingKey, keyId, teamId };
}

describe("options", () => {
  const given: ProviderOptions = { token: { key: pem("PRIVATE KEY"), keyId: "KEY1234567", teamId: "TEAM123456" } };
  const endpoints = (options: ProviderOptions): unknown => {
    const { transport, channels } = resolveProviderOptions({ ...given, ...options });
    return [transport.environment, channels.environment];
  };

  test("production is said by the option, and else by NODE_ENV", () => {
    const production = [
      { host: "api.push.apple.com", port: 443 },
      { host: "api-manage-broadcast.push.apple.com", port: 2196 },
    ];
    const sandbox = [
      { host: "api.sandbox.push.apple.com", port: 443 },
      { host: "api-manage-broadcast.sandbox.push.apple.com", port: 2195 },
    ];
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("NODE_ENV", "production");
    expect(endpoints({})).toEqual(production);
    expect(endpoints({ production: false })).toEqual(sandbox);
    vi.stubEnv("NODE_ENV", "test");
    expect(endpoints({})).toEqual(sandbox);
    expect(endpoints({ production: true })).toEqual(production);
    expect(endpoints({ address: "::1", port: 1, manageChannelsAddress: "h", manageChannelsPort: 2 })).toEqual([
      { host: "::1", port: 1 },
      { host: "h", port: 2 },
    ]);
  });

  test("times, proxies and counts", () => {
    const proxy = { host: "proxy", port: "8080" };
    const options = { requestTimeout: 300_000, heartBeat: 7, proxy, connectionRetryLimit: 9 };
    expect(resolveProviderOptions({ ...given, ...options }, 5)).toMatchObject({
      transport: {
        requestTimeoutMs: 300_000,
        timeoutMs: 300_000,
        idlePingMs: 7,
        proxy: "http://proxy:8080",
        maxConnections: 5,
      },
      connectionRetryLimit: 9,
    });
    const { transport } = resolveProviderOptions(given);
    expect(transport).toMatchObject({ requestTimeoutMs: 5000, timeoutMs: 120_000, idlePingMs: 60_000 });
    expect(transport).not.toHaveProperty("maxConnections");
    expect(resolveProviderOptions({ ...given, requestTimeout: 0 }).transport.requestTimeoutMs).toBe(2 ** 31 - 1);
  });

  test.each([-1, "x"])("a clientCount of %s is refused", (clientCount) => {
    const message = `Expected positive client count but got ${clientCount}`;
    expect(() => new MultiProvider({ ...given, clientCount: clientCount as number })).toThrow(message);
  });

  test("a proxy is tunnelled through", async () => {
    const proxy = await startProxy("http");
    onTestFinished(() => proxy.close());
    const apple = await startApple();
    const { sent } = await providerOf(apple, { proxy: { host: "127.0.0.1", port: proxy.port } }).send(
      greeting(),
      phone,
    );
    expect(sent).toHaveLength(1);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe("a provider", () => {
  test("is made with and without new, is an EventEmitter, and can be extended", async () => {
    const options = leadingTo(await startApple());
    const made = Provider(options);
    expect(made).toBeInstanceOf(Provider);
    expect(made).toBeInstanceOf(EventEmitter);
    expect(made.constructor).toBe(Provider);
    expect(MultiProvider(options)).toBeInstanceOf(MultiProvider);
    expect([Provider.name, MultiProvider.name]).toEqual(["Provider", "MultiProvider"]);
    class Own extends Provider {}
    expect(new Own(options)).toBeInstanceOf(Own);
    // Parse's push adapter keeps properties of its own on it.
    Object.assign(made, { topic: "t", priority: 0, index: 1 });
    expect(made).toMatchObject({ topic: "t", priority: 0, index: 1 });
  });

  test("is the default export's as well", () => {
    expect(apn).toEqual({ Provider, MultiProvider, Notification, token });
  });

  test("shuts down once all that was sent has ended, and sends again afterwards", async () => {
    const apple = await startApple({ unknownDeviceTokens: "accept" });
    const provider = providerOf(apple);
    for (let round = 1; round <= 3; round++) {
      const sending = provider.send(
        greeting(),
        Array.from({ length: 5000 }, () => phone),
      );
      const callback = vi.fn();
      const closing = provider.shutdown(callback);
      expect((await sending).sent).toHaveLength(5000);
      await closing;
      expect(callback).toHaveBeenCalledOnce();
      expect(apple.stats().http2.accepted).toBe(round * 5000);
    }
    await provider.shutdown();
  });

  test("has the modern transport at hand, and another one after a shutdown", async () => {
    const provider = providerOf(await startApple());
    const { transport } = provider;
    expect(transport.protocol).toBe("http2");
    expect(provider.transport).toBe(transport);
    await provider.shutdown();
    expect(provider.transport).not.toBe(transport);
  });

  test("logs connections to loggers that are enabled", async () => {
    const apple = await startApple();
    const provider = providerOf(apple, { connectionRetryLimit: 1 });
    const info = Object.assign(vi.fn(), { enabled: true });
    const errors = Object.assign(vi.fn(), { enabled: true });
    expect(await provider.setLogger(info, errors)).toEqual({ sent: [], failed: [] });
    await provider.send(greeting(), phone);
    expect(info).toHaveBeenCalledExactlyOnceWith(`connection 1 to 127.0.0.1:${apple.http2.port}: opened`);
    info.enabled = false;
    await provider.shutdown();
    expect(info).toHaveBeenCalledOnce();
    apple.faults.add({ type: "refuseConnections" });
    await provider.send(greeting(), phone);
    expect(errors).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("ECONNREFUSED"));
    await expect(provider.setLogger("log" as never)).rejects.toThrow("Expected newLogger to be a function, got string");
  });
});

describe("channels", () => {
  const bundleId = "com.example.App";
  const channelNote = (properties: object): Notification =>
    new Notification({ payload: { "message-storage-policy": 1, "push-type": "LiveActivity" }, ...properties });

  test("are made, read, listed, broadcast to and deleted", async () => {
    const provider = providerOf(await startApple());
    const ids = { bundleId, "apns-request-id": apnsId };
    const made = await provider.manageChannels(channelNote({ requestId: apnsId }), bundleId, "create");
    expect(made).toEqual({ sent: [{ ...ids, "apns-channel-id": expect.any(String) }], failed: [] });
    const channelId = made.sent[0]!["apns-channel-id"]!;
    const note = channelNote({ requestId: apnsId, channelId });
    expect(await provider.manageChannels([note], bundleId, "read")).toEqual({
      sent: [{ ...ids, "message-storage-policy": 1, "push-type": "LiveActivity" }],
      failed: [],
    });
    expect((await provider.manageChannels(note, bundleId, "readAll")).sent).toEqual([
      { ...ids, channels: [channelId] },
    ]);

    const live = { event: "update", contentState: {}, timestamp: 1, pushType: "liveactivity" };
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    expect(
      await provider.broadcast(new Notification({ ...live, expiry, channelId, requestId: apnsId }), bundleId),
    ).toEqual({
      sent: [{ ...ids, "apns-channel-id": channelId }],
      failed: [],
    });
    expect(await provider.manageChannels(note, bundleId, "delete")).toEqual({ sent: [ids], failed: [] });
    expect(await provider.manageChannels(note, bundleId, "delete")).toMatchObject({
      sent: [],
      failed: [{ ...ids, status: 404, response: { reason: expect.any(String) } }],
    });
    expect(await provider.broadcast(new Notification({ ...live, expiry, channelId }), bundleId)).toMatchObject({
      sent: [],
      failed: [{ bundleId, status: expect.any(Number), response: { reason: expect.any(String) } }],
    });
  });

  test("fail without a rejection", async () => {
    const apple = await startApple();
    const provider = providerOf(apple, { connectionRetryLimit: 1 });
    expect(await provider.manageChannels(channelNote({}), bundleId, "rename" as never)).toMatchObject({
      failed: [{ bundleId, error: { message: expect.stringContaining('the action "rename" is not supported') } }],
    });
    expect(await provider.manageChannels(channelNote({ payload: {} }), bundleId, "create")).toMatchObject({
      failed: [{ error: { kind: "unsent", message: expect.stringContaining("messageStorage") } }],
    });
    expect(await provider.manageChannels(channelNote({}), undefined as never, "create")).toMatchObject({
      failed: [{ status: 400, response: { reason: "BadTopic" } }],
    });
    expect(await provider.broadcast(new Notification({ alert: "Hi" }), bundleId)).toMatchObject({
      failed: [{ bundleId, status: 400, response: { reason: "BadChannelId" } }],
    });
    apple.faults.add({ type: "refuseConnections" });
    const note = new Notification({ event: "update", channelId: "AAAA", pushType: "liveactivity", contentState: {} });
    expect(await provider.broadcast(note, bundleId)).toMatchObject({
      failed: [{ bundleId, error: { kind: "unsent", code: "ERR_APNS_CONNECT_FAILED" } }],
    });
  });
});
