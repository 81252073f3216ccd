import { createServer, type Server, type Socket } from "node:net";
import { nameWithAddresses, testIdentities } from "@apns/testkit";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { feedback } from "../src/index.js";
import { connectTo, sendTogether, tokens } from "./helpers.js";
import { faithful, startRawGateway } from "./raw-gateway.js";

afterEach(() => {
  vi.restoreAllMocks();
});

const mute = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];

/** Servers on `port` of three addresses that accept TCP and stay mute; `example` names them, and 127.0.0.1 last. */
async function muteBeside(port: number): Promise<void> {
  // The mute ones come first: no luck.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  for (const address of mute) {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }
  onTestFinished(nameWithAddresses("four.example", [...mute, "127.0.0.1"]));
}

test("with three of four addresses that accept TCP and stay mute, everything is accepted", async () => {
  const gateway = await startRawGateway(faithful());
  onTestFinished(() => gateway.close());
  await muteBeside(gateway.port);
  const { ca } = await testIdentities();
  const environment = { host: "four.example", servername: "localhost", port: gateway.port, ca };
  const transport = await connectTo(gateway.port, { environment });
  expect(await sendTogether(transport, tokens(300))).toEqual(Array.from({ length: 300 }, () => "accepted 1"));
}, 20_000);

test("feedback is read from the address that answers", async () => {
  const gateway = await startRawGateway({ opened: ({ socket }) => socket.end() });
  onTestFinished(() => gateway.close());
  await muteBeside(gateway.port);
  const { ca, client } = await testIdentities();
  const environment = {
    host: "four.example",
    servername: "localhost",
    port: gateway.port,
    ca,
  };
  const entries: unknown[] = [];
  for await (const entry of feedback({ environment, auth: { type: "certificate", ...client } })) entries.push(entry);
  expect(entries).toEqual([]);
}, 20_000);
