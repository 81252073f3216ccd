// A program that is quicker than people: it asks for the next run at the moment the last one is over.
import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RunSettings, ServerMessage } from "../src/page/protocol.ts";
import { DemoServer } from "./page-under-test.ts";

const settings: RunSettings = {
  kind: "race",
  inTurn: false,
  count: 300,
  badPercent: 0,
  unregisteredPercent: 1,
  payloadBytes: 200,
  // The feedback service is asked at the end of a run, this far away: long enough for the next run to begin meanwhile.
  delayMs: 100,
  reconnectEvery: 10_000,
  format: 1,
  window: 20_000,
  streams: 1000,
  connections: 1,
  perSecond: 0,
  sharePercent: 10,
  seed: 1,
};

test("a run that is started while the last one's feedback is read is shown, can be stopped and ends", {
  timeout: 90_000,
}, async () => {
  const server = await DemoServer.start();
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/socket`);
  const ended: string[] = [];
  const shown: (string | null)[] = [];
  const problems: string[] = [];
  let seq = 0;
  const ask = (request: object): void => socket.send(JSON.stringify({ ...request, seq: ++seq }));
  let isSecondAsked = false;
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.type === "answer" && message.problem !== null) problems.push(message.problem);
    if (message.type === "runEnded") ended.push(message.report.stopped ? "stopped" : "whole");
    if (message.type === "sample" && isSecondAsked) shown.push(message.run?.state ?? null);
    if (message.type !== "events" || isSecondAsked) return;
    if (!message.events.some(({ text }) => text === "The run is over.")) return;
    isSecondAsked = true;
    ask({ type: "start", settings: { ...settings, count: 500_000, perSecond: 1000 } });
  });
  try {
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "hello", id: "page-quick" }));
    await once(socket, "message");
    ask({ type: "start", settings });
    await expect.poll(() => shown, { timeout: 60_000 }).toContain("running");
    expect(ended).toEqual(["whole"]);
    ask({ type: "stop" });
    await expect.poll(() => ended, { timeout: 60_000 }).toEqual(["whole", "stopped"]);
    expect(problems).toEqual([]);
  } finally {
    socket.terminate();
    await server.stop();
  }
});
