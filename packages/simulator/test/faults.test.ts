import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Fault, Simulator } from "../src/index.ts";
import { deviceToken, enhanced, http2, legacy, sleep, start, until } from "./peers.ts";

const barrier = "01 0000ffff 00000000 0000 0000";
const unknown = "ab".repeat(32);

async function broken(fault: Fault, options = {}): Promise<Simulator> {
  const apple = await start({ errorLingerMs: 30, ...options });
  apple.world.register(deviceToken);
  apple.faults.add(fault);
  return apple;
}

describe("over HTTP/2", () => {
  it("blackHole: the connection answers nothing any more, and stays open", async () => {
    const apple = await broken({ type: "blackHole", after: 2 });
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    expect((await peer.push()).status).toBe(200);
    let settled = false;
    const third = peer.push().then(
      () => (settled = true),
      () => (settled = true),
    );
    await sleep(100);
    expect(settled).toBe(false);
    expect(peer.session.closed).toBe(false);
    expect(apple.stats().http2).toMatchObject({ received: 2, connectionsOpen: 1 });
    await apple.close();
    await third;
  });

  it("cut with a reset: what is under way meets ECONNRESET, what came before was answered", async () => {
    const apple = await broken({ type: "cut", how: "rst", after: 1 });
    const peer = await http2(apple);
    const errors: unknown[] = [];
    peer.session.on("error", (error) => errors.push(error));
    expect((await peer.push()).status).toBe(200);
    await expect(peer.push()).rejects.toThrow("ECONNRESET");
    await peer.closed;
    expect(errors).toMatchObject([{ code: "ECONNRESET" }]);
    expect(peer.goAways).toEqual([]);
    expect(apple.stats().http2.received).toBe(1);
  });

  it("cut with an end: no GOAWAY, no answer, no error of the connection", async () => {
    const apple = await broken({ type: "cut", how: "fin", after: 1 });
    const peer = await http2(apple);
    expect((await peer.push()).status).toBe(200);
    await expect(peer.push()).rejects.toThrow();
    await peer.closed;
    expect(peer.goAways).toEqual([]);
  });

  it("goAway: this stream is answered, later ones are not, then the connection ends", async () => {
    const apple = await broken({ type: "goAway", reason: "Shutdown", after: 2 });
    const peer = await http2(apple, apple.credentials.tls);
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => peer.push()));
    await peer.closed;
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(peer.goAways[0]).toEqual({ code: 0, lastStreamId: 5, text: '{"reason":"Shutdown"}' });
    expect(apple.stats().http2.received).toBe(3);
  });

  it("goAway before this stream: it is not processed", async () => {
    const apple = await broken({ type: "goAway", lastStream: "previous", after: 2, times: 1 });
    const peer = await http2(apple, apple.credentials.tls);
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => peer.push()));
    await peer.closed;
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(peer.goAways[0]).toMatchObject({ code: 0, lastStreamId: 3, text: "" });
    expect(apple.stats().http2.received).toBe(2);
    expect((await (await http2(apple)).push()).status).toBe(200);
  });

  it("goAway before the very first stream names none", async () => {
    const apple = await broken({ type: "goAway", lastStream: "previous" });
    const peer = await http2(apple, apple.credentials.tls);
    const results = await Promise.allSettled([1, 2].map(() => peer.push()));
    await peer.closed;
    expect(results).toMatchObject([
      { status: "rejected", reason: { message: expect.stringContaining("NGHTTP2_REFUSED_STREAM") } },
      { status: "rejected" },
    ]);
    expect(peer.goAways).toEqual([{ code: 0, lastStreamId: 0, text: "" }]);
    expect(apple.stats().http2.received).toBe(0);
  });

  it("refuseStream: RST_STREAM with REFUSED_STREAM, and the connection lives on", async () => {
    const apple = await broken({ type: "refuseStream", times: 1 });
    const peer = await http2(apple);
    await expect(peer.push()).rejects.toThrow("NGHTTP2_REFUSED_STREAM");
    expect((await peer.push()).status).toBe(200);
    expect(apple.stats().http2.received).toBe(1);
  });

  it.each([
    [{ reason: "InternalServerError" }, 500],
    [{ reason: "ServiceUnavailable" }, 503],
    [{ reason: "TooManyRequests", retryAfter: 7 }, 429],
    [{ reason: "SomethingNew", httpStatus: 418 }, 418],
  ])("reject: %o", async (what, status) => {
    const apple = await broken({ type: "reject", ...what });
    const response = await (await http2(apple)).push();
    expect([response.status, response.reason]).toEqual([status, what.reason]);
    expect(response.headers["retry-after"]).toBe("retryAfter" in what ? "7" : undefined);
  });

  it("stallTls: the TCP connection is accepted, the handshake never answered", async () => {
    const apple = await broken({ type: "stallTls", wire: "http2", times: 1 });
    const { host, port, ca, servername } = apple.http2;
    const stalled = connectTls({ host, port, ca: ca as string, servername });
    stalled.on("error", () => {});
    let events = 0;
    for (const event of ["secureConnect", "end", "close", "error"]) stalled.on(event, () => events++);
    await once(stalled, "connect");
    await sleep(100);
    expect(events).toBe(0);
    stalled.destroy();
    expect((await (await http2(apple)).push()).status).toBe(200);
    await legacy(apple); // The other wire has no part in it.
  });
});

