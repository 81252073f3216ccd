import { createServer, type Server, type Socket } from "node:net";
import { listen } from "@apns/net";
import { Link, type LinkShape, relayTo } from "./link.js";
import { useSocket } from "./use-socket.js";

export interface ListenerOptions {
  /** What listens there, for messages. */
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Further connections are ended as soon as they are accepted. */
  readonly maxConnections: number;
  /** Round trip of the simulated network in front of the port. */
  readonly latencyMs: number;
  /** The further network that the next connection runs over; `undefined`: none. */
  readonly linkOf?: () => LinkShape | undefined;
  readonly onConnection: (socket: Socket) => void;
}

/** How long to wait before a port that is in use is tried again. */
const retryMs = 20;

/** The host of ports that only this process connects to. */
const loopback = "127.0.0.1";

interface Parts {
  readonly server: Server;
  readonly link: Link | undefined;
  readonly relayed: RelayedConnections;
  readonly sockets: ReadonlySet<Socket>;
}

/** A TCP port, with every connection that it accepted. */
export class Listener {
  readonly #name: string;
  readonly #host: string;
  readonly #parts: Parts;
  readonly port: number;
  #refusing = false;
  #closed = false;
  /** Resolves once it listens again, after connections were refused. */
  #reopened: Promise<void> = Promise.resolve();

  private constructor({ name, host }: ListenerOptions, parts: Parts, port: number) {
    this.#name = name;
    this.#host = host;
    this.#parts = parts;
    this.port = port;
  }

  /** @throws {ApnsError} `ERR_APNS_LISTEN` */
  static async open(options: ListenerOptions): Promise<Listener> {
    const { name, host, port, maxConnections, latencyMs, linkOf, onConnection } = options;
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): void => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // A sender may go at any time; whoever reads the connection is told by its end.
      socket.on("error", () => {});
    };
    const relayed = new RelayedConnections((socket) => {
      keep(socket);
      onConnection(socket);
    });
    const onSocket = (socket: Socket): void => {
      keep(socket);
      const shape = linkOf?.();
      if (shape === undefined) onConnection(socket);
      else relayed.add(socket, shape, keep);
    };
    const server = createServer({ noDelay: true }, (socket) => void useSocket(socket, onSocket));
    server.maxConnections = maxConnections;
    if (latencyMs === 0) {
      const parts = { server, link: undefined, relayed, sockets };
      return new Listener(options, parts, await listen(server, { name, host, port }));
    }
    const target = await listen(server, { name, host: loopback, port: 0 });
    const link = new Link(target, latencyMs);
    link.server.maxConnections = maxConnections;
    try {
      const parts = { server, link, relayed, sockets };
      return new Listener(options, parts, await listen(link.server, { name, host, port }));
    } catch (error) {
      server.close();
      throw error;
    }
  }

  /** Whether new connections are refused, as if nothing listened there. Open connections stay. */
  refuse(refusing: boolean): void {
    if (refusing === this.#refusing || this.#closed) return;
    this.#refusing = refusing;
    const { server, link } = this.#parts;
    const outer = link?.server ?? server;
    if (refusing) outer.close();
    else this.#reopened = this.#reopen(outer);
  }

  /** Ends every connection, and resolves when all are gone and the port is free. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reopened;
    const { server, link, relayed, sockets } = this.#parts;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, link?.close(), relayed.close()]);
  }

  /** Tries until it listens again: another process may have taken the port meanwhile. */
  async #reopen(outer: Server): Promise<void> {
    while (!this.#refusing && !this.#closed && !outer.listening) {
      // `listen` adds its own at each attempt.
      outer.removeAllListeners("error");
      try {
        await listen(outer, { name: this.#name, host: this.#host, port: this.port });
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    if (this.#refusing) outer.close();
  }
}

/** Connections that run over a further network: their far ends arrive at a port of their own, opened for the first. */
class RelayedConnections {
  readonly #server: Server;
  #port: Promise<number> | undefined;

  constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer({ noDelay: true }, (socket) => void useSocket(socket, onConnection));
  }

  add(near: Socket, shape: LinkShape, keep: (socket: Socket) => void): void {
    this.#port ??= listen(this.#server, { name: "a simulated network", host: loopback, port: 0 });
    this.#port.then(
      (port) => {
        if (!near.destroyed) keep(relayTo(port, near, shape));
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
