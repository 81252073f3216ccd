// Doubtful behaviour of Apple's: each quirk, switched. Those about streams, keys and broadcasts are tested beside these.
import { describe, expect, it } from "vitest";
import type { Quirks, Simulator } from "../src/index.ts";
import { deviceToken, enhanced, http2, legacy, providerToken, sleep, start, until } from "./peers.ts";

const uuid = "123e4567-e89b-12d3-a456-426614174abc";
const barrier = "01 0000ffff 00000000 0000 0000";

async function quirky(quirks: Partial<Quirks>): Promise<Simulator> {
  const apple = await start({ quirks, errorLingerMs: 0 });
  apple.world.register(deviceToken);
  return apple;
}

/** What the gateway says to these frames and a barrier. */
async function said(apple: Simulator, frames: string): Promise<string> {
  const peer = await legacy(apple);
  peer.send(frames + barrier);
  return peer.ended;
}

describe("futureProviderToken", () => {
  it.each([
    ["accept", 200, undefined],
    ["ExpiredProviderToken", 403, "ExpiredProviderToken"],
    ["InvalidProviderToken", 403, "InvalidProviderToken"],
  ] as const)("%s", async (futureProviderToken, status, reason) => {
    const apple = await quirky({ futureProviderToken });
    const authorization = providerToken(apple, { claims: { iat: Math.floor(Date.now() / 1000) + 7200 } });
    const response = await (await http2(apple)).push({ headers: { authorization } });
    expect([response.status, response.reason]).toEqual([status, reason]);
  });
});

describe("foreignTeam", () => {
  it("names the reason for another team's token", async () => {
    const apple = await quirky({ foreignTeam: "Forbidden" });
    const { signingKey: key } = apple.credentials;
    apple.world.addSigningKey({ keyId: "FOREIGN000", teamId: "OTHERTEAM0", key });
    const peer = await http2(apple);
    await peer.push();
    const parts = { header: { alg: "ES256", kid: "FOREIGN000" }, claims: { iss: "OTHERTEAM0" } };
    const response = await peer.push({ headers: { authorization: providerToken(apple, parts) } });
    expect([response.status, response.reason]).toEqual([403, "Forbidden"]);
  });
});

describe("topicOfOtherPushType", () => {
  it.each([
    ["alert", "com.example.App.voip"],
    ["voip", "com.example.App"],
  ])("refuses %s to %s", async (pushType, topic) => {
    const apple = await quirky({});
    const peer = await http2(apple);
    const push = () => peer.push({ headers: { "apns-push-type": pushType, "apns-topic": topic } });
    expect((await push()).status).toBe(200);
    apple.quirks.topicOfOtherPushType = "BadTopic";
    expect((await push()).reason).toBe("BadTopic");
  });

  it("lets what fits, and what names no push type, pass", async () => {
    const peer = await http2(await quirky({ topicOfOtherPushType: "BadTopic" }));
    const push = (pushType: string | undefined, topic: string) =>
      peer.push({ headers: { "apns-push-type": pushType, "apns-topic": topic } });
    expect((await push("voip", "com.example.App.voip")).status).toBe(200);
    expect((await push("alert", "com.example.App")).status).toBe(200);
    expect((await push(undefined, "com.example.App.voip")).status).toBe(200);
  });
});

describe("malformedPayload", () => {
  it("refuses what is no JSON object, on both wires", async () => {
    const apple = await quirky({});
    const peer = await http2(apple);
    const bodies = ["{", "[]", "1", "null"];
    for (const body of bodies) expect((await peer.push({ body })).status).toBe(200);
    expect(await said(apple, enhanced(1, deviceToken, "{"))).toBe("08020000ffff");
    apple.quirks.malformedPayload = "InternalServerError";
    for (const body of bodies) expect((await peer.push({ body })).reason).toBe("InternalServerError");
    expect((await peer.push()).status).toBe(200);
    expect(await said(apple, enhanced(1, deviceToken, "{"))).toBe("080100000001");
  });
});

describe("apnsIdEcho", () => {
  it("verbatim, or in upper case", async () => {
    const apple = await quirky({});
    const peer = await http2(apple);
    const echo = async () => (await peer.push({ headers: { "apns-id": uuid } })).headers["apns-id"];
    expect(await echo()).toBe(uuid);
    apple.quirks.apnsIdEcho = "upper";
    expect(await echo()).toBe(uuid.toUpperCase());
  });
});

describe("errorContentType", () => {
  it("is application/json, if told so", async () => {
    const peer = await http2(await quirky({ errorContentType: true }));
    expect((await peer.push({ token: "ab".repeat(32) })).headers["content-type"]).toBe("application/json");
    expect((await peer.push()).headers).not.toHaveProperty("content-type");
  });
});

