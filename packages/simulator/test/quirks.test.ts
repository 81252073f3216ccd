// Doubtful behaviour of Apple's: each quirk, switched. Those about streams, keys and broadcasts are tested beside these.
import { FakeClock } from "@apns/testkit";
import { describe, expect, it } from "vitest";
import type { Quirks, Simulator } from "../src/index.ts";
import { deviceToken, enhanced, type Http2Peer, http2, legacy, providerToken, start, until } from "./peers.ts";

const uuid = "123e4567-e89b-12d3-a456-426614174abc";
const barrier = "01 0000ffff 00000000 0000 0000";

async function quirky(quirks: Partial<Quirks>, clock?: FakeClock): Promise<Simulator> {
  const apple = await start({ quirks, errorLingerMs: 0, ...(clock === undefined ? {} : { clock }) });
  apple.world.register(deviceToken);
  return apple;
}

/** What the gateway says to these frames and a barrier. */
async function said(apple: Simulator, frames: string): Promise<string> {
  const peer = await legacy(apple);
  peer.send(frames + barrier);
  return peer.ended;
}

/** Whatever the simulator had to say before has come by then. */
const pong = (peer: Http2Peer) => new Promise((resolve) => peer.session.ping(resolve));

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

describe("initialStreams", () => {
  it("is another number, if told so, until the first valid provider token", async () => {
    const apple = await quirky({ initialStreams: 10 });
    const peer = await http2(apple);
    expect((await peer.push({ headers: { authorization: undefined } })).status).toBe(403);
    expect(peer.limits).toEqual([10]);
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await peer.push()).status));
    expect(statuses).toEqual(Array(10).fill(200));
    expect(peer.limits).toEqual([10, 1000]);
  });

  it("may be as many as for an authenticated sender", async () => {
    const peer = await http2(await quirky({ initialStreams: 1000, dropStreamLimitOnRejection: true }));
    await peer.push();
    await peer.push({ token: "ab".repeat(32) });
    await pong(peer);
    expect(peer.limits).toEqual([1000, 1000, 1]);
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

describe("badDeviceTokenErrors", () => {
  it("has a bad device token count for more than other errors", async () => {
    const peer = await http2(await quirky({ errorsBeforeGoAway: 5, badDeviceTokenErrors: 3 }));
    for (const request of [{ body: "" }, { token: "ab".repeat(32) }]) await peer.push(request);
    expect((await peer.push()).status).toBe(200);
    expect(peer.goAways).toEqual([]);
    await peer.push({ token: "ab".repeat(32) });
    await peer.closed;
    expect(peer.goAways).toMatchObject([{ code: 0, lastStreamId: 7 }]);
  });
});

describe("idleTimeoutMs", () => {
  it("ends a connection that is idle, with the reason, and none before", async () => {
    const clock = new FakeClock(Date.now());
    const apple = await quirky({ idleTimeoutMs: 60_000 }, clock);
    const peer = await http2(apple);
    clock.advance(59_000);
    expect((await peer.push()).status).toBe(200);
    clock.advance(59_999);
    expect((await peer.push()).status).toBe(200);
    expect(peer.goAways).toEqual([]);
    clock.advance(60_000);
    await peer.closed;
    expect(peer.goAways).toEqual([{ code: 0, lastStreamId: 3, text: '{"reason":"IdleTimeout"}' }]);
  });

  it("leaves a connection alone that answers nothing any more", async () => {
    const clock = new FakeClock(Date.now());
    const apple = await quirky({ idleTimeoutMs: 60_000 }, clock);
    apple.faults.add({ type: "blackHole", answersPing: true });
    const peer = await http2(apple);
    const stream = peer.session.request({ ":method": "POST", ":path": `/3/device/${deviceToken}` });
    stream.on("error", () => {}).end("{}");
    await until(() => apple.faults.active[0]!.fired === 1);
    stream.close();
    await pong(peer);
    clock.advance(600_000);
    await pong(peer);
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

describe("the legacy wire's answers", () => {
  it("legacyUnframedPayloadBytes: commands 0 and 1 have a limit of their own", async () => {
    const apple = await quirky({ legacyUnframedPayloadBytes: 256 });
    const payload = "x".repeat(257);
    expect(await said(apple, enhanced(1, deviceToken, payload))).toBe("080700000001");
    const items = `01 0020 ${deviceToken} 02 0101 ${Buffer.from(payload).toString("hex")}`;
    expect(await said(apple, `02 00000127 ${items}`)).toBe("08020000ffff");
    apple.quirks.legacyPayloadBytes = 100;
    expect(await said(apple, enhanced(1, deviceToken, "x".repeat(101)))).toBe("080700000001");
  });

  it.each([
    ["close", ""],
    ["status128", "088000000000"],
  ] as const)("unknownCommand: %s", async (unknownCommand, answer) => {
    expect(await said(await quirky({ unknownCommand }), "07")).toBe(answer);
  });

  it.each([
    ["close", "", ""],
    ["identifier0", "080800000000", "080700000000"],
  ] as const)("failingCommand0: %s", async (failingCommand0, bad, long) => {
    const apple = await quirky({ failingCommand0 });
    expect(await said(apple, `00 0020 ${"ab".repeat(32)} 0002 7b7d`)).toBe(bad);
    expect(await said(apple, `00 0020 ${deviceToken} ffff`)).toBe(long);
  });

  const framed = (priority: string, payload: string) => {
    const hex = Buffer.from(payload).toString("hex");
    const u16 = (value: number) => value.toString(16).padStart(4, "0");
    const items = `01 0020 ${deviceToken} 02 ${u16(hex.length / 2)} ${hex} 03 0004 00000007 05 0001 ${priority}`;
    return `02 0000${u16(items.replaceAll(" ", "").length / 2)} ${items}`;
  };

  it("legacyPriority", async () => {
    const apple = await quirky({});
    for (const priority of ["00", "01", "0b"]) {
      apple.quirks.legacyPriority = "accept";
      expect(await said(apple, framed(priority, "{}"))).toBe("08020000ffff");
      apple.quirks.legacyPriority = "status128";
      expect(await said(apple, framed(priority, "{}"))).toBe("088000000007");
    }
    expect(await said(apple, framed("05", "{}") + framed("0a", "{}") + enhanced(1))).toBe("08020000ffff");
  });

  it("legacyBackgroundPriority10", async () => {
    const apple = await quirky({});
    const silent = '{"aps":{"content-available":1}}';
    expect(await said(apple, framed("0a", silent))).toBe("08020000ffff");
    apple.quirks.legacyBackgroundPriority10 = "InternalServerError";
    expect(await said(apple, framed("0a", silent))).toBe("080100000007");
    expect(await said(apple, enhanced(1, deviceToken, silent))).toBe("080100000001");
    expect(await said(apple, framed("05", silent))).toBe("08020000ffff");
    for (const other of ['{"aps":{"content-available":1,"badge":1}}', "[]", '{"aps":1}', "no JSON"]) {
      expect(await said(apple, framed("0a", other))).toBe("08020000ffff");
    }
  });

  it("legacyIdleTimeoutMs: the end, without a byte", async () => {
    const clock = new FakeClock();
    const apple = await quirky({ legacyIdleTimeoutMs: 7_200_000 }, clock);
    const peer = await legacy(apple);
    peer.send(enhanced(1));
    await until(() => apple.received.length === 1);
    clock.advance(7_000_000);
    peer.send(enhanced(2));
    await until(() => apple.received.length === 2);
    clock.advance(7_199_999);
    peer.send(enhanced(3));
    await until(() => apple.received.length === 3);
    clock.advance(7_200_000);
    expect(await peer.ended).toBe("");
    expect([peer.error, apple.stats().binary.accepted]).toEqual([undefined, 3]);
  });

  it("legacyWrongEnvironmentMs: the end comes later, and what was written meanwhile is lost", async () => {
    const clock = new FakeClock();
    const apple = await quirky({ legacyWrongEnvironmentMs: 100 }, clock);
    const { bundleId, teamId } = apple.credentials;
    const tls = await apple.authority.issuePushCertificate({ bundleId, teamId, environments: ["development"] });
    const peer = await legacy(apple, tls);
    peer.send(enhanced(1) + barrier);
    // Whoever is let in is answered meanwhile.
    expect(await said(apple, "")).toBe("08020000ffff");
    expect([peer.hex, peer.socket.readableEnded]).toEqual(["", false]);
    // The simulator may have finished its side of this handshake only now.
    await until(() => {
      clock.advance(100);
      return peer.socket.readableEnded;
    });
    expect([peer.hex, apple.stats().binary.received]).toEqual(["", 1]);
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
