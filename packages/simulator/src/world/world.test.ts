import { generateKeyPairSync } from "node:crypto";
import { reasons } from "@apns/core";
import { describe, expect, it } from "vitest";
import { Timers } from "../io/timers.js";
import { defaultQuirks } from "../quirks.js";
import { type Push, rejected } from "./verdict.ts";
import { World } from "./world.ts";

const now = 1_700_000_000_000;
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({
  type: "spki",
  format: "pem",
}) as string;
const token = "ab".repeat(32);

function world(): World {
  const made = new World({
    environment: "production",
    clock: { now: () => now },
    unknownDeviceTokens: "reject",
    verdict: undefined,
    quirks: { ...defaultQuirks },
    random: () => 0.5,
    timers: new Timers(),
  });
  made.addApp({ bundleId: "com.example.App", teamId: "TEAM123456" });
  return made;
}

function push(more: Partial<Push> = {}): Push {
  return {
    wire: "http2",
    deviceToken: token,
    topic: "com.example.App",
    pushType: "alert",
    payloadBytes: 2,
    payload: "{}",
    priority: undefined,
    expiration: undefined,
    ...more,
  };
}

describe("World", () => {
  it("knows devices by their token, and since when they are unregistered", () => {
    const made = world();
    made.register([token, "cd".repeat(32)]);
    expect(made.deviceCount).toBe(2);
    made.unregister(token);
    expect(made.device(token)).toEqual({ topic: "com.example.App", environment: "production", unregisteredAt: now });
    made.unregister(token, new Date(5));
    expect(made.device(token)?.unregisteredAt).toBe(5);
    made.register(token);
    expect(made.device(token)?.unregisteredAt).toBeUndefined();
    made.forget(token);
    expect(made.device(token)).toBeUndefined();
  });

  it("takes 100,000 tokens from a generator", () => {
    const made = world();
    made.register(
      (function* () {
        for (let index = 0; index < 100_000; index++) yield index.toString(16).padStart(64, "0");
      })(),
    );
    expect(made.deviceCount).toBe(100_000);
    expect(made.judge(push({ deviceToken: "1869f".padStart(64, "0") }))).toEqual({ kind: "accepted" });
    expect(made.judge(push({ deviceToken: "186a0".padStart(64, "0") }))).toMatchObject({ reason: "BadDeviceToken" });
  });

  it.each<[string, (made: World) => void]>([
    ["topic", (made) => made.register(token, { topic: "com.example.Other" })],
    ["environment", (made) => made.register(token, { environment: "sandbox" as "production" })],
    ["deviceToken", (made) => made.register("xyz")],
    ["deviceToken", (made) => made.unregister("cd".repeat(32))],
    ["at", (made) => made.unregister(token, Number.NaN)],
    ["bundleId", (made) => made.addApp({ bundleId: "", teamId: "T" })],
    ["keyId", (made) => made.addSigningKey({ keyId: "", teamId: "T", key: "" })],
    ["key", (made) => made.addSigningKey({ keyId: "K", teamId: "T", key: "no key" })],
    ["key", (made) => made.addSigningKey({ keyId: "K", teamId: "T", key: p384 })],
  ])("names a wrong %s", (field, attempt) => {
    expect(() => attempt(world())).toThrow(expect.objectContaining({ field }));
  });

  it("takes as many apps and keys as it has room for, and replaces those it has", () => {
    const made = world();
    for (let index = 0; index < 4999; index++) made.addApp({ bundleId: `com.example.App${index}`, teamId: "T" });
    expect(() => made.addApp({ bundleId: "one.too.many", teamId: "T" })).toThrow("5000 already");
    made.addApp({ bundleId: "com.example.App7", teamId: "U" });
    expect(made.app("com.example.App7")?.teamId).toBe("U");
  });

  it("takes a topic with a suffix for the app's, and a token of such a topic for that alone", () => {
    const made = world();
    made.register(token, { topic: "com.example.App.voip" });
    expect(made.judge(push({ topic: "com.example.App.voip" })).kind).toBe("accepted");
    expect(made.judge(push())).toMatchObject({ reason: "DeviceTokenNotForTopic" });
  });

  it("accepts unknown device tokens if told so, malformed ones never", () => {
    const made = world();
    made.unknownDeviceTokens = "accept";
    expect(made.judge(push()).kind).toBe("accepted");
    expect(made.judge(push({ deviceToken: "xyz" }))).toMatchObject({ reason: "BadDeviceToken" });
  });

  it("turns a 410 of one's own verdict into success and feedback on the legacy wire", () => {
    const made = world();
    made.verdict = () => rejected("Unregistered", { unregisteredAt: 7000 });
    expect(made.judge(push())).toMatchObject({ kind: "rejected", httpStatus: 410, unregisteredAt: 7000 });
    expect(made.judge(push({ wire: "binary" }))).toEqual({ kind: "accepted", unregisteredAt: 7000 });
    expect(made.feedback.take("com.example.App")).toEqual([{ deviceToken: token, unregisteredAt: new Date(7000) }]);
    expect(made.feedback.take("com.example.App")).toEqual([]);
  });

  // Which would cost more than all the rest of the verdict.
  it("does not read the payloads of accepted notifications", () => {
    const made = world();
    made.register(token);
    for (const wire of ["http2", "binary"] as const) {
      const unread = Object.defineProperty(push({ wire, priority: 10, command: 2 }), "payload", {
        get: () => expect.unreachable("nobody asked for the payload"),
      });
      expect(made.judge(unread)).toEqual({ kind: "accepted" });
    }
  });

  it("says with core's table what a rejection is on each wire", () => {
    for (const { reason, httpStatus, statusCode } of Object.values(reasons)) {
      expect(rejected(reason)).toEqual({ kind: "rejected", reason, httpStatus, statusCode: statusCode ?? 255 });
    }
  });
});
