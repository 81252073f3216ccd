// The faults of the provider API that go down to frames, seen by node:http2 and on the wire itself.
import { once } from "node:events";
import { FrameType, frameHeadBytes, readFrameHead } from "@apns/h2";
import { FakeClock } from "@apns/testkit";
import { describe, expect, it } from "vitest";
import type { Fault, Simulator } from "../src/index.ts";
import { deviceToken, type Http2Peer, http2, providerToken, start, until } from "./peers.ts";
import { framesOf, type RawPeer, rawHttp2 } from "./raw-http2.ts";

async function broken(...faults: Fault[]): Promise<{ apple: Simulator; peer: Http2Peer; clock: FakeClock }> {
  const clock = new FakeClock(Date.now());
  const apple = await start({ clock });
  apple.world.register(deviceToken);
  for (const fault of faults) apple.faults.add(fault);
  return { apple, peer: await http2(apple, apple.credentials.tls), clock };
}

/** Two requests in one write, by a sender that is nothing but octets. */
async function raw(...faults: Fault[]): Promise<RawPeer & { readonly apple: Simulator }> {
  const apple = await start();
  apple.world.register(deviceToken);
  for (const fault of faults) apple.faults.add(fault);
  return { apple, ...(await rawHttp2(apple, 2)) };
}

const ping = (peer: Http2Peer) => new Promise<boolean>((resolve) => peer.session.ping((error) => resolve(!error)));
const settled = (results: readonly PromiseSettledResult<unknown>[]) => results.map(({ status }) => status);

describe("blackHole", () => {
  it("answers no PING either", async () => {
    const { apple, peer } = await broken({ type: "blackHole", after: 1 });
    await peer.push();
    expect(await ping(peer)).toBe(true);
    const swallowed = peer.push().catch(() => "never");
    await until(() => apple.faults.active[0]!.fired === 1);
    const pong = ping(peer);
    const answered = await Promise.race([pong, new Promise((resolve) => setTimeout(resolve, 150, "silence"))]);
    expect(answered).toBe("silence");
    await apple.close();
    expect(await swallowed).toBe("never");
  });

  it("that looks healthy answers PING, and nothing else", async () => {
    const { apple, peer } = await broken({ type: "blackHole", answersPing: true });
    const swallowed = peer.push().catch(() => "never");
    await until(() => apple.faults.active[0]!.fired === 1);
    expect(await ping(peer)).toBe(true);
    expect(apple.stats().http2.received).toBe(0);
    await apple.close();
    expect(await swallowed).toBe("never");
  });
});

describe("goAway", () => {
  it("names any stream, with any code, and may leave the connection open", async () => {
    const { apple, peer } = await broken({ type: "goAway", lastStream: 3, errorCode: 11, close: false, after: 2 });
    const goAway = once(peer.session, "goaway");
    const results = Promise.allSettled([1, 2, 3, 4].map(() => peer.push()));
    await goAway;
    expect(peer.goAways).toEqual([{ code: 11, lastStreamId: 3, text: "" }]);
    expect(settled(await results)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(apple.stats().http2.received).toBe(2);
  });

  it("without close leaves the TCP connection to the sender", async () => {
    const { apple, socket, octets } = await raw({ type: "goAway", close: false });
    await until(() => framesOf(octets()).some(({ type }) => type === FrameType.GOAWAY));
    await until(() => framesOf(octets()).some(({ type }) => type === FrameType.HEADERS));
    expect([socket.readableEnded, apple.stats().http2.connectionsOpen]).toEqual([false, 1]);
  });

  it("can announce another one", async () => {
    const { octets, ended } = await raw(
      { type: "goAway", lastStream: 2 ** 31 - 1, close: false, times: 1 },
      { type: "goAway", reason: "Shutdown" },
    );
    await ended;
    const goAways = framesOf(octets()).filter(({ type }) => type === FrameType.GOAWAY);
    expect(goAways.map(({ payload }) => payload.toString("latin1").slice(8))).toEqual(["", '{"reason":"Shutdown"}']);
    expect(goAways.map(({ payload }) => payload.readUInt32BE(0))).toEqual([2 ** 31 - 1, 3]);
  });
});

describe("goAway, announced", () => {
  it("comes twice: first with the highest stream id, then with the last stream that is answered", async () => {
    const { peer } = await broken({ type: "goAway", reason: "Shutdown", announced: true, after: 1 });
    await peer.push();
    expect((await peer.push()).status).toBe(200);
    await peer.closed;
    expect(peer.goAways).toEqual([
      { code: 0, lastStreamId: 0x7fff_ffff, text: "" },
      { code: 0, lastStreamId: 3, text: '{"reason":"Shutdown"}' },
    ]);
  });
});

describe("wedge", () => {
  it("answers this and every later request of the connection with 500, and no other connection's", async () => {
    const { apple, peer } = await broken({ type: "wedge", after: 1, times: 1 });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await peer.push()).status);
    expect(statuses).toEqual([200, 500, 500]);
    expect((await (await http2(apple)).push()).status).toBe(200);
  });
});

