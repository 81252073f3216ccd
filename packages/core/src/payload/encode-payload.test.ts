import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxPayloadBytes, notification, PayloadTooLargeError, type PushType } from "../index.js";

describe("the size of a payload", () => {
  // Anything that JSON can hold, in texts that UTF-8 and JSON's escapes make longer.
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: "binary", maxLength: 20 }), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const payload = fc.dictionary(fc.string({ unit: "binary", maxLength: 20 }), value, { maxKeys: 8 });

  test("is that of its UTF-8, whichever way it is given, and the limit is kept to the byte", () => {
    fc.assert(
      fc.property(payload, fc.integer({ min: -2, max: 2 }), (object, distance) => {
        const text = JSON.stringify(object);
        const bytes = new TextEncoder().encode(text);
        const payloadLimit = Math.max(1, bytes.length + distance);
        for (const given of [object, text, bytes]) {
          const make = () => notification({ pushType: "alert", payload: given, payloadLimit });
          if (bytes.length <= payloadLimit) expect(make().encodedPayload).toEqual(bytes);
          else expect(refusal(make)).toMatchObject({ sizeBytes: bytes.length, limitBytes: payloadLimit });
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each<[PushType]>([["alert"], ["voip"], ["liveactivity"], ["from-the-future"]])(
    "of push type %s is held to the limit of either wire, counting bytes and not characters",
    (pushType) => {
      for (const payloadLimit of ["http2", "binary"] as const) {
        const limit = maxPayloadBytes(pushType, payloadLimit);
        const make = (bytes: number) => {
          // Two bytes each, and one more where the number is odd.
          const text = "é".repeat((bytes - 8) >> 1) + "x".repeat(bytes & 1);
          return notification({ pushType, payload: { a: text }, payloadLimit });
        };
        expect(make(limit).encodedPayload.length).toBe(limit);
        expect(make(limit - 1).encodedPayload.length).toBe(limit - 1);
        expect(refusal(() => make(limit + 1))).toMatchObject({ sizeBytes: limit + 1, limitBytes: limit });
      }
    },
  );

  test("is explained by the largest keys, largest first", () => {
    fc.assert(
      fc.property(payload, (object) => {
        const { sizeBytes, largestKeys } = refusal(() =>
          notification({ pushType: "alert", payload: { ...object, filler: "x".repeat(5000) } }),
        );
        expect(largestKeys.length).toBeLessThanOrEqual(5);
        const sizes = largestKeys.map((entry) => entry.sizeBytes);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(sizeBytes);
      }),
      { numRuns: 200 },
    );
  });
});

function refusal(make: () => unknown): PayloadTooLargeError {
  try {
    make();
  } catch (error) {
    if (error instanceof PayloadTooLargeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