describe("over the legacy wire", () => {
  it("blackHole: not even a barrier is answered", async () => {
    const apple = await broken({ type: "blackHole", after: 2 });
    const peer = await legacy(apple);
    peer.send(enhanced(1) + enhanced(2) + enhanced(3) + barrier);
    await until(() => apple.received.length === 2);
    await sleep(100);
    expect([peer.hex, peer.socket.readableEnded]).toEqual(["", false]);
    expect(apple.stats().binary).toMatchObject({ received: 2, connectionsOpen: 1 });
  });

  it.each(["fin", "rst"] as const)("cut (%s): the end, without a byte", async (how) => {
    const apple = await broken({ type: "cut", how, after: 2 });
    const peer = await legacy(apple);
    peer.send(enhanced(1) + enhanced(2) + enhanced(3));
    expect(await peer.ended).toBe("");
    expect(peer.error?.code).toBe(how === "rst" ? "ECONNRESET" : undefined);
    expect(apple.stats().binary).toMatchObject({ received: 2, accepted: 2 });
  });

  it("shutdown: status 10 names the last accepted one, and what follows is not processed", async () => {
    const apple = await broken({ type: "shutdown", after: 2 });
    const peer = await legacy(apple);
    peer.send(enhanced(1) + enhanced(2) + enhanced(3));
    expect(await peer.ended).toBe("080a00000002");
    expect(apple.stats().binary.received).toBe(2);
  });

  it.each([
    [{ reason: "InternalServerError" }, "080100000005"],
    [{ reason: "TooManyRequests" }, "08ff00000005"],
    [{ reason: "Whatever", statusCode: 200 }, "08c800000005"],
  ])("reject: %o", async (what, response) => {
    const apple = await broken({ type: "reject", ...what });
    const peer = await legacy(apple);
    peer.send(enhanced(5));
    expect(await peer.ended).toBe(response);
  });

  it("errorResponse missing: the close comes without it", async () => {
    const apple = await broken({ type: "errorResponse", how: "missing" });
    const peer = await legacy(apple);
    peer.send(enhanced(1, unknown));
    expect(await peer.ended).toBe("");
    expect(apple.stats().binary.rejected).toBe(1);
  });

  it("errorResponse split: it comes in two pieces", async () => {
    const apple = await broken({ type: "errorResponse", how: "split" }, { errorLingerMs: 100 });
    const peer = await legacy(apple);
    peer.send(enhanced(1, unknown));
    expect(await peer.ended).toBe("080800000001");
    expect(peer.chunks.map((chunk) => chunk.length)).toEqual([1, 5]);
  });

  it("errorResponse reset: a TCP reset right behind it", async () => {
    const apple = await broken({ type: "errorResponse", how: "reset" });
    const peer = await legacy(apple);
    peer.send(enhanced(1, unknown));
    await peer.ended;
    // TLS may have had time to say goodbye; the client then learns of the reset when it writes.
    if (!peer.socket.destroyed) peer.send(enhanced(2, unknown));
    await peer.closed;
    expect(["ECONNRESET", "EPIPE"]).toContain(peer.error?.code);
    expect(["", "080800000001"]).toContain(peer.hex); // Which of the two is the client's luck: that is the fault.
  });

  it("identifierZero: status 2 names 0; other codes name what they should", async () => {
    const apple = await broken({ type: "identifierZero" });
    const poisoned = await legacy(apple);
    poisoned.send(barrier);
    expect(await poisoned.ended).toBe("080200000000");
    const other = await legacy(apple);
    other.send(enhanced(1, unknown));
    expect(await other.ended).toBe("080800000001");
  });

  it("stallTls: likewise", async () => {
    const apple = await broken({ type: "stallTls", wire: "binary" });
    const socket = connectTcp(apple.gateway.port, apple.gateway.host);
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(Buffer.from("16030100", "hex"));
    await sleep(50);
    expect([socket.bytesRead, socket.readableEnded]).toEqual([0, false]);
    socket.destroy();
  });
});

