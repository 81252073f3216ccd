// Who is let in, and for which app: by certificate, fingerprint, port, name asked for and address.
import { createHash, X509Certificate } from "node:crypto";
import { InMemoryTransport } from "@apns/core";
import { CertificateAuthority, describePushCertificate } from "@apns/credentials";
import { testIdentities } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import type { BridgeOptions, SenderMatch } from "../src/index.ts";
import { bridgeFor, connectTo, frame, refusal, tokenOf, topic, until } from "./support.ts";

const bundleIds = { teamId: "TEAM123456", environments: ["production"] as const };

/** Two apps, a sender each, and who of them got the frame of a connection: an app's name, or "nobody". */
async function reached(
  matches: readonly SenderMatch[],
  client: { cert?: string | undefined; key?: string | undefined; servername?: string } = {},
  options: Partial<BridgeOptions> = {},
  port = 0,
): Promise<string> {
  const transports = matches.map(() => new InMemoryTransport());
  const { bridge } = await bridgeFor(
    { transport: transports[0]! },
    {
      apps: transports.map((transport, index) => ({ name: `app ${index}`, topic: `${topic}${index}`, transport })),
      senders: matches.map((match, index) => ({ name: `sender ${index}`, app: `app ${index}`, match })),
      ...options,
    },
  );
  const sender = await connectTo(bridge.ports.gateway[port]!, client).catch(({ code }: NodeJS.ErrnoException) => code);
  if (typeof sender !== "object") {
    expect(sender).toBe("ECONNRESET");
    expect(bridge.stats()).toMatchObject({ turnedAway: { stranger: 1 }, gatewayConnections: 0 });
    return "nobody";
  }
  sender.write(frame());
  await sender.finish();
  await until(() => bridge.stats().gatewayConnections === 0);
  const names = transports.flatMap(({ sent }, index) =>
    sent.map(({ notification }) => `app ${index} ${notification.topic}`),
  );
  expect(names).toHaveLength(1);
  expect(bridge.stats().turnedAway).toEqual({});
  return names[0]!;
}

const fingerprint = (cert: string): string => createHash("sha256").update(new X509Certificate(cert).raw).digest("hex");
const noCertificate = { cert: undefined, key: undefined };

