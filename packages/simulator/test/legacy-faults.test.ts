// Faults of the legacy wire that only a sender which reads octets can tell apart.
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { FakeClock } from "@apns/testkit";
import { describe, expect, it } from "vitest";
import type { Fault, Simulator, SimulatorOptions } from "../src/index.ts";
import { deviceToken, enhanced, legacy, start, until } from "./peers.ts";

const barrier = "01 0000ffff 00000000 0000 0000";
const unknown = "ab".repeat(32);

async function broken(fault: Fault, options: SimulatorOptions = {}): Promise<Simulator> {
  const apple = await start({ errorLingerMs: 0, ...options });
  apple.world.register(deviceToken);
  apple.faults.add(fault);
  return apple;
}

/** What the gateway says to these frames, to the end. */
async function said(apple: Simulator, frames: string): Promise<string> {
  const peer = await legacy(apple);
  peer.send(frames);
  return peer.ended;
}

describe("wrongIdentifier", () => {
  it.each([
    ["zero", "00000000"],
    ["previous", "0000001f"],
  ] as const)("%s: whatever the status", async (names, identifier) => {
    const apple = await broken({ type: "wrongIdentifier", names });
    expect(await said(apple, enhanced(0x20, unknown))).toBe(`0808${identifier}`);
    expect(await said(apple, enhanced(0x20, deviceToken, ""))).toBe(`0804${identifier}`);
  });

  it("random: the same one for the same seed", async () => {
    const run = async (seed: number) =>
      said(await broken({ type: "wrongIdentifier", names: "random" }, { seed }), barrier);
    const [first, again, other] = [await run(3), await run(3), await run(4)];
    expect(first).toMatch(/^0802[0-9a-f]{8}$/);
    expect(first).not.toBe("08020000ffff");
    expect([again === first, other === first]).toEqual([true, false]);
  });
});

describe("errorResponse", () => {
  it("garbled: the first byte is not 8", async () => {
    expect(await said(await broken({ type: "errorResponse", how: "garbled" }), barrier)).toBe("09020000ffff");
  });

  it("trailing: more bytes come behind the six", async () => {
    const garbage = Buffer.from("garbage").toString("hex");
    expect(await said(await broken({ type: "errorResponse", how: "trailing" }), barrier)).toBe(
      `08020000ffff${garbage}`,
    );
  });

  it("split: anywhere", async () => {
    const peer = await legacy(await broken({ type: "errorResponse", how: "split", at: 4 }, { errorLingerMs: 100 }));
    peer.send(barrier);
    expect(await peer.ended).toBe("08020000ffff");
    expect(peer.chunks.map((chunk) => chunk.length)).toEqual([4, 2]);
  });

  it("open: the connection is not closed behind it", async () => {
    const apple = await broken({ type: "errorResponse", how: "open" });
    const peer = await legacy(apple);
    peer.send(barrier);
    expect(await peer.read(6)).toBe("08020000ffff");
    peer.send(enhanced(1));
    await until(() => apple.stats().binary.discarded === 1);
    expect([peer.socket.readableEnded, apple.stats().binary.connectionsOpen]).toEqual([false, 1]);
  });

  it("only for the device tokens named", async () => {
    const apple = await broken({ type: "errorResponse", how: "missing", deviceToken: "abab" });
    expect(await said(apple, enhanced(1, unknown))).toBe("");
    expect(await said(apple, enhanced(1, "cd".repeat(32)))).toBe("080800000001");
  });

  it("delayed comes later, and nothing is processed meanwhile", async () => {
    const clock = new FakeClock();
    const apple = await broken({ type: "errorResponse", how: "delayed", ms: 5000, jitterMs: 1000 }, { clock });
    const peer = await legacy(apple);
    peer.send(barrier + enhanced(1));
    await until(() => apple.stats().binary.discarded === 1);
    clock.advance(4999);
    // Another connection's answer shows that there was time for this one's.
    expect(await said(await broken({ type: "lose" }), barrier)).toBe("08020000ffff");
    expect(peer.hex).toBe("");
    clock.advance(1001);
    expect(await peer.ended).toBe("08020000ffff");
    expect(apple.stats().binary).toMatchObject({ accepted: 0, discarded: 1 });
  });
});

describe("cut with close_notify", () => {
  it("ends in order, without a byte", async () => {
    const apple = await broken({ type: "cut", how: "closeNotify", after: 1 });
    const peer = await legacy(apple);
    peer.send(enhanced(1) + enhanced(2));
    expect(await peer.ended).toBe("");
    expect(peer.error).toBeUndefined();
    expect(apple.stats().binary).toMatchObject({ accepted: 1, received: 1 });
  });
});

