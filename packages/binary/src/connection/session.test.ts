import { fromHex } from "@apns/testkit";
import { describe, expect, test } from "vitest";
import { SentWindow } from "./sent-window.js";
import { Session, type SessionOptions, type Settlement } from "./session.js";

const defaults: SessionOptions = {
  format: "enhanced",
  confirm: "barrier",
  capacity: 10,
  barrierTimeoutMs: 1000,
  confirmAfterIdleMs: 100,
  confirmWithinMs: 500,
  silenceMs: 300,
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A session with the entries "a", "b", "c" … sent at time 1000. */
function sessionWith(count: number, options: Partial<SessionOptions> = {}): Session<string> {
  const session = new Session<string>({ ...defaults, ...options });
  for (let index = 0; index < count; index++) session.add(String.fromCharCode(97 + index));
  if (count > 0) session.noteWrite(1000);
  return session;
}

/** A settlement in few words: accepted|rejected|unprocessed|unknown. */
function short(settlement: Settlement<string> | undefined): string | undefined {
  if (settlement === undefined) return undefined;
  const { ending, accepted, rejected, unprocessed, unknown } = settlement;
  return `${ending} ${accepted.join("")}|${rejected ?? ""}|${unprocessed.join("")}|${unknown.join("")}`;
}

describe("what an error response proves, of a b c d with identifiers 1 to 4", () => {
  test.each([
    ["0808 00000001", "refused |a|bcd|", undefined],
    ["0808 00000003", "refused ab|c|d|", undefined],
    ["0808 00000004", "refused abc|d||", undefined],
    ["0801 00000002", "refused a|b|cd|", undefined],
    ["0802 00000002", "refused a|b|cd|", undefined],
    ["0803 00000002", "refused a|b|cd|", undefined],
    ["0804 00000002", "refused a|b|cd|", undefined],
    ["0805 00000002", "refused a|b|cd|", undefined],
    ["0806 00000002", "refused a|b|cd|", undefined],
    ["0807 00000002", "refused a|b|cd|", undefined],
    ["0880 00000002", "refused a|b|cd|", undefined],
    ["08ff 00000002", "refused a|b|cd|", undefined],
    ["0809 00000002", "refused a|b|cd|", undefined],
    ["0863 00000002", "refused a|b|cd|", undefined],
    ["080a 00000001", "shutdown a||bcd|", undefined],
    ["080a 00000004", "shutdown abcd|||", undefined],
    ["080a 00000000", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["0800 00000002", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["0808 00000000", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    // The quirk is for barriers only: none was sent.
    ["0802 00000000", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["0880 00000000", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["0808 00000005", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["0808 ffffffff", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
    ["1508 00000002", "unattributed |||abcd", "ERR_APNS_PROTOCOL"],
  ])("%s: %s", (bytes, expected, code) => {
    const session = sessionWith(4);
    const settlement = session.receive(fromHex(bytes));
    expect(short(settlement)).toBe(expected);
    if (code !== undefined) expect(settlement?.cause.code).toBe(code);
    expect(session.state).toBe("ended");
    expect([session.outstanding, session.room, session.nextDeadline()]).toEqual([0, 0, undefined]);
    expect(session.receive(fromHex("0808 00000001"))).toBeUndefined();
    expect(session.end()).toBeUndefined();
  });

  test("byte by byte the verdict comes with the sixth", () => {
    const session = sessionWith(2);
    const verdicts = [...fromHex("0808 00000002")].map((byte) => short(session.receive(Uint8Array.of(byte))));
    expect(verdicts).toEqual([undefined, undefined, undefined, undefined, undefined, "refused a|b||"]);
  });
});

describe("the barrier", () => {
  test.each([
    ["enhanced", "01 00000004 00000000 0000 0000"],
    ["simple", "01 00000004 00000000 0000 0000"],
    ["framed", "02 00000018 03 0004 00000004 01 0000 02 0000 04 0004 00000000 05 0001 0a"],
  ] as const)("is, in format %s, an empty frame with the next identifier", (format, bytes) => {
    const session = sessionWith(3, { format });
    expect(hex(session.writeBarrier(2000))).toBe(hex(fromHex(bytes)));
    expect([session.state, session.room]).toEqual(["draining", 0]);
  });

  test.each([
    ["its echo", "0802 00000004", "confirmed abc|||"],
    ["its echo with another status", "0808 00000004", "confirmed abc|||"],
    ["its echo with a shutdown", "080a 00000004", "confirmed abc|||"],
    ["status 2 and no identifier", "0802 00000000", "confirmed abc|||"],
    ["status 8 and no identifier", "0808 00000000", "unattributed |||abc"],
    ["status 0 and its identifier", "0800 00000004", "unattributed |||abc"],
    ["a refusal of an earlier one", "0808 00000002", "refused a|b|c|"],
    ["a shutdown before it", "080a 00000002", "shutdown ab||c|"],
    ["an identifier never sent", "0802 00000005", "unattributed |||abc"],
  ])("answered by %s", (_, bytes, expected) => {
    const session = sessionWith(3);
    session.writeBarrier(2000);
    expect(short(session.receive(fromHex(bytes)))).toBe(expected);
  });

  test("in format simple only its own echo names anything", () => {
    const named = sessionWith(3, { format: "simple" });
    expect(short(named.receive(fromHex("0808 00000002")))).toBe("unattributed |||abc");
    const confirmed = sessionWith(3, { format: "simple" });
    confirmed.writeBarrier(2000);
    expect(short(confirmed.receive(fromHex("0802 00000004")))).toBe("confirmed abc|||");
  });

  test("unanswered, ends the session at its deadline and not before", () => {
    const session = sessionWith(2);
    session.writeBarrier(2000);
    expect(session.nextDeadline()).toBe(3000);
    expect(session.advance(2999)).toBeUndefined();
    const settlement = session.advance(3000);
    expect(short(settlement)).toBe("unanswered |||ab");
    expect(settlement?.cause).toMatchObject({ code: "ERR_APNS_SILENCE" });
  });

  test("is due when the window is full, after an idle spell, or when the oldest has waited for long", () => {
    const session = sessionWith(9);
    expect([session.room, session.isBarrierDue(1000), session.nextDeadline()]).toEqual([1, false, 1100]);
    expect([session.isBarrierDue(1099), session.isBarrierDue(1100)]).toEqual([false, true]);
    for (let now = 1050; now < 1500; now += 50) session.noteWrite(now);
    expect([session.nextDeadline(), session.isBarrierDue(1499), session.isBarrierDue(1500)]).toEqual([
      1500,
      false,
      true,
    ]);
    session.add("j");
    expect([session.room, session.isBarrierDue(1450)]).toEqual([0, true]);
  });

  test("is never due behind nothing", () => {
    const session = sessionWith(0);
    expect([session.isBarrierDue(1e9), session.nextDeadline()]).toEqual([false, undefined]);
  });
});

describe("a connection that ends without six bytes", () => {
  test("proves nothing", () => {
    const settlement = sessionWith(2).end();
    expect(short(settlement)).toBe("lost |||ab");
    expect(settlement?.cause).toMatchObject({ code: "ERR_APNS_CONNECTION_LOST" });
    expect(settlement?.cause.message).toContain("without a word");
  });

  test("after some of them, says how many", () => {
    const session = sessionWith(2);
    session.receive(fromHex("0808 0000"));
    const settlement = session.end(new Error("read ECONNRESET"));
    expect(short(settlement)).toBe("lost |||ab");
    expect(settlement?.cause.message).toContain("(read ECONNRESET) after 4 of the 6 bytes");
  });
});

describe("silence", () => {
  const silent = { confirm: "silence" } as const;

  test("is taken for all there is to know after silenceMs, batch by batch, and frees the window", () => {
    const session = sessionWith(10, silent);
    expect([session.room, session.isBarrierDue(1e9), session.nextDeadline()]).toEqual([0, false, 1300]);
    expect(session.takeSilent(1299)).toEqual([]);
    expect(session.takeSilent(1300).join("")).toBe("abcdefghij");
    expect([session.room, session.nextDeadline()]).toEqual([10, undefined]);
    session.add("k");
    session.noteWrite(1400);
    session.add("l");
    session.noteWrite(1500);
    expect(session.takeSilent(1700).join("")).toBe("k");
    expect(session.nextDeadline()).toBe(1800);
    // Identifiers go on: l is the twelfth.
    expect(short(session.receive(fromHex("0808 0000000c")))).toBe("refused |l||");
  });

  test("a late refusal of one given up proves what came after it unprocessed", () => {
    const session = sessionWith(3, silent);
    session.takeSilent(1300);
    session.add("d");
    session.add("e");
    session.noteWrite(1400);
    expect(short(session.receive(fromHex("0808 00000002")))).toBe("refused ||de|");
  });
});

describe("identifiers", () => {
  test("start at 1, wrap from 2^32 - 1 to 1 and are never 0", () => {
    const window = new SentWindow<string>(0xffff_fffe);
    expect([window.add("a"), window.add("b"), window.add("c"), window.add("d")]).toEqual([
      0xffff_fffe, 0xffff_ffff, 1, 2,
    ]);
    expect([0xffff_fffe, 0xffff_ffff, 1, 2].map((identifier) => window.find(identifier))).toEqual([0, 1, 2, 3]);
    expect([0, 3, 0xffff_fffd].map((identifier) => window.find(identifier))).toEqual(["unknown", "unknown", "unknown"]);
    expect(window.take(2)).toEqual(["a", "b"]);
    expect([0xffff_fffe, 0xffff_ffff, 1, 2, 3].map((identifier) => window.find(identifier))).toEqual([
      "forgotten",
      "forgotten",
      0,
      1,
      "unknown",
    ]);
    expect(new SentWindow().nextIdentifier).toBe(1);
  });

  test("a refusal after the wrap is told apart from one before it", () => {
    const session = sessionWith(4, { firstIdentifier: 0xffff_fffe });
    expect(short(session.receive(fromHex("0808 00000001")))).toBe("refused ab|c|d|");
  });

  test("a window that is used for long neither grows nor loses its place", () => {
    const window = new SentWindow<number>();
    for (let round = 0; round < 5000; round++) {
      for (let index = 0; index < 7; index++) window.add(round * 7 + index);
      if (round > 10) expect(window.take(7)[0]).toBe((round - 11) * 7);
    }
    expect([window.size, window.total, [...window][0]]).toEqual([77, 35_000, 34_923]);
    expect([window.find(34_923), window.find(34_924), window.find(35_001)]).toEqual(["forgotten", 0, "unknown"]);
  });
});
