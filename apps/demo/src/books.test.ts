import { describe, expect, test } from "vitest";
import { Books, balances, doubtText } from "./books.js";
import type { DeviceKind } from "./workload.js";

const good = (): DeviceKind => "good";

describe("the books", () => {
  test("balance when everything accepted arrived once, and nothing else arrived", () => {
    const books = new Books(4);
    books.enter(0, "accepted");
    books.enter(1, "rejected");
    books.enter(2, "unsent");
    books.enter(3, "unconfirmed");
    const balance = books.balance(Uint8Array.of(1, 0, 0, 1), (index) => (index === 1 ? "bad" : "good"));
    expect(balance).toEqual({
      ...{ simulatorReceived: 2, lost: 0, doubled: 0, misreported: 0, withoutOutcome: 0 },
      ...{ doubtArrived: 1, doubtMissing: 0 },
    });
    expect(balances(balance)).toBe(true);
  });

  test.each([
    ["lost", "accepted", 0],
    ["doubled", "accepted", 2],
    ["misreported", "rejected", 1],
    ["misreported", "unsent", 1],
    ["misreported", "rejected", 0],
    ["withoutOutcome", undefined, 0],
  ] as const)("show what is %s", (fault, kind, times) => {
    const books = new Books(1);
    if (kind !== undefined) books.enter(0, kind);
    const balance = books.balance(Uint8Array.of(times), good);
    expect(balance).toMatchObject({ [fault]: 1 });
    expect(balances(balance)).toBe(false);
  });

  test("say of what is in doubt how much had arrived", () => {
    const books = new Books(5);
    for (const index of [0, 1, 2, 3]) books.enter(index, "unconfirmed");
    books.enter(4, "accepted");
    const balance = books.balance(Uint8Array.of(1, 0, 1, 0, 1), good);
    expect(balance).toMatchObject({ simulatorReceived: 3, doubtArrived: 2, doubtMissing: 2 });
    expect(balances(balance)).toBe(true);
    expect(doubtText(balance)).toBe("4 in doubt: 2 had arrived, 2 had not. Resend all, and 2 people get it twice.");
    expect(doubtText({ ...balance, doubtArrived: 1, doubtMissing: 1200 })).toBe(
      "1,201 in doubt: 1 had arrived, 1,200 had not. Resend all, and 1 person gets it twice.",
    );
    expect(doubtText({ ...balance, doubtArrived: 0 })).toBe(
      "2 in doubt: 0 had arrived, 2 had not. Resend all, and nobody gets it twice.",
    );
    expect(doubtText({ ...balance, doubtArrived: 0, doubtMissing: 0 })).toBeUndefined();
  });

  test("take one outcome for each notification", () => {
    const books = new Books(1);
    books.enter(0, "accepted");
    expect(() => books.enter(0, "accepted")).toThrow("Notification 0 was given two outcomes.");
  });

  test.each([
    [["rejected", "accepted"], 1],
    [["accepted", "rejected"], 1],
    [["unconfirmed", "rejected"], 1],
    [["unconfirmed", "unsent"], 0],
    [["unsent", "rejected"], 0],
  ] as const)("balance after the attempts %j if %i arrived", (kinds, times) => {
    const books = new Books(1, "many");
    for (const kind of kinds) books.enter(0, kind);
    expect(balances(books.balance(Uint8Array.of(times), () => "bad"))).toBe(true);
  });

  test("miss what one of many attempts claims to have sent", () => {
    const books = new Books(1, "many");
    for (const kind of ["unsent", "accepted", "rejected"] as const) books.enter(0, kind);
    expect(books.balance(Uint8Array.of(0), good)).toMatchObject({ lost: 1 });
  });
});
