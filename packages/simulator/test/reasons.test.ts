// Whatever the faithful verdict can and cannot come to by itself: every reason of the table can be had.
import { reasons } from "@apns/core";
import { expect, it } from "vitest";
import { deviceToken, enhanced, http2, legacy, start } from "./peers.ts";

it.each(Object.values(reasons).map((row) => [row.reason, row] as const))(
  "%s, with its status, on both wires",
  async (reason, { httpStatus, statusCode }) => {
    const apple = await start({ errorLingerMs: 0 });
    apple.world.register(deviceToken);
    apple.faults.add({ type: "reject", reason });
    const { status, body } = await (await http2(apple)).push();
    expect([status, body]).toEqual([httpStatus, JSON.stringify({ reason })]);
    const old = await legacy(apple);
    old.send(enhanced(7));
    expect(await old.ended).toBe(`08${(statusCode ?? 255).toString(16).padStart(2, "0")}00000007`);
  },
);