describe("authenticatedStreams", () => {
  it("is another number, if told so", async () => {
    const apple = await quirky({ authenticatedStreams: 500 });
    expect((await http2(apple, apple.credentials.tls)).limits).toEqual([500]);
    const peer = await http2(apple);
    await peer.push();
    expect(peer.limits).toEqual([1, 500]);
  });
});

describe("wrongEnvironmentGoAways", () => {
  it("are two, if told so", async () => {
    const apple = await quirky({ wrongEnvironmentGoAways: 2 });
    const { bundleId, teamId } = apple.credentials;
    const tls = await apple.authority.issuePushCertificate({ bundleId, teamId, environments: ["development"] });
    const peer = await http2(apple, tls);
    await peer.closed;
    const goAway = { code: 0, lastStreamId: 0, text: '{"reason":"BadCertificateEnvironment"}' };
    expect(peer.goAways).toEqual([goAway, goAway]);
  });
});

describe("errorsBeforeGoAway", () => {
  it("ends a connection after so many rejections, of which 410 is none", async () => {
    const apple = await quirky({ errorsBeforeGoAway: 2 });
    apple.world.register("dead".repeat(16));
    apple.world.unregister("dead".repeat(16));
    const peer = await http2(apple);
    for (let index = 0; index < 3; index++) await peer.push({ token: "dead".repeat(16) });
    await peer.push({ token: "ab".repeat(32) });
    expect((await peer.push()).status).toBe(200);
    expect(peer.goAways).toEqual([]);
    expect((await peer.push({ token: "ab".repeat(32) })).reason).toBe("BadDeviceToken");
    await peer.closed;
    expect(peer.goAways).toEqual([{ code: 0, lastStreamId: 11, text: "" }]);
  });
});

describe("idleTimeoutMs", () => {
  it("ends a connection that is idle, with the reason, and none before", async () => {
    const apple = await quirky({ idleTimeoutMs: 600 });
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    await peer.closed;
    expect(peer.goAways).toEqual([{ code: 0, lastStreamId: 1, text: '{"reason":"IdleTimeout"}' }]);
  });

  it("leaves a connection alone that answers nothing any more", async () => {
    const apple = await quirky({ idleTimeoutMs: 100 });
    apple.faults.add({ type: "blackHole", answersPing: true });
    const peer = await http2(apple);
    const stream = peer.session.request({ ":method": "POST", ":path": `/3/device/${deviceToken}` });
    stream.on("error", () => {}).end("{}");
    await until(() => apple.faults.active[0]!.fired === 1);
    stream.close();
    await sleep(500);
    expect(peer.goAways).toEqual([]);
  });
});

describe("the legacy wire's limits", () => {
  it("legacyPayloadBytes", async () => {
    const apple = await quirky({ legacyPayloadBytes: 256 });
    expect(await said(apple, enhanced(1, deviceToken, "x".repeat(256)))).toBe("08020000ffff");
    expect(await said(apple, enhanced(1, deviceToken, "x".repeat(257)))).toBe("080700000001");
  });

  it("legacyDeviceTokenBytes", async () => {
    const apple = await quirky({ legacyDeviceTokenBytes: 32 });
    expect(await said(apple, enhanced(1, "ab".repeat(33)))).toBe("080500000001");
    apple.quirks.legacyDeviceTokenBytes = 100;
    expect(await said(apple, enhanced(1, "ab".repeat(33)))).toBe("080800000001");
  });

  // Item 9 and two identifiers, of which the last counts.
  const odd = `02 00000046 09 0001 00 03 0004 00000001 03 0004 00000002 01 0020 ${deviceToken} 02 0002 7b7d 04 0004 00000000`;
  it("oddFrameItems", async () => {
    const apple = await quirky({});
    const frame = odd.replace("00000046", (4 + 7 + 7 + 35 + 5 + 7).toString(16).padStart(8, "0"));
    expect(await said(apple, frame)).toMatch(/^0880/);
    apple.quirks.oddFrameItems = "accept";
    expect(await said(apple, frame)).toBe("08020000ffff");
    expect(apple.received.at(-2)).toMatchObject({ identifier: 2, verdict: { kind: "accepted" } });
  });

  it("unparsableFrame", async () => {
    const apple = await quirky({});
    const overrun = "02 00000004 01 0020 00";
    expect(await said(apple, overrun)).toBe("088000000000");
    apple.quirks.unparsableFrame = "close";
    expect(await said(apple, overrun)).toBe("");
  });
});

describe("quirks", () => {
  it.each([
    ["quirks.idleTimeoutMs", { idleTimeoutMs: -1 }],
    ["quirks.foreignTeam", { foreignTeam: "BecauseISaySo" }],
    ["quirks.wobbly", { wobbly: true }],
    ["quirks.errorContentType", { errorContentType: "yes" }],
  ])("%s is checked", async (field, quirks) => {
    await expect(start({ quirks: quirks as never })).rejects.toMatchObject({ field });
  });
});
