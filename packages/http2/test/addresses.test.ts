import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { alert } from "@apns/core";
import { contractTokens, nameWithAddresses, testIdentities } from "@apns/testkit";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { Http2Transport } from "../src/index.js";
import { acceptAll, RawPeer } from "./raw-peer.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Servers on port `port` of the addresses; returns how many connections each has seen. */
async function listenAt(addresses: readonly string[], port: number, make: () => Server): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  for (const address of addresses) {
    const sockets = new Set<Socket>();
    const server = make();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket.on("error", () => {}));
      seen.set(address, (seen.get(address) ?? 0) + 1);
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }
  return seen;
}

const faulty = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];

const { server: identity } = await testIdentities();

test.each<[string, () => Server]>([
  ["accept TCP and stay mute", () => createTcpServer((socket) => void socket.resume())],
  ["close at once", () => createTcpServer((socket) => socket.destroy())],
  ["answer with something else than TLS", () => createTcpServer((socket) => socket.end("HTTP/1.1 400 No\r\n\r\n"))],
  ["end the TLS handshake and stay mute", () => createTlsServer({ ...identity, ALPNProtocols: ["h2"] })],
])(
  "with three of four addresses that %s, 300 of 300 are accepted",
  async (_, make) => {
    // The faulty ones come first: no luck.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const peer = await RawPeer.start(acceptAll);
    onTestFinished(() => peer.close());
    const { port = 0 } = peer.endpoint;
    const seen = await listenAt(faulty, port, make);
    onTestFinished(nameWithAddresses("four.example", [...faulty, "127.0.0.1"]));
    const { client } = await testIdentities();
    const transport = new Http2Transport({
      environment: { ...peer.endpoint, host: "four.example", servername: "localhost" },
      auth: { type: "certificate", ...client },
    });
    onTestFinished(() => transport.close({ timeoutMs: 0 }));
    const notification = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
    const sends = Array.from({ length: 300 }, (_, index) => transport.send(notification, contractTokens.good(index)));
    const kinds = (await Promise.all(sends)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "accepted")).toHaveLength(300);
    // Each was tried once, and is avoided from then on.
    expect([...seen.values()]).toEqual([1, 1, 1]);
  },
  20_000,
);
