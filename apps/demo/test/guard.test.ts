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

test.each([
  ["POST", "{", 400, 'the body must be a JSON object, such as {"to":"all","text":"Hello"}'],
  ["POST", "", 400, 'the body must be a JSON object, such as {"to":"all","text":"Hello"}'],
  ["POST", '["all"]', 400, "body: must be a JSON object."],
  ["POST", '{"to":"all"}', 400, "text: must be a text of 1 to 500 characters."],
  ["POST", '{"to":"nobody-here","text":"x"}', 404, 'no page is registered under "nobody-here"'],
  ["POST", `{"to":"all","text":"${"x".repeat(20_000)}"}`, 413, "the body is longer than 16 KiB"],
  ["GET", undefined, 405, "messages are sent by POST, not by GET"],
  ["PUT", '{"to":"all","text":"x"}', 405, "messages are sent by POST, not by PUT"],
] as const)(
  "answers a wrong call from outside in one plain sentence: %s, number %#",
  async (method, body, code, text) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${server.url}api/messages`, {
      method,
      ...(body === undefined ? {} : { body, headers }),
    });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      code,
      "text/plain",
      `${text}\n`,
    ]);
  },
);

test("asks a call from outside for JSON by name, and says of other addresses that there is nothing", async () => {
  const body = '{"to":"all","text":"x"}';
  const typed = await fetch(`${server.url}api/messages`, { method: "POST", body, headers: { "content-type": "a/b" } });
  expect([typed.status, await typed.text()]).toEqual([
    415,
    "the body must be JSON: send content-type: application/json\n",
  ]);
  const nothing = await fetch(`${server.url}api/nothing`);
  expect([nothing.status, await nothing.text()]).toEqual([404, "there is nothing here\n"]);
});
