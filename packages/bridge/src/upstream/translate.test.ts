// What a frame becomes, and what is refused by its form.
import { encodeFrame, FrameDecoder, type FrameInput } from "@apns/binary/wire";
import { describe, expect, test } from "vitest";
import { inferPushType } from "./push-type.ts";
import { type TranslationOptions, Translator } from "./translate.ts";

const topic = "com.example.App";
const alert = '{"aps":{"alert":"Hi"}}';

type Parts = Partial<Omit<FrameInput, "payload">> & { readonly payload?: string };

function translate(parts: Parts = {}, options: Partial<TranslationOptions> = {}) {
  const { payload = alert, ...rest } = parts;
  const bytes = encodeFrame({ command: 2, deviceToken: new Uint8Array(32), payload: Buffer.from(payload), ...rest });
  const [event] = new FrameDecoder().receive(bytes);
  if (event?.kind !== "frame") throw new Error("no frame");
  return new Translator({ topic, ...options }).translate(event);
}

function made(parts: Parts, options?: Partial<TranslationOptions>) {
  const result = translate(parts, options);
  if (typeof result === "string") throw new Error(result);
  return result.notification;
}

describe("push type", () => {
  test.each([
    ['{"aps":{"alert":"Hi"}}', topic, "alert"],
    ['{"aps":{"badge":0}}', topic, "alert"],
    ['{"aps":{"content-available":1,"sound":""}}', topic, "alert"],
    ['{"aps":{"content-available":1}}', topic, "background"],
    ['{"aps":{"content-available":1},"custom":2}', topic, "background"],
    ['{"aps":{"content-available":0}}', topic, "alert"],
    ['{"aps":{}}', topic, "alert"],
    ["{}", "pass.com.example", "background"],
    ['{"aps":{"account-id":"a"}}', "com.apple.mail.XServer.a", "background"],
    ['{"key":"a"}', "com.apple.calendar.XServer.a", "background"],
    ['{"key":"a"}', "com.apple.contact.XServer.a", "background"],
    ['{"mdm":"magic"}', "com.apple.mgmt.External.x", "mdm"],
    ['{"mdm":"magic"}', topic, "mdm"],
    ['{"aps":{"content-available":1}}', `${topic}.voip`, "voip"],
    ["{}", `${topic}.complication`, "complication"],
    ["{}", `${topic}.pushkit.fileprovider`, "fileprovider"],
  ])("%s to %s is %s", (payload, to, pushType) => {
    expect(inferPushType(to, JSON.parse(payload))).toBe(pushType);
  });

  test("rules overrule, the first that fits", () => {
    const rules = [{ key: "aps.silent", pushType: "background" }, { pushType: "location" }];
    expect(inferPushType(topic, { aps: { silent: true, alert: "x" } }, rules)).toBe("background");
    expect(inferPushType(topic, { aps: { alert: "x" } }, rules)).toBe("location");
  });
});

