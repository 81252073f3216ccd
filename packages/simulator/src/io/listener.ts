import { createServer, type Server, type Socket } from "node:net";
import { ApnsError } from "@apns/core";
import { joinTo, Link, type LinkShape } from "./link.js";
import { useSocket } from "./use-socket.js";

export interface ListenerOptions {
  /** What listens there, for messages. */
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Further ones are ended as soon as they come. */
  readonly maxConnections: number;
  /** Round trip of the simulated network in front of it. */
  readonly latencyMs: number;
  /** Over which further network this connection runs; `undefined`: none. */
  readonly linkOf?: () => LinkShape | undefined;
  readonly onConnection: (socket: Socket) => void;
}

/** How long to wait for a port that is not free again yet. */
const retryMs = 20;

/** A TCP port, with every connection that came in through it. */
export class Listener {
  readonly #name: string;
  readonly #host: string;
  readonly #server: Server;
  readonly #link: Link | undefined;
  readonly #inner: Inner;
  readonly #sockets: ReadonlySet<Socket>;
  readonly port: number;
  #refusing = false;
  #closed = false;
  /** Listening again, after connections were refused. */
  #opening: Promise<void> = Promise.resolve();

  private constructor(options: ListenerOptions, parts: Parts, port: number) {
    this.#name = options.name;
    this.#host = options.host;
    this.#server = parts.server;
    this.#link = parts.link;
    this.#inner = parts.inner;
    this.#sockets = parts.sockets;
    this.port = port;
  }

  static async open(options: ListenerOptions): Promise<Listener> {
    const { name, host, maxConnections, latencyMs, linkOf, onConnection } = options;
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): void => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // Senders come and go as they like; what their going means is seen by whoever reads the connection.
      socket.on("error", () => {});
    };
    const inner = new Inner((socket) => {
      keep(socket);
      onConnection(socket);
    });
    const onSocket = (socket: Socket): void => {
      keep(socket);
      const shape = linkOf?.();
      if (shape === undefined) onConnection(socket);
      else inner.join(socket, shape, keep);
    };
    const server = createServer({ noDelay: true }, (socket) => void useSocket(socket, onSocket));
    server.maxConnections = maxConnections;
    if (latencyMs === 0) {
      const parts = { server, link: undefined, inner, sockets };
      return new Listener(options, parts, await listen(server, name, host, options.port));
    }
    const target = await listen(server, name, "127.0.0.1", 0);
    const link = new Link(target, latencyMs);
    link.server.maxConnections = maxConnections;
    try {
      const parts = { server, link, inner, sockets };
      return new Listener(options, parts, await listen(link.server, name, host, options.port));
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** Whether new connections are refused, as if nothing listened there. Those that are open stay. */
  refuse(refusing: boolean): void {
    if (refusing === this.#refusing || this.#closed) return;
    this.#refusing = refusing;
    const outer = this.#link?.server ?? this.#server;
    if (refusing) outer.close();
    else this.#opening = this.#reopen(outer);
  }

  /** Ends every connection, and resolves when all are gone and the port is free. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, this.#link?.close(), this.#inner.close()]);
  }

  /** The port was ours a moment ago: whoever has it now will give it back, or this goes on in vain. */
  async #reopen(outer: Server): Promise<void> {
    while (!this.#refusing && !this.#closed && !outer.listening) {
      try {
        await listen(outer, this.#name, this.#host, this.port);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    if (this.#refusing) outer.close();
  }
}

interface Parts {
  readonly server: Server;
  readonly link: Link | undefined;
  readonly inner: Inner;
  readonly sockets: ReadonlySet<Socket>;
}

/** The far end of connections that run over a further network: a port that is opened when the first one does. */
class Inner {
  readonly #server: Server;
  #port: Promise<number> | undefined;

  constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer({ noDelay: true }, (socket) => void useSocket(socket, onConnection));
  }

  join(near: Socket, shape: LinkShape, keep: (socket: Socket) => void): void {
    this.#port ??= listen(this.#server, "a simulated network", "127.0.0.1", 0);
    this.#port.then(
      (port) => {
        if (!near.destroyed) keep(joinTo(port, near, shape));
      },
      () => near.destroy(),
    );
  }

  async close(): Promise<void> {
    if (this.#port === undefined) return;
    await this.#port.catch(() => {});
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function listen(server: Server, name: string, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.removeAllListeners("error");
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
