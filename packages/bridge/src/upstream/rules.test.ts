// The mapping: every reason has a rule, and every default is what the README says.
import { type Outcome, reasons, rejectedByHttp, rejectedByStatus } from "@apns/core";
import { expect, test } from "vitest";
import { type Rule, RuleTable } from "./rules.ts";

const base = { deviceToken: "ab", apnsId: undefined, attempts: 1 };
const rejected = (reason: string, httpStatus: number): Outcome => rejectedByHttp(base, { reason, httpStatus });
const tenSeconds: Rule = { retryForMs: 10_000, finally: { refuse: 1 } };
const aMinute: Rule = { retryForMs: 60_000, finally: "shutdown" };

test.each([
  ["BadDeviceToken", 400, { refuse: 8 }],
  ["DeviceTokenNotForTopic", 400, { refuse: 8 }],
  ["MissingDeviceToken", 400, { refuse: 2 }],
  ["PayloadEmpty", 400, { refuse: 4 }],
  ["PayloadTooLarge", 413, { refuse: 7 }],
  ["Unregistered", 410, "feedback"],
  ["ExpiredToken", 410, "feedback"],
  ["NewWordForGone", 410, "feedback"],
  ["MissingTopic", 400, "hold"],
  ["BadTopic", 400, "hold"],
  ["TopicDisallowed", 400, "hold"],
  ["BadCertificate", 403, "hold"],
  ["ExpiredProviderToken", 403, "hold"],
  ["NewWordForForbidden", 403, "hold"],
  ["TooManyRequests", 429, tenSeconds],
  ["TooManyProviderTokenUpdates", 429, aMinute],
  ["IdleTimeout", 400, aMinute],
  ["InternalServerError", 500, tenSeconds],
  ["ServiceUnavailable", 503, aMinute],
  ["Shutdown", 503, aMinute],
  ["NewTrouble", 507, aMinute],
  ["BadPriority", 400, { refuse: 1 }],
  ["NewMistake", 422, { refuse: 1 }],
] as const)("%s (%i) is %j", (reason, httpStatus, rule) => {
  expect(new RuleTable().forOutcome(rejected(reason, httpStatus))).toEqual(rule);
});

test("only the device token's own reasons lead to status 8", () => {
  const table = new RuleTable();
  const blamed = Object.values(reasons).filter(({ reason, httpStatus }) => {
    const rule = table.forOutcome(rejected(reason, httpStatus));
    return typeof rule === "object" && "refuse" in rule && rule.refuse === 8;
  });
  expect(blamed.map(({ reason }) => reason)).toEqual(["BadDeviceToken", "DeviceTokenNotForTopic"]);
});

test("what came over the legacy wire is known by its reason", () => {
  const table = new RuleTable();
  expect(table.forOutcome(rejectedByStatus(base, 8))).toEqual({ refuse: 8 });
  expect(table.forOutcome(rejectedByStatus(base, 7))).toEqual({ refuse: 7 });
  expect(table.forOutcome(rejectedByStatus(base, 99))).toEqual({ refuse: 1 });
});

test("a status that is overruled takes the defaults of its reasons with it, a class does not", () => {
  const gone = new RuleTable({ "410": { refuse: 8 }, "4xx": "close" });
  expect(gone.forOutcome(rejected("Unregistered", 410))).toEqual({ refuse: 8 });
  expect(gone.forOutcome(rejected("BadDeviceToken", 400))).toEqual({ refuse: 8 });
  expect(gone.forOutcome(rejected("BadPriority", 400))).toBe("close");
  const busy = new RuleTable({ TooManyProviderTokenUpdates: "hold", "429": "shutdown" });
  expect(busy.forOutcome(rejected("TooManyRequests", 429))).toBe("shutdown");
  expect(busy.forOutcome(rejected("TooManyProviderTokenUpdates", 429))).toBe("hold");
  // The later table is the app's, which knows better.
  const app = new RuleTable({ TooManyRequests: "close" }, { "429": "accept" });
  expect(app.forOutcome(rejected("TooManyRequests", 429))).toBe("accept");
});

test("what the bridge finds itself follows its reason's status, too", () => {
  const table = new RuleTable({ "400": "close", "413": "accept" });
  expect(table.forCause("PayloadEmpty")).toBe("close");
  expect(table.forCause("PayloadTooLarge")).toBe("accept");
  expect(table.forCause("InvalidTokenSize")).toEqual({ refuse: 5 });
});

test("overrides count by reason first, then by status, then by class; the last one given counts", () => {
  const table = new RuleTable(
    { "5xx": "close", 503: "shutdown" },
    { ServiceUnavailable: "accept", "5xx": { refuse: 9 } },
  );
  expect(table.forOutcome(rejected("ServiceUnavailable", 503))).toBe("accept");
  expect(table.forOutcome(rejected("Shutdown", 503))).toBe("shutdown");
  expect(table.forOutcome(rejected("Other", 599))).toEqual({ refuse: 9 });
});
