import { describe, expect, test } from "vitest";
import { InMemoryTransport } from "../in-memory-transport.js";
import { type Outcome, rejectedByHttp, rejectedByStatus } from "../outcome.js";
import { alert } from "../push-types/alert.js";
import { type DeadToken, deadTokenHook, dropDeadTokens } from "./dead-tokens.js";

const hello = alert({ aps: { alert: "Hi" } });
const base = { deviceToken: "00ff", apnsId: undefined, attempts: 1 };
const unregisteredAt = new Date("2026-03-01T12:00:00Z");
const gone = rejectedByHttp(base, { reason: "Unregistered", httpStatus: 410, unregisteredAt });

const expired: DeadToken = { deviceToken: "00ff", unregisteredAt: undefined, reason: "ExpiredToken" };

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
      undefined,
    ],
    ["status code 8", rejectedByStatus(base, 8), undefined],
    ["status code 5", rejectedByStatus(base, 5), undefined],
    ["a token that has expired", rejectedByHttp(base, { reason: "ExpiredToken", httpStatus: 410 }), expired],
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
    await look(rejectedByHttp(base, { reason: "ExpiredToken", httpStatus: 410 }));
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

describe("deadTokenHook with badDeviceTokens", () => {
  const bad = (deviceToken: string): Outcome =>
    rejectedByHttp({ ...base, deviceToken }, { reason: "BadDeviceToken", httpStatus: 400 });
  const accepted: Outcome = { ...base, kind: "accepted" };

  function guarded(maxShare: number) {
    const dropped: string[] = [];
    const heldBack: DeadToken[] = [];
    const look = deadTokenHook({
      drop: ({ deviceToken }) => void dropped.push(deviceToken),
      badDeviceTokens: { maxShare, onHeldBack: (suspect) => void heldBack.push(suspect) },
    });
    return { look, dropped, heldBack };
  }

  test("a wrong environment drops none of five hundred, and tells of each", async () => {
    const { look, dropped, heldBack } = guarded(1);
    for (let index = 0; index < 500; index++) expect(await look(bad(`${index}`))).toBe(false);
    expect([dropped.length, heldBack.length]).toEqual([0, 500]);
    expect(heldBack[0]).toEqual({ deviceToken: "0", unregisteredAt: undefined, reason: "BadDeviceToken" });
  });

  test("drops no more than the share of what was accepted, over both wires", async () => {
    const { look, dropped, heldBack } = guarded(0.1);
    for (let index = 0; index < 20; index++) await look(accepted);
    expect(await look(bad("01"))).toBe(true);
    expect(await look(rejectedByStatus({ ...base, deviceToken: "02" }, 8))).toBe(true);
    expect(await look(rejectedByStatus({ ...base, deviceToken: "03" }, 8))).toBe(false);
    expect([dropped, heldBack.length]).toEqual([["01", "02"], 1]);
  });

  test("status 410 proves the environment as well", async () => {
    const { look, dropped } = guarded(1);
    await look(gone);
    await look(bad("01"));
    expect(dropped).toEqual(["00ff", "01"]);
  });

  test("other refusals are no evidence, however much was accepted", async () => {
    const { look, dropped, heldBack } = guarded(1);
    for (let index = 0; index < 10; index++) await look(accepted);
    for (const [reason, httpStatus] of [
      ["TooManyRequests", 429],
      ["DeviceTokenNotForTopic", 400],
      ["InternalServerError", 500],
    ] as const) {
      expect(await look(rejectedByHttp(base, { reason, httpStatus }))).toBe(false);
    }
    expect([dropped, heldBack]).toEqual([[], []]);
  });

  test("a topic that becomes wrong drops no more than the share of a thousand", async () => {
    const { look, dropped, heldBack } = guarded(0.05);
    for (let index = 0; index < 10_000; index++) await look(accepted);
    for (let index = 0; index < 10_000; index++) await look(bad(`${index}`));
    expect([dropped.length, heldBack.length]).toEqual([50, 9_950]);
  });

  test("a callback that throws is an error of the hook", async () => {
    const look = deadTokenHook({
      drop: () => {},
      badDeviceTokens: {
        maxShare: 1,
        onHeldBack: () => {
          throw new Error("the log is full");
        },
      },
    });
    await expect(look(bad("01"))).rejects.toMatchObject({
      code: "ERR_APNS_CALLBACK",
      cause: { message: "the log is full" },
    });
  });

  test.each<[string, unknown, string]>([
    ["a share of 0", { maxShare: 0, onHeldBack: () => {} }, "badDeviceTokens.maxShare"],
    ["a share above 1", { maxShare: 5, onHeldBack: () => {} }, "badDeviceTokens.maxShare"],
    ["no share", { onHeldBack: () => {} }, "badDeviceTokens.maxShare"],
    ["nobody to tell", { maxShare: 0.1 }, "badDeviceTokens.onHeldBack"],
  ])("refuses %s", (_, badDeviceTokens, field) => {
    expect(() => deadTokenHook({ drop: () => {}, badDeviceTokens: badDeviceTokens as never })).toThrow(
      expect.objectContaining({ field }),
    );
  });
});

