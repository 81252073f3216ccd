// One notification to one phone: every byte that is shown went over the wire, and every byte that went over it is shown.
import { type Simulator, startSimulator } from "@apns/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnnotatedBytes, ComposeRequest, ComposeResult } from "../src/page/protocol.ts";
import type { TlsFiles } from "../src/simulator/calls.ts";
import { compose } from "../src/stage/compose/compose.ts";

let simulator: Simulator;
let server: TlsFiles;
const deviceToken = "ab".repeat(32);
const unknown = "cd".repeat(32);

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.world.register(deviceToken);
  server = await simulator.authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
});
afterAll(() => simulator?.close());

const request: ComposeRequest = {
  phone: 0,
  wire: "http2",
  kind: "alert",
  title: "Hello",
  body: "Can you hear me?",
  badge: 1,
  sound: true,
  threadId: "",
  collapseId: "",
  priority: 10,
  once: false,
  format: 2,
  event: "start",
  percent: 40,
};

function send(part: Partial<ComposeRequest>, to = deviceToken): Promise<ComposeResult> {
  const { http2, gateway, feedback, credentials } = simulator;
  const { topic, teamId, keyId, signingKey, tls, ca } = credentials;
  const apple = { http2, gateway, feedback, ca, topic, teamId, keyId, signingKey, tls };
  return compose({ ...request, ...part }, apple, server, { deviceToken: to, activityToken: to });
}

const bytesOf = (frames: readonly AnnotatedBytes[], direction: AnnotatedBytes["direction"]): number =>
  frames.filter((frame) => frame.direction === direction).reduce((sum, { hex }) => sum + hex.length / 2, 0);

/** Fields lie one behind the other, from the first byte to the last. */
function expectNoGaps(frames: readonly AnnotatedBytes[]): void {
  for (const { hex, fields } of frames) {
    let end = 0;
    for (const { offset, length } of fields) {
      expect(offset).toBe(end);
      end += length;
    }
    expect(end).toBe(hex.length / 2);
  }
}

describe("HTTP/2", () => {
  test("shows the request and its answer, frame by frame", async () => {
    const { outcome, bytesWritten, frames } = await send({ collapseId: "round 1" });
    expect(outcome).toBe("Accepted: Apple took it.");
    expectNoGaps(frames);
    expect(bytesOf(frames, "sent")).toBe(bytesWritten);
    const mine = frames.filter(({ about }) => about === "notification");
    expect(mine.map(({ direction, title }) => [direction, title])).toEqual([
      ["sent", "HEADERS frame"],
      ["sent", "DATA frame"],
      ["received", "HEADERS frame"],
    ]);
    const [headers, data, answer] = mine.map(({ fields }) => Object.fromEntries(fields.map((f) => [f.name, f.value])));
    expect(headers).toMatchObject({
      ":method": "POST",
      ":path": `/3/device/${deviceToken}`,
      "apns-topic": simulator.credentials.topic,
      "apns-push-type": "alert",
      "apns-priority": "10",
      "apns-collapse-id": "round 1",
    });
    expect(headers!["authorization"]).toMatch(/^bearer ey/);
    expect(JSON.parse(data!["body"]!)).toMatchObject({ aps: { badge: 1, sound: "default" } });
    expect(answer).toMatchObject({ ":status": "200", "apns-id": headers!["apns-id"] });
    const limits = frames
      .filter(({ direction, title }) => direction === "received" && title === "SETTINGS frame")
      .flatMap(({ fields }) => fields.filter(({ name }) => name === "max concurrent streams"));
    // One at a time until the sender has shown a valid pass.
    expect(limits.map(({ value }) => value)).toEqual(["1", "1,000"]);
  });

  test("shows why a notification was refused", async () => {
    const { outcome, frames } = await send({}, unknown);
    expect(outcome).toBe("Rejected: 400, BadDeviceToken.");
    expectNoGaps(frames);
    const body = frames.find(({ direction, title }) => direction === "received" && title === "DATA frame");
    expect(body!.fields.at(-1)!.value).toBe('{"reason":"BadDeviceToken"}');
  });
});

describe("the legacy wire", () => {
  test.each([0, 1, 2] as const)("shows a notification of command %i, the barrier and its refusal", async (format) => {
    const { outcome, bytesWritten, frames } = await send({ wire: "binary", format });
    expect(outcome).toBe("Accepted: Apple took it.");
    expectNoGaps(frames);
    expect(bytesOf(frames, "sent")).toBe(bytesWritten);
    expect(frames.map(({ direction, title }) => [direction, title])).toEqual([
      ["sent", `Your notification (command ${format})`],
      ["sent", "A barrier, made to be refused"],
      ["received", "Error response"],
    ]);
    const [notification, barrier, response] = frames.map(({ fields }) =>
      Object.fromEntries(fields.map((f) => [f.name, f.value])),
    );
    expect(notification).toMatchObject({ "device token": deviceToken });
    expect(JSON.parse(notification!["payload"]!)).toMatchObject({ aps: { badge: 1 } });
    expect(response).toEqual({
      command: "8",
      "status code": "2, Missing device token",
      identifier: barrier!["identifier"],
    });
  });

  test("shows the error response to a bad device token, and no barrier behind it", async () => {
    const { outcome, frames } = await send({ wire: "binary", format: 1 }, unknown);
    expect(outcome).toBe("Rejected: status 8, BadDeviceToken.");
    expectNoGaps(frames);
    const responses = frames.filter(({ direction }) => direction === "received");
    expect(responses.map(({ fields }) => fields.map(({ value }) => value))).toEqual([["8", "8, Invalid token", "1"]]);
  });
});

test("a target that does not answer leaves nothing hanging", async () => {
  const { http2, gateway, feedback, credentials } = simulator;
  const gone = { ...gateway, port: 1 };
  const apple = { ...credentials, http2: { ...http2, port: 1 }, gateway: gone, feedback };
  const phone = { deviceToken, activityToken: deviceToken };
  const results = await Promise.all(
    (["http2", "binary"] as const).map((wire) => compose({ ...request, wire }, apple, server, phone)),
  );
  // What was written towards the tap before it found nobody is in doubt.
  for (const { kind } of results) expect(["unsent", "unconfirmed"]).toContain(kind);
}, 30_000);