describe("delivery", () => {
  test("command 0 is stored as APNs likes, command 1 and 2 say when", () => {
    expect(made({ command: 0 }).expiration).toBeUndefined();
    expect(made({ command: 1, expiry: 0 }).expiration).toBe(0);
    expect(made({ command: 1, expiry: 86_400 }).expiration).toBe(86_400);
    expect(made({ expiry: 1_900_000_000 }).expiration).toBe(1_900_000_000);
    expect(made({}).expiration).toBeUndefined();
    expect(made({}, { absentExpiry: "once" }).expiration).toBe(0);
    expect(made({ expiry: 0xffff_ffff }).expiration).toBe(0);
    expect(made({ expiry: 0xffff_ffff }, { hugeExpiry: "date" }).expiration).toBe(0xffff_ffff);
  });

  test("the priority is the frame's, else 10; a background notification's is 5", () => {
    expect(made({ command: 1 }).priority).toBe(10);
    expect(made({ priority: 5 }).priority).toBe(5);
    expect(made({ priority: 1 }).priority).toBe(1);
    expect(made({ priority: 10, payload: '{"aps":{"content-available":1}}' })).toMatchObject({ priority: 5 });
  });

  test("a push for an account of mail is a background notification without a priority", () => {
    const mail = { topic: "com.apple.mail.XServer.a" };
    expect(made({ priority: 10, payload: '{"aps":{"account-id":"a"}}' }, mail)).toMatchObject({
      pushType: "background",
      priority: undefined,
    });
  });

  test("the payload is forwarded byte for byte", () => {
    const payload = '{ "aps" : { "alert" : "\\u00e9é" } }';
    expect(Buffer.from(made({ payload }).encodedPayload).toString()).toBe(payload);
  });

  test("frames that say the same share what is made of them, and others do not", () => {
    const translator = new Translator({ topic });
    const of = (parts: Parts) => {
      const { payload = alert, ...rest } = parts;
      const bytes = encodeFrame({
        command: 2,
        deviceToken: new Uint8Array(32),
        payload: Buffer.from(payload),
        ...rest,
      });
      const [event] = new FrameDecoder().receive(bytes);
      return event?.kind === "frame" ? translator.translate(event) : undefined;
    };
    const first = of({ identifier: 1 });
    expect(of({ identifier: 2 })).toBe(first);
    expect(of({ expiry: 7 })).not.toBe(first);
    expect(of({ priority: 5 })).not.toBe(first);
    expect(of({ payload: "{}" })).not.toBe(first);
    expect(of({ command: 0 })).not.toBe(of({}));
    expect(of({ identifier: 3 })).toBe(first);
    for (let index = 0; index < 300; index++) of({ payload: `{"n":${index}}` });
    expect(of({})).toEqual(first);
  });
});

describe("refused by form", () => {
  const bytes = (count: number) => new Uint8Array(count);
  test.each([
    ["no device token and no payload", { deviceToken: bytes(0), payload: "" }, {}, "MissingDeviceToken"],
    ["a device token of one byte", { deviceToken: bytes(1) }, {}, "InvalidTokenSize"],
    ["a device token of 101 bytes", { deviceToken: bytes(101) }, {}, "InvalidTokenSize"],
    ["no payload", { payload: "" }, {}, "PayloadEmpty"],
    ["2,049 bytes", { payload: `{"a":"${"x".repeat(2041)}"}` }, {}, "PayloadTooLarge"],
    [
      "more than HTTP/2 takes",
      { payload: `{"a":"${"x".repeat(4100)}"}` },
      { maxPayloadBytes: 5120 },
      "PayloadTooLarge",
    ],
    ["a priority of 7", { priority: 7 }, {}, "InvalidPriority"],
    ["no JSON, where that counts", { payload: "no" }, { invalidJson: "refuse" }, "InvalidJson"],
    ["JSON that is no object", { payload: "[]" }, { invalidJson: "refuse" }, "InvalidJson"],
  ] as const)("%s", (_, parts, options, refusal) => {
    const result = translate(parts as Parts, options as Partial<TranslationOptions>);
    expect(typeof result === "string" ? result : undefined).toBe(refusal);
  });

  test("what is at the limit passes", () => {
    expect(made({ payload: `{"a":"${"x".repeat(2040)}"}` }).encodedPayload).toHaveLength(2048);
    expect(made({ deviceToken: bytes(100) }).topic).toBe(topic);
    expect(made({ payload: `{"a":"${"x".repeat(4080)}"}` }, { maxPayloadBytes: 4096 }).encodedPayload).toHaveLength(
      4088,
    );
    expect(made({ payload: `{"a":"${"x".repeat(4000)}"}` }, { topic: `${topic}.voip` }).pushType).toBe("voip");
    expect(made({ payload: "no" }).pushType).toBe("alert");
  });

  test("wrong options are named", () => {
    expect(() => new Translator({ topic: "" })).toThrow("topic");
    expect(() => new Translator({ topic, maxPayloadBytes: 0 })).toThrow("maxPayloadBytes: 0");
  });
});
