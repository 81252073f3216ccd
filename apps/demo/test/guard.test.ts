// Who may talk to the server of the page: this machine's own page, and programs on it.
import { once } from "node:events";
import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { DemoServer } from "./page-under-test.ts";

let server: DemoServer;

beforeAll(async () => {
  server = await DemoServer.start();
}, 60_000);

afterAll(() => server?.stop());

async function status(headers: Record<string, string>): Promise<number | undefined> {
  const [response] = await once(get(server.url, { headers }), "response");
  response.resume();
  return response.statusCode;
}

test("answers to its own address only", async () => {
  const own = `127.0.0.1:${server.port}`;
  expect(await status({ host: own })).toBe(200);
  expect(await status({ host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` })).toBe(200);
  expect(await status({ host: `evil.example:${server.port}` })).toBe(403);
  expect(await status({ host: own, origin: "http://evil.example" })).toBe(403);
  expect(await status({ host: own, origin: "null" })).toBe(403);
});

test("refuses WebSockets of other origins", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/socket`, { origin: "http://evil.example" });
  const [error] = await once(socket, "error");
  expect(error).toMatchObject({ message: "Unexpected server response: 403" });
});

test("tells a page that asks for nonsense what is wrong with it", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/socket`);
  const answers: unknown[] = [];
  socket.on("message", (data) => answers.push(JSON.parse(String(data))));
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "hello", id: "page-test" }));
  await once(socket, "message");
  socket.send(JSON.stringify({ seq: 7, type: "share", sharePercent: 101 }));
  await expect
    .poll(() => answers)
    .toContainEqual(
      expect.objectContaining({ type: "answer", seq: 7, problem: expect.stringContaining("sharePercent") }),
    );
  socket.terminate();
});
