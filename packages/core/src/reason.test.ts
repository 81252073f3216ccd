import { describe, expect, test } from "vitest";
import { legacyStatuses, legacyStatusRow } from "./legacy-status.js";
import { isRetryable, reasonRow, reasons } from "./reason.js";

// Apple's two tables of error strings, restated by status, plus the two spellings seen on Apple's servers only.
const byStatus: Record<number, string> = {
  400: `BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic DeviceTokenNotForTopic
    DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken MissingTopic PayloadEmpty TopicDisallowed
    FeatureNotEnabled BroadcastFeatureNotEnabled MissingChannelId BadChannelId ChannelNotRegistered BadRequestParams
    BadRequestPayload MissingPushType CannotCreateChannelConfig`,
  403: `BadCertificate BadCertificateEnvironment ExpiredProviderToken Forbidden InvalidProviderToken
    MissingProviderToken UnrelatedKeyIdInToken BadEnvironmentKeyIdInToken BadEnvironmentKeyInToken TopicMismatch`,
  404: "BadPath",
  405: "MethodNotAllowed",
  410: "ExpiredToken Unregistered",
  413: "PayloadTooLarge",
  429: "TooManyProviderTokenUpdates TooManyRequests",
  500: "InternalServerError",
  503: "ServiceUnavailable Shutdown",
};

describe("the reason table", () => {
  test("holds every reason with its HTTP status", () => {
    const expected = Object.entries(byStatus).flatMap(([httpStatus, names]) =>
      names.split(/\s+/).map((name) => [name, Number(httpStatus)]),
    );
    expect(Object.values(reasons).map((row) => [row.reason, row.httpStatus])).toEqual(expect.arrayContaining(expected));
    expect(Object.keys(reasons)).toHaveLength(expected.length);
  });

  test("never retries what Apple says must not be retried", () => {
    const never = Object.values(reasons).filter((row) => row.retry === "never" && row.apis.includes("device"));
    expect(never.map((row) => row.reason).sort()).toEqual([
      "BadDeviceToken",
      "DeviceTokenNotForTopic",
      "ExpiredToken",
      "Forbidden",
      "PayloadTooLarge",
      "Unregistered",
    ]);
  });

  test("drops a device token for status 410 only", () => {
    const dropping = Object.values(reasons).filter((row) => row.dropToken);
    expect(dropping.map((row) => row.reason).sort()).toEqual(["ExpiredToken", "Unregistered"]);
  });

  test("links the two spellings of a reason both ways", () => {
    for (const row of Object.values(reasons)) {
      if (row.alias !== undefined) expect(reasons[row.alias].alias).toBe(row.reason);
    }
    expect(reasons.BadEnvironmentKeyInToken.alias).toBe("BadEnvironmentKeyIdInToken");
  });

  test("keeps unknown reasons verbatim and judges them by status", () => {
    expect(reasonRow("NewIn2027", 503)).toMatchObject({ reason: "NewIn2027", httpStatus: 503, retry: "later" });
    expect(reasonRow("NewIn2027", 429).retry).toBe("later");
    expect(reasonRow("NewIn2027", 400)).toMatchObject({ retry: "afterFix", dropToken: false });
    expect(reasonRow("NewIn2027", 410).dropToken).toBe(true);
    expect(reasonRow("constructor").reason).toBe("constructor");
    expect(reasonRow("Service Unavailable", 503)).toBe(reasons.ServiceUnavailable);
  });

  test("isRetryable is true for rules that allow sending again unchanged", () => {
    expect((["never", "afterFix", "later", "newConnection", "newProviderToken"] as const).map(isRetryable)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("the legacy status table", () => {
  test("maps each code to the HTTP/2 reason of the same meaning", () => {
    expect([...legacyStatuses.values()].map((row) => [row.statusCode, row.reason])).toEqual([
      [0, "NoErrorsEncountered"],
      [1, "InternalServerError"],
      [2, "MissingDeviceToken"],
      [3, "MissingTopic"],
      [4, "PayloadEmpty"],
      [5, "BadDeviceToken"],
      [6, "BadTopic"],
      [7, "PayloadTooLarge"],
      [8, "BadDeviceToken"],
      [10, "Shutdown"],
      [128, "ProtocolError"],
      [255, "Unknown"],
    ]);
  });

  test("drops no device token: status 8 mostly means a wrong environment or topic", () => {
    expect([...legacyStatuses.values()].filter((row) => row.dropToken)).toEqual([]);
  });

  test("names an accepted notification for code 10 alone", () => {
    expect([...legacyStatuses.values()].filter((row) => row.names === "accepted").map((row) => row.statusCode)).toEqual(
      [10],
    );
  });

  test("keeps the number of a code nobody documented", () => {
    expect(legacyStatusRow(77)).toMatchObject({
      statusCode: 77,
      reason: "LegacyStatus77",
      retry: "later",
      names: "rejected",
    });
  });
});
