import { describe, expect, test } from "vitest";
import { InMemoryTransport } from "../in-memory-transport.js";
import { type Outcome, rejectedByHttp, rejectedByStatus } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import { type DeadToken, deadTokenHook, dropDeadTokens } from "./dead-tokens.js";

const hello = alert({ aps: { alert: "Hi" } });
const base = { deviceToken: "00ff", apnsId: undefined, attempts: 1 };
const unregisteredAt = new Date("2026-03-01T12:00:00Z");
const gone = rejectedByHttp(base, { reason: "Unregistered", httpStatus: 410, unregisteredAt });

function hook(registeredAt?: (deviceToken: string) => Date | undefined | Promise<Date | undefined>) {
  const dropped: DeadToken[] = [];
  const look = deadTokenHook({
    drop: (dead) => void dropped.push(dead),
    ...(registeredAt === undefined ? {} : { registeredAt }),
  });
  return { look, dropped };
}

describe("deadTokenHook", () => {
  test.each<[string, Parameters<ReturnType<typeof deadTokenHook>>[0], DeadToken | undefined]>([
    ["410 over HTTP/2", gone, { deviceToken: "00ff", unregisteredAt, reason: "Unregistered" }],
    [
      "a token of the other environment",
      rejectedByHttp(base, { reason: "BadDeviceToken", httpStatus: 400 }),
      { deviceToken: "00ff", unregisteredAt: undefined, reason: "BadDeviceToken" },
    ],
    [
      "status code 8",
      rejectedByStatus(base, 8),
      { deviceToken: "00ff", unregisteredAt: undefined, reason: "BadDeviceToken" },
    ],
    [
      "the feedback service",
      { deviceToken: "00ff", unregisteredAt },
      { deviceToken: "00ff", unregisteredAt, reason: undefined },
    ],
    ["accepted", { ...base, kind: "accepted" }, undefined],
    ["too many requests", rejectedByHttp(base, { reason: "TooManyRequests", httpStatus: 429 }), undefined],
    ["another app's token", rejectedByHttp(base, { reason: "DeviceTokenNotForTopic", httpStatus: 400 }), undefined],
  ])("%s", async (_, evidence, dead) => {
    const { look, dropped } = hook();
    expect(await look(evidence)).toBe(dead !== undefined);
    expect(dropped).toEqual(dead === undefined ? [] : [dead]);
  });

  test.each<[string, Date | undefined, boolean]>([
    ["registered before APNs found it dead", new Date(unregisteredAt.getTime() - 1), true],
    ["registered in the same instant", unregisteredAt, false],
    ["registered since", new Date(unregisteredAt.getTime() + 1), false],
    ["registered nobody knows when", undefined, true],
  ])("a token %s", async (_, registeredAt, isDropped) => {
    for (const evidence of [gone, { deviceToken: "00ff", unregisteredAt }]) {
      const { look, dropped } = hook(() => Promise.resolve(registeredAt));
      expect(await look(evidence)).toBe(isDropped);
      expect(dropped).toHaveLength(isDropped ? 1 : 0);
    }
  });

  test("asks for the registration only where APNs gave an instant to compare it with", async () => {
    const asked: string[] = [];
    const { look, dropped } = hook((deviceToken) => {
      asked.push(deviceToken);
      return undefined;
    });
    await look(rejectedByStatus(base, 8));
    await look({ ...base, kind: "accepted" });
    expect([asked, dropped.length]).toEqual([[], 1]);
  });

  test.each(["drop", "registeredAt"] as const)("throws ERR_APNS_CALLBACK if %s fails", async (culprit) => {
    const fail = (): never => {
      throw new Error("the database is down");
    };
    const look = deadTokenHook({ drop: () => {}, [culprit]: fail });
    await expect(look(gone)).rejects.toMatchObject({
      code: "ERR_APNS_CALLBACK",
      message: expect.stringContaining("the database is down"),
      cause: expect.any(Error),
    });
  });
});

describe("dropDeadTokens", () => {
  test("drops before the caller has the outcome", async () => {
    const inner = new InMemoryTransport();
    inner.script("00ff", "Unregistered");
    const order: string[] = [];
    const look = deadTokenHook({
      drop: async ({ deviceToken }) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`dropped ${deviceToken}`);
      },
    });
    const transport = dropDeadTokens(inner, look, { onError: () => {} });
    expect(await transport.send(hello, "00ff")).toMatchObject({ reason: "Unregistered" });
    order.push("told");
    await transport.send(hello, "01ff");
    expect(order).toEqual(["dropped 00ff", "told"]);
  });

  test("the outcome is returned although the drop failed", async () => {
    const inner = new InMemoryTransport({ outcome: () => "Unregistered" });
    const errors: [string, Outcome][] = [];
    const look = deadTokenHook({ drop: () => Promise.reject(new Error("down")) });
    const transport = dropDeadTokens(inner, look, {
      onError: (error, outcome) => void errors.push([(error as Error).message, outcome]),
    });
    const outcome = await transport.send(hello, "00ff");
    expect(outcome).toMatchObject({ kind: "rejected", dropToken: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([["The device token could not be dropped: down", outcome]]);
  });
});
