// Texts of a sender have a length at which they are cut, and the cut is marked, before they are kept, counted or told.
import { request } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { startControl } from "../src/control/index.ts";
import { rejected } from "../src/index.ts";
import { deviceToken, enhanced, http2, legacy, start } from "./peers.ts";

describe("the log", () => {
  it("cuts headers and paths of HTTP/2", async () => {
    const apple = await start();
    const peer = await http2(apple);
    const long = "x".repeat(1100);
    const cut = `${"x".repeat(1024)}… (76 more)`;
    await peer.push({ token: long });
    await peer.push({ headers: { "apns-topic": long } });
    await peer.push({ headers: { "apns-push-type": long } });
    await peer.push({ headers: { "apns-collapse-id": long } });
    await peer.ask("POST", `/4/broadcasts/apps/${long}`, { "apns-channel-id": long });
    const [token, topic, pushType, collapseId, broadcast] = apple.received;
    expect(token).toMatchObject({ deviceToken: cut, topic: "com.example.App" });
    expect(topic).toMatchObject({ deviceToken, topic: cut });
    expect(pushType).toMatchObject({ pushType: cut });
    expect(collapseId).toMatchObject({ collapseId: cut, verdict: { reason: "BadCollapseId" } });
    expect(broadcast).toMatchObject({ topic: cut, channelId: cut });
  });

  it("keeps no text of frames of the legacy wire that are longer than any", async () => {
    const apple = await start();
    for (const [token, payload] of [
      ["ab".repeat(256), "{}"],
      [deviceToken, "x".repeat(8193)],
    ]) {
      const peer = await legacy(apple);
      peer.send(enhanced(1, token, payload));
      await peer.ended;
    }
    expect([...apple.received]).toMatchObject([
      { deviceToken: "", payload: "", verdict: { statusCode: 5 } },
      { deviceToken: "", payload: "", verdict: { statusCode: 7 } },
    ]);
  });

  it("counts reasons of any length under short names", async () => {
    const apple = await start({ verdict: ({ payload }) => rejected(payload) });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    await peer.push({ body: "y".repeat(300) });
    expect(apple.stats().http2.rejectedByReason).toEqual({ [`${"y".repeat(100)}… (200 more)`]: 1 });
  });
});

it("a warning tells the error of a verdict function without what would steer a terminal, and cut", async () => {
  const apple = await start({
    verdict: ({ payload }) => {
      throw new Error(payload);
    },
  });
  apple.world.register(deviceToken);
  const warned = new Promise<Error>((resolve) => {
    process.once("warning", resolve);
    onTestFinished(() => void process.off("warning", resolve));
  });
  const peer = await http2(apple);
  peer.push({ body: `\u001b[2J${"z".repeat(1000)}` }).catch(() => {});
  const { message } = await warned;
  expect(message).toBe(`A connection to the simulator was ended by an error: \\u001b[2J${"z".repeat(496)}… (504 more)`);
});

it("the control API repeats the beginning of a URL and of a host only", async () => {
  const apple = await start();
  const control = await startControl(apple);
  onTestFinished(() => control.close());
  const ask = (path: string, host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: control.host, port: control.port, path, headers: { host } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve((JSON.parse(text) as { error: { message: string } }).error.message));
      });
      sent.on("error", reject).end();
    });
  expect(await ask(`/${"x".repeat(5000)}`, "localhost")).toBe(
    `there is no GET /${"x".repeat(199)}… (4801 more); see /openapi.json.`,
  );
  expect((await ask("/v1/stats", `${"x".repeat(5000)}.example`)).length).toBeLessThan(200);
});
