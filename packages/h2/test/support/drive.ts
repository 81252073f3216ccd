// Forty lines of driver: what stands between a machine and a socket. For tests; the transport has its own.
import { readFileSync } from "node:fs";
import { type AddressInfo, connect as connectPlain, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import type { Connection } from "../../src/index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
export const identity = { key: fixture("key.pem"), cert: fixture("certificate.pem") };

/** Ties a machine to a socket. The function returned writes what is queued: call it after acting on the machine. */
export function drive(machine: Connection, socket: Socket): () => void {
  let writing = false;
  const flush = (): void => {
    if (writing || socket.destroyed) return;
    const output = machine.takeOutput();
    if (output === undefined) {
      if (machine.isClosed) socket.end();
      return;
    }
    writing = true;
    socket.write(output, () => {
      machine.outputWritten();
      writing = false;
      flush();
    });
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    machine.receive(chunk, performance.now());
    flush();
  });
  socket.on("error", () => {});
  socket.on("close", () => machine.connectionLost());
  flush();
  return flush;
}

/** A TLS connection with ALPN h2 to loopback. */
export function connect(port: number, plain = false): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = plain
      ? connectPlain(port, "127.0.0.1", () => resolve(socket))
      : connectTls({ host: "127.0.0.1", port, ALPNProtocols: ["h2"], ca: identity.cert, servername: "localhost" }, () =>
          resolve(socket),
        );
    socket.once("error", reject);
  });
}

/** A server on loopback, each connection handed on; `close` ends them all. */
export async function listen(
  onSocket: (socket: Socket) => void,
  plain = false,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    onSocket(socket);
  };
  const server: Server = plain ? createServer(accept) : createTlsServer({ ...identity, ALPNProtocols: ["h2"] }, accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
