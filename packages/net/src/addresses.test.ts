import type { LookupAddress } from "node:dns";
import { describe, expect, test } from "vitest";
import { AddressSpread } from "./addresses.js";

const entries = ["17.0.0.1", "17.0.0.2", "17.0.0.3"].map((address) => ({ address, family: 4 }));
const order = (spread: AddressSpread): string[] => spread.rank(entries).map(({ address }) => address);

describe("connections", () => {
  test("go to the address with the fewest of them", () => {
    const spread = new AddressSpread(() => 0);
    spread.opened("17.0.0.1");
    spread.opened("17.0.0.1");
    spread.opened("17.0.0.2");
    expect(order(spread)).toEqual(["17.0.0.3", "17.0.0.2", "17.0.0.1"]);
    spread.closed("17.0.0.1");
    spread.closed("17.0.0.1");
    expect(order(spread)[0]).toBe("17.0.0.1");
  });

  test("among equals go by chance", () => {
    const chances = [0.9, 0.1, 0.5];
    expect(order(new AddressSpread(() => chances.shift()!))).toEqual(["17.0.0.2", "17.0.0.3", "17.0.0.1"]);
  });

  test("that were never counted as open do no harm when they close", () => {
    const spread = new AddressSpread(() => 0);
    spread.closed("17.0.0.1");
    spread.opened("17.0.0.2");
    expect(order(spread)[0]).toBe("17.0.0.1");
  });
});

describe("an address on which a connection failed", () => {
  test("is tried after the others for a minute, the latest failure last", () => {
    let now = 0;
    const spread = new AddressSpread(
      () => 0,
      () => now,
    );
    spread.failed("17.0.0.1");
    now = 1_000;
    spread.failed("17.0.0.2");
    expect(order(spread)).toEqual(["17.0.0.3", "17.0.0.1", "17.0.0.2"]);
    now = 60_000;
    expect(order(spread)).toEqual(["17.0.0.1", "17.0.0.3", "17.0.0.2"]);
    now = 61_000;
    expect(order(spread)).toEqual(["17.0.0.1", "17.0.0.2", "17.0.0.3"]);
  });

  test("is like the others again once a connection succeeds", () => {
    const spread = new AddressSpread(() => 0);
    spread.failed("17.0.0.1");
    spread.succeeded("17.0.0.1");
    expect(order(spread)[0]).toBe("17.0.0.1");
  });

  test("is forgotten when there are too many, the oldest first", () => {
    const spread = new AddressSpread(() => 0);
    spread.failed("17.0.0.1");
    for (let index = 0; index < 256; index++) spread.failed(`10.0.0.${index}`);
    expect(order(spread)[0]).toBe("17.0.0.1");
    spread.failed("17.0.0.1");
    expect(order(spread)[2]).toBe("17.0.0.1");
  });
});

describe("names", () => {
  const lookUp = (spread: AddressSpread, name: string, all: boolean) =>
    new Promise((resolve) => {
      spread.lookup(name, { all, family: 4 }, (error, address) => resolve(error ?? address));
    });

  test("are looked up for one address or for all of them", async () => {
    const spread = new AddressSpread();
    expect(await lookUp(spread, "localhost", false)).toBe("127.0.0.1");
    const all = (await lookUp(spread, "localhost", true)) as LookupAddress[];
    // Twice where /etc/hosts names ::1 localhost, too: glibc then takes that line for 127.0.0.1.
    expect(spread.hasUntried).toBe(true);
    spread.opened("127.0.0.1");
    expect(spread.hasUntried).toBe(false);
    spread.closed("127.0.0.1");
    spread.failed("127.0.0.1");
    expect(spread.hasUntried).toBe(false);
    expect(all.filter((entry, index) => index === 0 || entry.address !== all[0]!.address)).toEqual([
      { address: "127.0.0.1", family: 4 },
    ]);
  });

  test("that do not exist are an error", async () => {
    expect(await lookUp(new AddressSpread(), "no-such-host.invalid", false)).toMatchObject({ syscall: "getaddrinfo" });
  });
});