describe("dropDeadTokens", () => {
  test("what one transport or topic accepts proves nothing about another", async () => {
    const [right, wrong] = [new InMemoryTransport(), new InMemoryTransport({ outcome: () => "BadDeviceToken" })];
    right.script("0bad", "BadDeviceToken");
    const dropped: string[] = [];
    const heldBack: string[] = [];
    const look = deadTokenHook({
      drop: ({ deviceToken }) => void dropped.push(deviceToken),
      badDeviceTokens: { maxShare: 1, onHeldBack: ({ deviceToken }) => void heldBack.push(deviceToken) },
    });
    const [first, second] = [right, wrong].map((inner) => dropDeadTokens(inner, look, { onError: expect.fail }));
    const shop = alert({ topic: "com.example.Shop", aps: { alert: "Hi" } });
    const other = alert({ topic: "com.example.Other", aps: { alert: "Hi" } });
    for (let index = 0; index < 10; index++) await first!.send(shop, `0${index}`);
    await second!.send(shop, "00ff");
    await first!.send(other, "0bad");
    await first!.send(shop, "0bad");
    expect([dropped, heldBack]).toEqual([["0bad"], ["00ff", "0bad"]]);
  });

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

  test("asks the hook about answers of APNs only", async () => {
    const asked: string[] = [];
    const inner = new InMemoryTransport();
    for (const kind of ["unsent", "unconfirmed", "accepted", "TooManyRequests"] as const) {
      inner.script("00ff", kind);
      const transport = dropDeadTokens(inner, async (evidence) => asked.push((evidence as Outcome).kind) > 9, {
        onError: expect.fail,
      });
      await transport.send(hello, "00ff");
    }
    expect(asked).toEqual(["accepted", "rejected"]);
  });

  test("closes the transport, and has its figures", async () => {
    let answer: () => void = () => {};
    const inner = new InMemoryTransport({
      outcome: () => new Promise((resolve) => (answer = () => resolve("accepted"))),
    });
    const transport = dropDeadTokens(inner, deadTokenHook({ drop: () => {} }), { onError: expect.fail });
    const sending = transport.send(hello, "00ff");
    expect(inner.stats()).toMatchObject({ inFlight: 1 });
    expect(transport.stats()).toEqual(inner.stats());
    answer();
    await sending;
    await transport.close();
    await expect(inner.send(hello, "00ff")).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
  });

  test.each<[string, () => unknown]>([
    ["registeredAt", () => deadTokenHook({ drop: () => {}, registeredAt: new Date() as never })],
    ["drop", () => deadTokenHook({} as never)],
    ["transport", () => dropDeadTokens({} as never, async () => false, { onError: () => {} })],
    ["hook", () => dropDeadTokens(new InMemoryTransport(), {} as never, { onError: () => {} })],
    ["onError", () => dropDeadTokens(new InMemoryTransport(), async () => false, {} as never)],
  ])("names what is wrong: %s", (field, make) => {
    expect(make).toThrow(expect.objectContaining({ field }));
  });

  test("names the function of an unknown option", () => {
    expect(() => deadTokenHook({ drop: () => {}, registerdAt: () => {} } as never)).toThrow(
      /deadTokenHook.*registeredAt/s,
    );
    const options = { onErrors: () => {} };
    expect(() => dropDeadTokens(new InMemoryTransport(), async () => false, options as never)).toThrow(
      /dropDeadTokens.*onError/s,
    );
  });
});
