import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { Endpoint } from "@apns/core";
import { contain } from "@apns/net";
import type { TlsFiles } from "../../simulator/calls.js";

export type Direction = "sent" | "received";

export interface TapOptions {
  /** The server that everything is forwarded to. */
  readonly target: Required<Endpoint>;
  /** The authority that has issued the target's certificate, and `server`. */
  readonly ca: string;
  /** The tap's certificate towards the sender. */
  readonly server: TlsFiles;
  /** The tap's certificate towards the target; the legacy wire asks for one. */
  readonly client?: TlsFiles;
  readonly protocols: readonly string[];
  /** Called for each connection; what it returns is told of all its bytes, in the order they came. */
  readonly onConnection: () => (direction: Direction, bytes: Buffer) => void;
}

/** Stands between a sender and Apple's stand-in and reads along, so that what is shown is what was really said. */
export class Tap {
  readonly #options: TapOptions;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(options: TapOptions) {
    this.#options = options;
    this.#server = createServer({ ...options.server, ALPNProtocols: [...options.protocols] }, (socket) =>
      contain(
        socket,
        (sender) => this.#join(sender),
        () => socket.destroy(),
      ),
    );
  }

  static async open(options: TapOptions): Promise<Tap> {
    const tap = new Tap(options);
    tap.#server.listen(0, "127.0.0.1");
    await once(tap.#server, "listening");
    // A failing accept (out of file descriptors) must not end the process.
    tap.#server.on("error", () => {});
    return tap;
  }

  /** For the sender: in the target's place, and trusted for the same reason. */
  get endpoint(): Required<Endpoint> {
    return { ...this.#options.target, host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(sender: TLSSocket): void {
    const { target, ca, client, protocols, onConnection } = this.#options;
    const onBytes = onConnection();
    const { host, port, servername } = target;
    const apple = connect({ host, port, servername, ca, ALPNProtocols: [...protocols], ...client });
    contain(
      apple,
      () => {},
      () => apple.destroy(),
    );
    for (const [from, to] of [
      [sender, apple],
      [apple, sender],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes: Buffer) => onBytes(from === sender ? "sent" : "received", bytes));
      from.pipe(to);
      // How one side ends, the other one does, too.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.end();
      });
    }
  }
}