describe("resetStream", () => {
  it("carries any code; the notification is not decided", async () => {
    const { apple, peer } = await broken({ type: "resetStream", errorCode: 2, times: 1 });
    await expect(peer.push()).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    expect((await peer.push()).status).toBe(200);
    expect(apple.stats().http2.received).toBe(1);
  });

  it("may come although it was decided", async () => {
    const { apple, peer } = await broken({ type: "resetStream", errorCode: 8, decided: true });
    await expect(peer.push()).rejects.toThrow();
    expect(apple.stats().http2.accepted).toBe(1);
  });
});

describe("settings", () => {
  it("lower the stream limit at run time, and restore it", async () => {
    const { peer, clock } = await broken({
      type: "settings",
      maxConcurrentStreams: 1,
      forMs: 30_000,
      after: 1,
      times: 1,
    });
    await peer.push();
    await peer.push();
    expect(peer.limits).toEqual([1000, 1]);
    clock.advance(30_000);
    await ping(peer);
    expect(peer.limits).toEqual([1000, 1, 1000]);
  });

  it("win over the limit that a provider token earns", async () => {
    const apple = await start();
    apple.world.register(deviceToken);
    apple.faults.add({ type: "settings", maxConcurrentStreams: 7, times: 1 });
    const peer = await http2(apple);
    await peer.push();
    await peer.push();
    expect(peer.limits).toEqual([1, 7]);
  });

  it("with a window of 0 let no payload through until they are restored", async () => {
    const { apple, peer, clock } = await broken({ type: "settings", initialWindowBytes: 0, forMs: 60_000, times: 1 });
    await peer.push();
    expect(peer.session.remoteSettings.initialWindowSize).toBe(0);
    const stalled = peer.push();
    await ping(peer);
    expect(apple.stats().http2.received).toBe(1);
    clock.advance(60_000);
    expect((await stalled).status).toBe(200);
    expect(peer.session.remoteSettings.initialWindowSize).toBe(65_535);
  });
});

describe("the order and time of answers", () => {
  it("delay: they come later, each by as much", async () => {
    const { apple, peer, clock } = await broken({ type: "delay", ms: 5000 });
    const answered: number[] = [];
    const push = () => peer.push().then(() => answered.push(clock.now()));
    const from = clock.now();
    const first = push();
    await until(() => apple.received.length === 1);
    clock.advance(1000);
    const second = push();
    await until(() => apple.received.length === 2);
    clock.advance(3999);
    await ping(peer);
    expect(answered).toEqual([]);
    clock.advance(1);
    await first;
    clock.advance(1000);
    await second;
    expect(answered).toEqual([from + 5000, from + 6000]);
  });

  async function order(fault: Fault): Promise<number[]> {
    const { apple, peer, clock } = await broken(fault);
    const answered: number[] = [];
    const pushes = Array.from({ length: 20 }, (_, index) => peer.push().then(() => answered.push(index)));
    await until(() => apple.received.length === 20);
    clock.advance(60);
    await Promise.all(pushes);
    return answered;
  }
  const inOrder = Array.from({ length: 20 }, (_, index) => index);

  it.each<Fault>([
    { type: "delay", ms: 0, jitterMs: 60 },
    { type: "reorder", depth: 20 },
    { type: "reorder", depth: 64 },
  ])("%o: they overtake one another, and none is lost", async (fault) => {
    const answered = await order(fault);
    expect(answered).not.toEqual(inOrder);
    expect(answered.toSorted((a, b) => a - b)).toEqual(inOrder);
  });

  it("composes with a refusal", async () => {
    const { apple, peer, clock } = await broken(
      { type: "delay", ms: 50 },
      { type: "reject", reason: "TooManyRequests" },
    );
    const push = peer.push();
    await until(() => apple.received.length === 1);
    clock.advance(50);
    expect((await push).status).toBe(429);
  });
});

