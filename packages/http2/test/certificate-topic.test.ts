// What a certificate says of topics and environments, and what becomes of it.
import { generateKeyPairSync } from "node:crypto";
import { alert, background, notification, type Outcome, voip } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { accept, refuse, ScriptedServer, type SeenRequest } from "./apns-server.js";
import { RawPeer } from "./raw-peer.js";

const hello = alert({ aps: { alert: "Hi" } });
const app = { bundleId: "com.example.App", teamId: "TEAM123456", keyType: "ec" } as const;
const both = ["production", "development"] as const;

type Content = Parameters<Awaited<ReturnType<typeof testIdentities>>["authority"]["issuePushCertificate"]>[0];

async function sending(
  certificate: Partial<Content>,
  onRequest: (request: SeenRequest) => void = accept,
  options: Partial<Http2TransportOptions> = {},
): Promise<{ transport: Http2Transport; topics: () => unknown[] }> {
  const { authority } = await testIdentities();
  const identity = await authority.issuePushCertificate({ ...app, environments: both, ...certificate });
  const server = await ScriptedServer.start({ onRequest, requestCert: options.auth === undefined });
  onTestFinished(() => server.close());
  const auth = { type: "certificate", ...identity } as const;
  const transport = new Http2Transport({ environment: server.endpoint, auth, ...options });
  onTestFinished(() => transport.close({ timeoutMs: 0 }));
  return { transport, topics: () => server.requests.map(({ headers }) => headers["apns-topic"]) };
}

describe("the topic of a notification that names none", () => {
  test.each<[string, Partial<Content>, string[]]>([
    ["of a universal certificate is its app", {}, ["com.example.App", "com.example.App.voip", "com.example.App"]],
    [
      "of a certificate for one app is that app",
      { environments: ["production"] },
      ["com.example.App", "com.example.App.voip", "com.example.App"],
    ],
    [
      "of a VoIP certificate is its topic",
      { bundleId: "com.example.App.voip", environments: ["production"] },
      ["com.example.App.voip", "com.example.App.voip", "com.example.App.voip"],
    ],
  ])("%s", async (_, certificate, expected) => {
    const { transport, topics } = await sending(certificate);
    for (const one of [hello, voip({ custom: { a: 1 } }), background({ custom: { a: 1 } })]) {
      expect((await transport.send(one, "ab")).kind).toBe("accepted");
    }
    expect(topics()).toEqual(expected);
  });

  test("may be given all the same, to the transport or to the notification", async () => {
    const { transport, topics } = await sending({}, accept, { topic: "com.example.Other" });
    await transport.send(hello, "ab");
    await transport.send(alert({ topic: "com.example.Third", aps: { alert: "Hi" } }), "ab");
    expect(topics()).toEqual(["com.example.Other", "com.example.Third"]);
  });

  test("is refused at once where the certificate covers several and none is plainly meant", async () => {
    const several = [
      { topic: "com.example.One", kind: "app" },
      { topic: "com.example.Two", kind: "app" },
    ];
    const { transport, topics } = await sending({ topics: several });
    await expect(transport.send(hello, "ab")).rejects.toMatchObject({
      code: "ERR_APNS_INVALID_ARGUMENT",
      field: "topic",
      message:
        "topic: is named neither by the notification nor by the transport. The certificate is for production and " +
        "development and covers com.example.One (app), com.example.Two (app). Name one.",
    });
    expect((await transport.send(alert({ topic: "com.example.Two", aps: { alert: "Hi" } }), "ab")).kind).toBe(
      "accepted",
    );
    expect(topics()).toEqual(["com.example.Two"]);
  });
});

const rejecting = (reason: string) => (request: SeenRequest) =>
  refuse(request, reason.startsWith("Bad") ? 403 : 400, reason);

function detailOf(outcome: Outcome): string | undefined {
  return outcome.kind === "rejected" ? outcome.detail : undefined;
}

describe("the detail of a rejection names what was sent and what is allowed", () => {
  const universal =
    "The certificate is for production and development and covers com.example.App (app), com.example.App.voip (voip), com.example.App.complication (complication).";

  test.each([
    ["TopicDisallowed", `The topic sent was com.example.Other. ${universal}`],
    [
      "DeviceTokenNotForTopic",
      `The topic sent was com.example.Other. The device token belongs to another app, or to another kind of push of this one. ${universal}`,
    ],
    ["BadTopic", "The topic sent was com.example.Other."],
    [
      "MissingTopic",
      `The topic sent was com.example.Other. ${universal} Give \`topic\` to the transport, or to the notification.`,
    ],
    ["BadCertificateEnvironment", `The host was 127.0.0.1. ${universal} Correct \`environment\`, or the credentials.`],
    ["PayloadEmpty", undefined],
  ])("with a certificate: %s", async (reason, detail) => {
    const { transport } = await sending({}, rejecting(reason), { topic: "com.example.Other" });
    expect(detailOf(await transport.send(hello, "ab"))).toBe(detail);
  });

  test("with a suffix of the push type, as it was sent", async () => {
    const { transport } = await sending({}, rejecting("TopicDisallowed"));
    const outcome = await transport.send(notification({ pushType: "location", payload: { aps: {} } }), "ab");
    expect(detailOf(outcome)).toContain("The topic sent was com.example.App.location-query.");
  });

  test.each([
    [
      "TopicDisallowed",
      /^The topic sent was com\.example\.Other\. Key KEY1234567 may push to apps of team TEAM123456 only/,
    ],
    [
      "DeviceTokenNotForTopic",
      /^The topic sent was com\.example\.Other\. The device token belongs to another app.* Key KEY/,
    ],
    ["BadEnvironmentKeyInToken", /^The host was 127\.0\.0\.1\. Key KEY1234567 .* in one environment/],
  ])("with a key: %s", async (reason, detail) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;
    const { transport } = await sending({}, rejecting(reason), { topic: "com.example.Other", auth });
    expect(detailOf(await transport.send(hello, "ab"))).toMatch(detail);
  });
});

test("a GOAWAY about the certificate names what the certificate is for", async () => {
  const peer = await RawPeer.start(
    (connection) => {
      connection.settings();
      connection.goAway(0, "BadCertificateEnvironment");
      connection.end();
    },
    { requestCert: true },
  );
  onTestFinished(() => peer.close());
  const { authority } = await testIdentities();
  const identity = await authority.issuePushCertificate({ ...app, environments: ["development"] });
  const transport = new Http2Transport({ environment: peer.endpoint, auth: { type: "certificate", ...identity } });
  onTestFinished(() => transport.close({ timeoutMs: 0 }));
  expect(await transport.send(hello, "ab")).toMatchObject({
    kind: "unsent",
    cause: {
      code: "ERR_APNS_GOAWAY",
      message: expect.stringMatching(
        /reason BadCertificateEnvironment\)\. The host was 127\.0\.0\.1\. The certificate is for development and covers com\.example\.App/,
      ),
    },
  });
});
