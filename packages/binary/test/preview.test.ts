import { alert } from "@apns/core";
import { expect, test } from "vitest";
import { previewFrame } from "../src/index.js";
import { pair } from "./helpers.js";

const notification = alert({ aps: { alert: "Hello" }, expiration: new Date(1_800_000_000_000), priority: 5 });
const deviceToken = "ab".repeat(32);

test.each(["simple", "enhanced", "framed"] as const)("a %s frame shown is the one written", async (format) => {
  const shown = format === "simple" ? alert({ aps: { alert: "Hello" } }) : notification;
  const chunks: Buffer[] = [];
  const { gateway, transport } = await pair(
    { opened: ({ socket }) => socket.on("data", (chunk: Buffer) => chunks.push(chunk)) },
    { format, confirm: "silence", silenceMs: 20 },
  );
  expect((await transport.send(shown, deviceToken)).kind).toBe("unconfirmed");
  expect(gateway.connections[0]!.frames).toHaveLength(1);
  expect(Buffer.concat(chunks).toString("hex")).toBe(
    Buffer.from(previewFrame(shown, deviceToken, { format })).toString("hex"),
  );
});

test.each([
  [{ format: "simple" as const }, "expiration"],
  [{ strict: true }, "priority"],
  [{ maxPayloadBytes: 5 }, "payload"],
  [{ identifier: -1 }, "identifier"],
])("refuses with %j what send would refuse", (options, field) => {
  expect(() => previewFrame(notification, deviceToken, options)).toThrow(expect.objectContaining({ field }));
});

test("refuses a device token the wire cannot carry", () => {
  expect(() => previewFrame(notification, "xyz")).toThrow(
    expect.objectContaining({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" }),
  );
});