describe("stopReading, on the legacy wire", () => {
  it("makes the sender wait, then reads on", async () => {
    const clock = new FakeClock();
    const apple = await broken({ type: "stopReading", forMs: 60_000, times: 1 }, { clock });
    const peer = await legacy(apple);
    peer.send(enhanced(1));
    await until(() => apple.stats().binary.accepted === 1);
    peer.send(enhanced(2) + barrier);
    // Somebody else's frames are read meanwhile.
    expect(await said(apple, enhanced(3) + barrier)).toBe("08020000ffff");
    expect([peer.hex, apple.stats().binary.accepted]).toEqual(["", 2]);
    clock.advance(60_000);
    expect(await peer.ended).toBe("08020000ffff");
    expect(apple.stats().binary.accepted).toBe(3);
  });
});

describe("lose", () => {
  it("is accepted, and reaches no device", async () => {
    const apple = await broken({ type: "lose", times: 1 });
    const phone = apple.world.connectDevice();
    expect(await said(apple, enhanced(1, phone.deviceToken) + enhanced(2, phone.deviceToken) + barrier)).toBe(
      "08020000ffff",
    );
    expect(apple.stats().binary.accepted).toBe(2);
    expect([...apple.received].map(({ identifier, lost }) => [identifier, lost])).toEqual([
      [1, true],
      [2, undefined],
      [0xffff, undefined],
    ]);
    expect(Array.from(phone.delivered, ({ identifier }) => identifier)).toEqual([2]);
    expect(phone.dropped.lost).toBe(1);
  });
});

describe("feedback", () => {
  const tuple = (token: string): string => `6553f1000020${token}`;
  const both = tuple(deviceToken) + tuple(unknown);

  async function told(fault: Fault, options: SimulatorOptions = {}) {
    const apple = await broken(fault, options);
    for (const token of [deviceToken, unknown]) apple.world.feedback.add("com.example.App", token, 1_700_000_000_000);
    // TLS on a socket of one's own, which can be reset.
    const tcp = connectTcp(apple.feedback.port, apple.feedback.host);
    await once(tcp, "connect");
    const peer = await legacy(apple, { service: "feedback", socket: tcp });
    return {
      apple,
      peer,
      breakOff: () => tcp.resetAndDestroy(),
      waiting: () => apple.world.feedback.size("com.example.App"),
    };
  }

  it("split: tuples come in pieces", async () => {
    const { peer, waiting } = await told({ type: "feedback", how: "split" });
    expect(await peer.ended).toBe(both);
    expect(peer.chunks[0]!.length).toBe(7);
    expect(waiting()).toBe(0);
  });

  it("truncated: the last tuple is not whole", async () => {
    const { peer } = await told({ type: "feedback", how: "truncated" });
    expect(await peer.ended).toBe(both.slice(0, -20));
  });

  it("reset: a TCP reset in place of the end", async () => {
    const { peer } = await told({ type: "feedback", how: "reset" });
    await peer.closed;
    expect([peer.hex, peer.error?.code]).toEqual([both, "ECONNRESET"]);
  });

  it("open: the end never comes", async () => {
    const { apple, peer } = await told({ type: "feedback", how: "open", times: 1 });
    expect(await peer.read(76)).toBe(both);
    // Whoever asks next gets the end that this one waits for.
    expect(await (await legacy(apple, { service: "feedback" })).ended).toBe("");
    expect([peer.socket.readableEnded, apple.stats().feedback.connectionsOpen]).toEqual([false, expect.any(Number)]);
  });

  it("twice: every tuple stands there twice", async () => {
    const { peer } = await told({ type: "feedback", how: "twice" });
    expect(await peer.ended).toBe(tuple(deviceToken).repeat(2) + tuple(unknown).repeat(2));
  });

  it("kept: the list is told again", async () => {
    const { apple, peer } = await told({ type: "feedback", how: "kept", times: 1 });
    expect(await peer.ended).toBe(both);
    expect(await (await legacy(apple, { service: "feedback" })).ended).toBe(both);
    expect(await (await legacy(apple, { service: "feedback" })).ended).toBe("");
  });

  it("strikes only the poll that its number names", async () => {
    const { peer } = await told({ type: "feedback", how: "truncated", after: 1 });
    expect(await peer.ended).toBe(both);
  });

  // Which is what the quirk is about: whether the list outlives a reader that breaks off.
  it("cleared when read: a reader that breaks off is told again, save for who came back", async () => {
    const { apple, peer, breakOff, waiting } = await told(
      { type: "feedback", how: "open", times: 1 },
      { quirks: { feedbackClearedWhen: "read" } },
    );
    await peer.read(76);
    apple.world.register(deviceToken);
    breakOff();
    await until(() => waiting() === 1);
    const next = await legacy(apple, { service: "feedback" });
    expect(await next.ended).toBe(tuple(unknown));
    next.socket.end();
    await once(next.socket, "close");
    await until(() => apple.stats().feedback.connectionsOpen === 0);
    expect(waiting()).toBe(0);
  });

  it("cleared when asked: what a reader that breaks off missed is lost", async () => {
    const { apple, peer, breakOff, waiting } = await told({ type: "feedback", how: "open", times: 1 });
    await peer.read(38);
    breakOff();
    await until(() => apple.stats().feedback.connectionsOpen === 0);
    expect(waiting()).toBe(0);
  });
});