describe("stopReading", () => {
  it("makes the sender wait, then reads on", async () => {
    const { apple, peer, clock } = await broken({ type: "stopReading", forMs: 60_000, times: 1 });
    await peer.push();
    const second = peer.push();
    // Somebody else is read meanwhile.
    expect((await (await http2(apple)).push()).status).toBe(200);
    expect(apple.stats().http2.received).toBe(2);
    clock.advance(60_000);
    expect((await second).status).toBe(200);
    expect(apple.stats().http2.received).toBe(3);
  });
});

describe("lose", () => {
  it("is answered with 200, and reaches no device; a broadcast none that listens", async () => {
    const { apple, peer } = await broken({ type: "lose", api: "device" }, { type: "lose", api: "broadcast", times: 1 });
    const phone = apple.world.connectDevice();
    const { channelId } = apple.world.channels.create("com.example.App");
    phone.subscribe(channelId);
    expect((await peer.push({ token: phone.deviceToken })).status).toBe(200);
    const headers = { "apns-channel-id": channelId, "apns-push-type": "liveactivity", "apns-expiration": "0" };
    for (const body of ["lost", "told"]) {
      expect((await peer.ask("POST", "/4/broadcasts/apps/com.example.App", headers, body)).status).toBe(200);
    }
    expect([...apple.received].map(({ lost }) => lost)).toEqual([true, true, undefined]);
    expect(Array.from(phone.delivered, ({ payload }) => payload)).toEqual(["told"]);
    expect(phone.dropped.lost).toBe(2);
  });
});

describe("cut with close_notify", () => {
  it("ends in order, without GOAWAY", async () => {
    const { octets, ended, socket, apple } = await raw({ type: "cut", how: "closeNotify" });
    await ended;
    expect(socket.readableEnded).toBe(true);
    expect(framesOf(octets()).map(({ type }) => type)).not.toContain(FrameType.GOAWAY);
    expect(apple.stats().http2.received).toBe(0);
  });
});

describe("cut in mid-frame", () => {
  it.each(["fin", "rst"] as const)("(%s): the last frame is not whole, the notification decided", async (how) => {
    const { apple, octets, ended } = await raw({ type: "cut", how, midFrame: true });
    await ended;
    const all = octets();
    const frames = framesOf(all);
    const whole = frames.reduce((sum, { payload }) => sum + frameHeadBytes + payload.length, 0);
    expect(all.length - whole).toBeGreaterThan(frameHeadBytes);
    expect(readFrameHead(all, whole).type).toBe(FrameType.HEADERS);
    expect(apple.stats().http2.accepted).toBe(1);
  });
});

describe("a sender that opens more than it may", () => {
  it.each([
    ["refuse", ["fulfilled", "rejected", "rejected"]],
    ["serve", ["fulfilled", "fulfilled", "fulfilled"]],
  ] as const)("before it has read the limit: %s", async (streamsOverUnreadLimit, expected) => {
    const apple = await start({ quirks: { streamsOverUnreadLimit } });
    apple.world.register(deviceToken);
    // Three HEADERS before the first DATA, all before our SETTINGS can have come.
    const { octets } = await rawHttp2(apple, 3, providerToken(apple));
    const answers = () =>
      framesOf(octets()).filter(({ type, streamId }) => streamId > 0 && type !== FrameType.WINDOW_UPDATE);
    await until(() => answers().length === 3);
    const kinds = answers()
      .toSorted((a, b) => a.streamId - b.streamId)
      .map(({ type }) => (type === FrameType.HEADERS ? "fulfilled" : "rejected"));
    expect(kinds).toEqual(expected);
    const refused = answers().filter(({ type }) => type === FrameType.RST_STREAM);
    for (const { payload } of refused) expect(payload.readUInt32BE(0)).toBe(7);
  });
});