describe("by certificate", () => {
  test("the subject's UID chooses the app", async () => {
    const { authority } = await testIdentities();
    const other = await authority.issuePushCertificate({ bundleId: "com.example.Other", ...bundleIds });
    const matches = [{ uid: topic }, { uid: "com.example.Other" }];
    expect(await reached(matches)).toBe("app 0 com.example.App0");
    expect(await reached(matches, other)).toBe("app 1 com.example.App1");
  });

  test("a certificate of another authority gets nowhere, whatever it says", async () => {
    const foreign = await CertificateAuthority.create({ keyType: "ec" });
    const forged = await foreign.issuePushCertificate({ bundleId: topic, ...bundleIds });
    expect(await reached([{ uid: topic }], forged)).toBe("nobody");
    expect(await reached([{ address: "127.0.0.1" }], forged)).toBe("nobody");
  });

  test("a forged one that has expired as well gets nowhere where expiry is forgiven", async () => {
    const { ca } = await testIdentities();
    const foreign = await CertificateAuthority.create({
      keyType: "ec",
      notBefore: new Date(2000, 0),
      notAfter: new Date(2060, 0),
    });
    const past = { notBefore: new Date(2001, 0), notAfter: new Date(2002, 0) };
    const forged = await foreign.issuePushCertificate({ bundleId: topic, ...bundleIds, ...past });
    const { server } = await testIdentities();
    const tls = { ...server, clientCa: ca, acceptExpired: true };
    expect(await reached([{ uid: topic }], forged, { tls })).toBe("nobody");
  });

  test("a true one that has expired is let in only where that is allowed", async () => {
    const old = await CertificateAuthority.create({
      keyType: "ec",
      notBefore: new Date(2000, 0),
      notAfter: new Date(2060, 0),
    });
    const past = { notBefore: new Date(2001, 0), notAfter: new Date(2002, 0) };
    const expired = await old.issuePushCertificate({ bundleId: topic, ...bundleIds, ...past });
    const { server } = await testIdentities();
    const tls = { ...server, clientCa: old.cert };
    expect(await reached([{ uid: topic }], expired, { tls })).toBe("nobody");
    expect(await reached([{ uid: topic }], expired, { tls: { ...tls, acceptExpired: true } })).toBe(
      "app 0 com.example.App0",
    );
  });

  test("a pinned fingerprint needs no authority", async () => {
    const foreign = await CertificateAuthority.create({ keyType: "ec" });
    const known = await foreign.issuePushCertificate({ bundleId: topic, ...bundleIds });
    const stranger = await foreign.issuePushCertificate({ bundleId: topic, ...bundleIds });
    const { server } = await testIdentities();
    const match = { fingerprint: fingerprint(known.cert).replace(/(..)(?=.)/g, "$1:") };
    expect(await reached([match], known, { tls: server })).toBe("app 0 com.example.App0");
    expect(await reached([match], stranger, { tls: server })).toBe("nobody");
    expect(await reached([match], noCertificate, { tls: server })).toBe("nobody");
  });

  test("the bridge's files may be PEM without lines, DER, or base64 of either", async () => {
    const { server, ca, client } = await testIdentities();
    const der = new X509Certificate(ca).raw;
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    for (const clientCa of [der, der.toString("base64"), base64(ca), ca.replaceAll("\n", "\\n")]) {
      const tls = { cert: base64(server.cert), key: server.key.replaceAll("\n", "\\n"), clientCa };
      expect(await reached([{ uid: topic }], client, { tls })).toBe("app 0 com.example.App0");
    }
    const tooLarge = { ...server, clientCa: "x".repeat(2_000_000) };
    await expect(reached([{ uid: topic }], client, { tls: tooLarge })).rejects.toThrow(
      "tls.clientCa: has 2000000 bytes",
    );
  });

  test("a topic it lists chooses the app, where the certificate can be read", async () => {
    const readCertificate = (der: Uint8Array) => {
      const { uid, topics } = describePushCertificate(der);
      return { uid, topics: topics.map((one) => one.topic) };
    };
    expect(await reached([{ listedTopic: "no.such" }, { listedTopic: `${topic}.voip` }], {}, { readCertificate })).toBe(
      "app 1 com.example.App1",
    );
  });

  test("without a certificate nobody is let in, unless that is allowed", async () => {
    const { server, ca } = await testIdentities();
    const matches = [{ uid: topic }, { address: "127.0.0.0/8" }];
    expect(await reached(matches, noCertificate)).toBe("nobody");
    const optional = { ...server, clientCa: ca, clientCertificate: "optional" as const };
    expect(await reached(matches, noCertificate, { tls: optional })).toBe("app 1 com.example.App1");
    expect(await reached(matches, {}, { tls: optional })).toBe("app 0 com.example.App0");
    const off = { ...server, clientCertificate: "off" as const };
    expect(await reached([{ address: "::1" }, { address: "127.0.0.1" }], {}, { tls: off })).toBe(
      "app 1 com.example.App1",
    );
  });
});

test("the name asked for chooses the app", async () => {
  const { server } = await testIdentities();
  const tls = { ...server, clientCertificate: "off" as const };
  const matches = [{ servername: "one.example" }, { servername: "localhost" }];
  expect(await reached(matches, { servername: "LOCALHOST" }, { tls })).toBe("app 1 com.example.App1");
});

test("the port chooses the app", async () => {
  const { bridge, options } = await bridgeFor(
    { transport: new InMemoryTransport() },
    {
      gateway: [
        { host: "127.0.0.1", port: 0 },
        { host: "127.0.0.1", port: 0 },
      ],
    },
  );
  const [one, two] = bridge.ports.gateway;
  const transports = [new InMemoryTransport(), new InMemoryTransport()];
  await bridge.reload({
    ...options,
    apps: transports.map((transport, index) => ({ name: `app ${index}`, topic, transport })),
    senders: [
      { name: "a", app: "app 0", match: { port: one! } },
      { name: "b", app: "app 1", match: { port: two! } },
    ],
  });
  const sender = await connectTo(two!);
  sender.write(frame());
  await sender.finish();
  expect(transports.map(({ sent }) => sent.length)).toEqual([0, 1]);
});

