import { describe, expect, test } from "vitest";
import { checkOptions, optionNames } from "./check-options.js";
import { nearestName } from "./nearest-name.js";

interface Options {
  readonly timeoutMs?: number;
  readonly maxQueued: number;
  readonly auth?: object;
}
const names = optionNames<Options>({ timeoutMs: true, maxQueued: true, auth: true });
const messageOf = (options: unknown, details?: Parameters<typeof checkOptions>[3]): string | undefined => {
  try {
    checkOptions("Sender", options, names, details);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_APNS_INVALID_ARGUMENT", field: expect.any(String) });
    return (error as Error).message;
  }
};

describe("checkOptions", () => {
  test.each([{}, { maxQueued: 1 }, { maxQueued: "any kind", timeoutMs: undefined }, { tiemoutMs: undefined }])(
    "takes known names, and unknown ones that are undefined: %j",
    (options) => {
      expect(messageOf(options)).toBeUndefined();
    },
  );

  test.each<[unknown, string]>([
    [{ tiemoutMs: 5 }, 'tiemoutMs: is no option of Sender. Do you mean "timeoutMs"?'],
    [{ timeout_ms: 5 }, 'timeout_ms: is no option of Sender. Do you mean "timeoutMs"?'],
    [{ production: false }, "production: is no option of Sender; it takes timeoutMs, maxQueued, auth."],
    [undefined, "options: undefined is not an object with options of Sender."],
    [null, "options: null is not an object with options of Sender."],
    [[1], "options: an array is not an object with options of Sender."],
    ["cert.pem", 'options: "cert.pem" is not an object with options of Sender.'],
    [{ "a b\n": 1 }, '"a b\\n": is no option of Sender; it takes timeoutMs, maxQueued, auth.'],
  ])("refuses %j", (options, message) => {
    expect(messageOf(options)).toBe(message);
  });

  test("names the path of an object within, and what to write instead of a known mistake", () => {
    expect(messageOf({ keyID: 1 }, { path: "auth" })).toContain("auth.keyID: is no option of Sender");
    expect(messageOf(7, { path: "auth" })).toBe("auth: 7 is not an object with options of Sender.");
    expect(messageOf({ production: 1 }, { hints: { production: 'write environment: "production".' } })).toBe(
      'production: is no option of Sender: write environment: "production".',
    );
  });

  test("repeats no secret that stands in place of a name, and heeds nothing that was put into Object.prototype", () => {
    const key = `MIGHAgEAMBMGByqGSM49${"x9Y".repeat(30)}`;
    expect(messageOf({ [key]: 1 })).not.toContain("x9Y");
    Object.defineProperty(Object.prototype, "polluted", {
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      expect(messageOf({ maxQueued: 1 })).toBeUndefined();
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
  });
});

test.each([
  ["threadId", "thread-id"],
  ["content_available", "content-available"],
  ["tittle", "title"],
  ["bdage", "badge"],
  ["prot", "port"],
  ["x", undefined],
  ["somethingElse", undefined],
])("the nearest name to %s", (name, nearest) => {
  expect(nearestName(name, ["thread-id", "title", "content-available", "badge", "port", "host"])).toBe(nearest);
});

test("nothing is near to a name of a million characters", () => {
  expect(nearestName("t".repeat(1_000_000), ["title"])).toBeUndefined();
});