describe("when faults strike", () => {
  it("a share of them, the same ones for the same seed", async () => {
    const run = async (seed: number) => {
      const apple = await start({ seed });
      apple.world.register(deviceToken);
      apple.faults.add({ type: "reject", reason: "ServiceUnavailable", share: 0.3 });
      const peer = await http2(apple);
      const statuses = [];
      for (let index = 0; index < 100; index++) statuses.push((await peer.push()).status);
      return statuses;
    };
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const failed = first.filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThan(45);
  });

  it("as often as told, for the device tokens named, until they are removed", async () => {
    const apple = await start();
    apple.world.register([deviceToken, "0a".repeat(32)]);
    const peer = await http2(apple);
    const twice = apple.faults.add({ type: "reject", reason: "InternalServerError", deviceToken: "0A0A", times: 2 });
    const status = async (token: string) => (await peer.push({ token })).status;
    expect(await status(deviceToken)).toBe(200);
    expect([await status("0a".repeat(32)), await status("0a".repeat(32))]).toEqual([500, 500]);
    expect(await status("0a".repeat(32))).toBe(200);
    expect(twice.fired).toBe(2);

    const always = apple.faults.add({ type: "reject", reason: "Shutdown" });
    expect(await status(deviceToken)).toBe(503);
    always.remove();
    expect(await status(deviceToken)).toBe(200);
    apple.faults.add({ type: "reject", reason: "Shutdown" });
    apple.faults.clear();
    expect(await status(deviceToken)).toBe(200);
    expect(apple.faults.active).toEqual([]);
  });

  it("only on the connection named, and for device tokens that fit a pattern", async () => {
    const apple = await start();
    const [odd, even] = ["ab".repeat(31).concat("01"), "ab".repeat(31).concat("02")];
    apple.world.register([odd, even]);
    const [first, second] = [await http2(apple), await http2(apple)];
    apple.faults.add({ type: "reject", reason: "Shutdown", connection: 2, deviceToken: "AB*0?" });
    apple.faults.add({ type: "reject", reason: "TooManyRequests", deviceToken: "*01" });
    const reasons = async (peer: typeof first) => [
      (await peer.push({ token: odd })).reason,
      (await peer.push({ token: even })).reason,
    ];
    expect(await reasons(first)).toEqual(["TooManyRequests", undefined]);
    expect(await reasons(second)).toEqual(["Shutdown", "Shutdown"]);
    expect(apple.faults.active.map(({ id }) => id)).toEqual([1, 2]);
  });

  it("may invent reasons, of which a thousand are counted by name", async () => {
    const apple = await start();
    const peer = await http2(apple);
    for (let index = 0; index < 1002; index++) {
      const fault = apple.faults.add({ type: "reject", reason: `Reason${index}`, httpStatus: 400 });
      await peer.push();
      fault.remove();
    }
    const { rejected, rejectedByReason } = apple.stats().http2;
    expect([rejected, Object.keys(rejectedByReason).length]).toEqual([1002, 1001]);
    expect(rejectedByReason["others"]).toBe(2);
  });

  it("are no more than a thousand", async () => {
    const { faults } = await start();
    for (let index = 0; index < 1000; index++) faults.add({ type: "reject", reason: "Shutdown" });
    expect(() => faults.add({ type: "wedge" })).toThrow("1000 faults are on already");
  });

  it.each([
    ["fault.type", { type: "earthquake" }],
    ["fault.wire", { type: "goAway", wire: "binary" }],
    ["fault.share", { type: "blackHole", share: 2 }],
    ["fault.after", { type: "blackHole", after: -1 }],
    ["fault.times", { type: "blackHole", times: 0 }],
    ["fault.how", { type: "cut", how: "gently" }],
    ["fault.how", { type: "errorResponse", how: "late" }],
    ["fault.reason", { type: "reject" }],
    ["fault.httpStatus", { type: "reject", reason: "X", httpStatus: 200 }],
    ["fault.statusCode", { type: "reject", reason: "X", statusCode: 256 }],
    ["fault.api", { type: "delay", ms: 1, api: "feedback" }],
    ["fault.ms", { type: "clockSkew" }],
    ["fault.share", { type: "refuseConnections", share: 0.5 }],
    ["fault.lastStream", { type: "goAway", lastStream: "next" }],
    ["fault.lastStream", { type: "goAway", lastStream: -1 }],
    ["fault.answersPing", { type: "blackHole", answersPing: "no" }],
    ["fault.reason", { type: "reject", reason: "x".repeat(1025) }],
    ["fault.reasn", { type: "goAway", reasn: "Shutdown" }],
    ["fault", "cut"],
  ])("%s is checked", async (field, fault) => {
    const apple = await start();
    expect(() => apple.faults.add(fault as Fault)).toThrow(expect.objectContaining({ field }));
  });
});
