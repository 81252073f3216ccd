import { describe, expect, test } from "vitest";
import { InMemoryTransport } from "../in-memory-transport.js";
import { alert } from "../push-types/alert.js";
import { splitTraffic } from "./split-traffic.js";

const hello = alert({ aps: { alert: "Hi" } });
const deviceTokens = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(64, "0"));

function split(share: number, salt?: string) {
  const from = new InMemoryTransport();
  const to = new InMemoryTransport();
  const transport = splitTraffic({ from, to, share, ...(salt === undefined ? {} : { salt }) });
  const moved = (): Set<string> => new Set(deviceTokens.filter((token) => transport.sideOf(token) === "to"));
  return { from, to, transport, moved };
}

describe("splitTraffic", () => {
  test.each([0, 0.01, 0.25, 0.5, 0.9, 1])("gives a share of %d of the device tokens to the new side", (share) => {
    const count = split(share).moved().size;
    const expected = share * deviceTokens.length;
    // Six standard deviations; exact at both ends.
    expect(Math.abs(count - expected)).toBeLessThanOrEqual(6 * Math.sqrt(expected * (1 - share)));
  });

  test("is sticky: raising the share only ever moves device tokens over, lowering it only back", () => {
    const { transport, moved } = split(0);
    let before = moved();
    for (const share of [0.1, 0.3, 0.31, 0.8, 1]) {
      transport.share = share;
      const now = moved();
      for (const token of before) expect(now.has(token)).toBe(true);
      expect(now.size).toBeGreaterThan(before.size);
      before = now;
    }
    transport.share = 0.3;
    expect([...moved()].every((token) => before.has(token))).toBe(true);
  });

  test("does not depend on the case of the device token, nor on the process", () => {
    const { transport } = split(0.5);
    for (const token of deviceTokens) expect(transport.sideOf(token.toUpperCase())).toBe(transport.sideOf(token));
    // The choice is part of the contract between the machines of one sender: it must not change with a release.
    expect(
      ["00ff", "01ff", "02ff", "03ff", "04ff", "05ff", "06ff", "07ff"].map((token) => transport.sideOf(token)),
    ).toEqual(["to", "to", "from", "to", "to", "to", "to", "to"]);
  });

  test("another salt is another choice", () => {
    const [one, other] = [split(0.5).moved(), split(0.5, "campaign 7").moved()];
    const common = [...one].filter((token) => other.has(token)).length;
    expect(common).toBeGreaterThan(2200);
    expect(common).toBeLessThan(2800);
  });

  test("sends each notification on one side only, and counts the outcomes of each side", async () => {
    const { from, to, transport } = split(0.5);
    const sides = {
      from: deviceTokens.filter((token) => transport.sideOf(token) === "from"),
      to: [...split(0.5).moved()],
    };
    from.script(sides.from[0]!, "BadDeviceToken");
    to.script(sides.to[0]!, "Unregistered");
    to.script(sides.to[1]!, "unconfirmed");
    const sending = deviceTokens.map((token) => transport.send(hello, token));
    expect(transport.counts().from.inFlight + transport.counts().to.inFlight).toBe(deviceTokens.length);
    const outcomes = await Promise.all(sending);
    expect(outcomes.map(({ deviceToken }) => deviceToken)).toEqual(deviceTokens);
    expect(from.sent.map(({ deviceToken }) => deviceToken)).toEqual(sides.from);
    expect(to.sent.map(({ deviceToken }) => deviceToken)).toEqual(sides.to);
    expect(transport.counts()).toEqual({
      from: {
        accepted: sides.from.length - 1,
        rejected: 1,
        unsent: 0,
        unconfirmed: 0,
        inFlight: 0,
        rejectedByReason: { BadDeviceToken: 1 },
      },
      to: {
        accepted: sides.to.length - 2,
        rejected: 1,
        unsent: 0,
        unconfirmed: 1,
        inFlight: 0,
        rejectedByReason: { Unregistered: 1 },
      },
    });
  });

  test("misuse rejects, and is not counted", async () => {
    const { transport } = split(1);
    await expect(transport.send(hello, "xyz")).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    await expect(transport.send(hello, 7 as never)).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    const nothing = { accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0, inFlight: 0, rejectedByReason: {} };
    expect(transport.counts()).toEqual({ from: nothing, to: nothing });
  });

  test("closes both sides", async () => {
    const { from, to, transport } = split(0.5);
    await transport.close();
    for (const side of [from, to]) {
      await expect(side.send(hello, "07")).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
    }
  });

  test.each([-0.1, 1.1, Number.NaN, "0.5", undefined])("refuses a share of %s, and keeps the one it has", (share) => {
    expect(() => split(share as number)).toThrow(/share: .* is not a number from 0 to 1/);
    const { transport } = split(0.5);
    expect(() => {
      transport.share = share as number;
    }).toThrow(/share/);
    expect(transport.share).toBe(0.5);
  });
});
