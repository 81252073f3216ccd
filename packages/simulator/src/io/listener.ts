import { createServer, type Server, type Socket } from "node:net";
import { ApnsError } from "@apns/core";
import { Link } from "./link.js";

export interface ListenerOptions {
  /** What listens there, for messages. */
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Round trip of the simulated network in front of it. */
  readonly latencyMs: number;
  readonly onConnection: (socket: Socket) => void;
}

/** A TCP port, with every connection that came in through it. */
export class Listener {
  readonly #server: Server;
  readonly #link: Link | undefined;
  readonly #sockets: ReadonlySet<Socket>;
  readonly port: number;

  private constructor(server: Server, link: Link | undefined, sockets: ReadonlySet<Socket>, port: number) {
    this.#server = server;
    this.#link = link;
    this.#sockets = sockets;
    this.port = port;
  }

  static async open({ name, host, port, latencyMs, onConnection }: ListenerOptions): Promise<Listener> {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // Senders come and go as they like; what their going means is seen by whoever reads the connection.
      socket.on("error", () => {});
      onConnection(socket);
    });
    if (latencyMs === 0) return new Listener(server, undefined, sockets, await listen(server, name, host, port));
    const target = await listen(server, name, "127.0.0.1", 0);
    const link = new Link(target, latencyMs);
    try {
      return new Listener(server, link, sockets, await listen(link.server, name, host, port));
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** Ends every connection, and resolves when all are gone and the port is free. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, this.#link?.close()]);
  }
}

function listen(server: Server, name: string, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const problem =
        cause.code === "EADDRINUSE"
          ? "is in use; stop what listens there, or choose another port (0 takes any free one)"
          : cause.code === "EACCES"
            ? "may not be used by this user; choose one above 1023"
            : `cannot be listened on: ${cause.message}`;
      reject(new ApnsError("ERR_APNS_LISTEN", `${name}: port ${port} of ${host} ${problem}.`, { cause }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      // A failing accept (out of file descriptors) must not end the process.
      server.on("error", () => {});
      resolve((server.address() as { port: number }).port);
    });
  });
}