test("a sender's connections are capped, and those of an address", async () => {
  const sender = { name: "old", app: "app", match: { uid: topic }, maxConnections: 1 };
  const capped = await bridgeFor({ transport: new InMemoryTransport() }, { senders: [sender] });
  const kept = await connectTo(capped.bridge.ports.gateway[0]!);
  expect(await refusal(capped.bridge.ports.gateway[0]!)).toBe("ECONNRESET");
  expect(capped.bridge.stats()).toMatchObject({ gatewayConnections: 1, turnedAway: { "sender limit": 1 } });
  expect(await refusal(capped.bridge.ports.feedback[0]!)).toBe("ECONNRESET");
  expect(capped.bridge.stats()).toMatchObject({ feedbackConnections: 0, turnedAway: { "sender limit": 2 } });
  kept.write(frame());
  expect(await kept.finish()).toBe("");

  const crowded = await bridgeFor({ transport: new InMemoryTransport() }, { limits: { maxConnectionsPerAddress: 1 } });
  await connectTo(crowded.bridge.ports.gateway[0]!);
  await expect(connectTo(crowded.bridge.ports.gateway[0]!)).rejects.toThrow();
  expect(crowded.bridge.stats().turnedAway).toEqual({ limit: 1 });
});

test("a sender that opens a connection per notification gets all of them through", async () => {
  const transport = new InMemoryTransport();
  const { bridge } = await bridgeFor({ transport });
  const senders = await Promise.all(Array.from({ length: 150 }, () => connectTo(bridge.ports.gateway[0]!)));
  for (const [index, sender] of senders.entries()) sender.write(frame({ token: tokenOf(index) }));
  expect(new Set(await Promise.all(senders.map((sender) => sender.finish())))).toEqual(new Set([""]));
  expect(transport.sent).toHaveLength(150);
  expect(bridge.stats().turnedAway).toEqual({});
});

describe("old TLS", () => {
  test("is refused by default, and the log names the option", async () => {
    const { bridge, logged } = await bridgeFor({ transport: new InMemoryTransport() });
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    await expect(connectTo(bridge.ports.gateway[0]!, old)).rejects.toThrow();
    await until(() => logged.some(({ level }) => level === "warn"));
    expect(logged.find(({ level }) => level === "warn")?.message).toContain('set tls.minVersion to "TLSv1"');
  });

  test("is spoken where it is asked for", async () => {
    const { server, ca } = await testIdentities();
    const transport = new InMemoryTransport();
    const { bridge } = await bridgeFor({ transport }, { tls: { ...server, clientCa: ca, minVersion: "TLSv1" } });
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    const sender = await connectTo(bridge.ports.gateway[0]!, old);
    expect(sender.socket.getProtocol()).toBe("TLSv1");
    sender.write(frame());
    await sender.finish();
    expect(transport.sent).toHaveLength(1);
    expect(bridge.report().rows).toMatchObject([
      { sender: "old", tlsVersion: "TLSv1", frames: [0, 1, 0], connections: 1 },
    ]);
  });
});

const identityOnly = (await testIdentities()).server;

test.each([
  [{ senders: [{ name: "x", app: "no", match: { port: 1 } }] }, 'senders[0].app: no app is named "no"'],
  [{ senders: [{ name: "x", app: "app", match: {} }] }, "senders[0].match: is empty"],
  [{ senders: [{ name: "x", app: "app", match: { fingerprint: "beef" } }] }, "senders[0].match.fingerprint: is not"],
  [{ senders: [{ name: "x", app: "app", match: { address: "10.0.0.0/64" } }] }, "senders[0].match.address: is neither"],
  [{ senders: [{ name: "x", app: "app", match: { listedTopic: "a" } }] }, "needs the option readCertificate"],
  [{ tls: identityOnly, senders: [{ name: "x", app: "app", match: { port: 1 } }] }, "senders[0].match: can never fit"],
  [{ tls: identityOnly, senders: [{ name: "x", app: "app", match: { uid: "a" } }] }, "give those in tls.clientCa"],
  [{ rules: { Nonsense: "accept" } }, "rules.Nonsense: names nothing"],
  [{ rules: { BadDeviceToken: { refuse: 256 } } }, "rules.BadDeviceToken.refuse: 256 is not"],
  [{ rules: { "5xx": { retryForMs: 5, finally: "hold" } } }, "rules.5xx.finally: does not end"],
  [{ window: 0 }, "window: 0 is not"],
  [{ tls: {} }, "tls: holds no identity"],
] as const)("wrong options are named: %j", async (wrong, message) => {
  await expect(bridgeFor({ transport: new InMemoryTransport() }, wrong as Partial<BridgeOptions>)).rejects.toThrow(
    message,
  );
});
