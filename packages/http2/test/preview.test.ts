import { alert } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { Http2Transport, previewRequest } from "../src/index.js";
import { ScriptedServer } from "./apns-server.js";

const apnsId = "01234567-89ab-cdef-0123-456789abcdef";
const deviceToken = "ab".repeat(32);
const notification = alert({ topic: "com.example.App", aps: { alert: "Hello" }, collapseId: "c", expiration: "once" });

test("shows the header fields in the order of the wire, and the payload", () => {
  const { headers, payload, frames } = previewRequest(notification, deviceToken, {
    environment: "production",
    port: 2197,
    authorization: "bearer hidden",
    apnsId,
  });
  expect(headers).toEqual([
    [":method", "POST"],
    [":scheme", "https"],
    [":authority", "api.push.apple.com:2197"],
    [":path", `/3/device/${deviceToken}`],
    ["authorization", "bearer hidden"],
    ["apns-topic", "com.example.App"],
    ["apns-push-type", "alert"],
    ["apns-expiration", "0"],
    ["apns-collapse-id", "c"],
    ["apns-id", apnsId],
  ]);
  expect(Buffer.from(payload).toString()).toBe('{"aps":{"alert":"Hello"}}');
  expect(frames.map((frame) => frame[3])).toEqual([1, 0]); // HEADERS, DATA
  expect(Buffer.from(frames[1]!.subarray(9))).toEqual(Buffer.from(payload));
});

test("shows what a server reads when the transport writes", async () => {
  const server = await ScriptedServer.start({
    onRequest: ({ stream }) => {
      stream.respond({ ":status": 200, "apns-id": apnsId });
      stream.end();
    },
    requestCert: true,
  });
  onTestFinished(() => server.close());
  const { client } = await testIdentities();
  const transport = new Http2Transport({
    environment: server.endpoint,
    auth: { type: "certificate", cert: client.cert, key: client.key },
  });
  onTestFinished(() => transport.close());
  expect((await transport.send(notification, deviceToken, { apnsId })).kind).toBe("accepted");
  const { headers, payload } = previewRequest(notification, deviceToken, { environment: server.endpoint, apnsId });
  const [seen] = server.requests;
  // Without the symbol that Node adds.
  expect(Object.fromEntries(Object.entries(seen!.headers))).toEqual(Object.fromEntries(headers));
  expect(seen!.payload).toBe(Buffer.from(payload).toString());
});

test.each([
  [{ apnsId: "x" }, "apnsId"],
  [{ topic: "a b" }, "topic"],
  [{ port: 0 }, "port"],
  [{ headers: { "apns-topic": "x" } }, "headers.apns-topic"],
])("refuses %j, naming the field", (options, field) => {
  expect(() => previewRequest(notification, deviceToken, { environment: "production", ...options })).toThrow(
    expect.objectContaining({ field }),
  );
});
