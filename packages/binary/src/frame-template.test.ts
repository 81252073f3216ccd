import { alert, type Notification } from "@apns/core";
import { describe, expect, test } from "vitest";
import { commandOf, type Format, storeAsLongAsPossible } from "./format.js";
import { FrameTemplate } from "./frame-template.js";
import { encodeFrame } from "./wire.js";

const aps = { alert: "Größe 👩‍👩‍👧" };
const notifications: readonly [string, Notification][] = [
  ["plain", alert({ aps })],
  ["with an expiration", alert({ aps, expiration: new Date(4_000_000_000_000) })],
  ["that expires at once, with a priority", alert({ aps, expiration: "once", priority: 5 })],
];

describe.each<Format>(["simple", "enhanced", "framed"])("a frame of format %s", (format) => {
  test.each(notifications)("of a notification %s is what the codec makes", (_, notification) => {
    const { encodedPayload: payload, expiration, priority } = notification;
    if (format === "simple" && expiration !== undefined) return;
    const template = new FrameTemplate(notification, { format, maxPayloadBytes: undefined, strict: false });
    for (const tokenBytes of [1, 32, 100]) {
      for (const identifier of [0, 1, 0x8000_0000, 0xffff_ffff]) {
        const deviceToken = Buffer.alloc(tokenBytes, 0xa5);
        const isSimple = format === "simple";
        const whole = encodeFrame({
          command: commandOf[format],
          identifier: isSimple ? undefined : identifier,
          expiry: isSimple ? undefined : (expiration ?? storeAsLongAsPossible),
          priority: format === "framed" ? (priority ?? 10) : undefined,
          deviceToken,
          payload,
          itemOrder: [3, 1, 2, 4, 5],
        });
        const target = Buffer.alloc(whole.length + 20, 0xee);
        expect(template.size(tokenBytes)).toBe(whole.length);
        expect(template.write(target, 10, identifier, deviceToken.toString("hex"))).toBe(10 + whole.length);
        expect(target.subarray(10, 10 + whole.length)).toEqual(Buffer.from(whole));
        expect([...target.subarray(0, 10), ...target.subarray(-10)]).toEqual(new Array(20).fill(0xee));
      }
    }
  });
});
