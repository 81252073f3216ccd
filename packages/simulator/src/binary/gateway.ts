import type { Socket } from "node:net";
import { hangUp } from "../io/hang-up.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { Surroundings } from "../surroundings.js";
import { GatewayConnection, type GatewayConnectionOptions } from "./gateway-connection.js";
import { type LegacyTlsOptions, legacyAcceptor } from "./legacy-tls.js";

/** The legacy gateway: TLS with a client certificate, then frames in and, at most, six bytes out. */
export class Gateway {
  readonly accept: (tcp: Socket) => void;
  readonly #around: Surroundings;
  readonly #options: GatewayConnectionOptions;
  readonly #open = new Set<GatewayConnection>();

  constructor(around: Surroundings, tls: LegacyTlsOptions, options: GatewayConnectionOptions) {
    this.#around = around;
    this.#options = options;
    this.accept = legacyAcceptor(around, tls, {
      onTopic: (secure, topic) => this.#onTopic(secure, topic),
      onWrongEnvironment: ({ socket }) => hangUp(socket, around.timers),
    });
  }

  /** Maintenance: every connection gets status 10 with the last accepted identifier, and ends. */
  shutdown(): void {
    for (const connection of this.#open) connection.shutdown();
  }

  #onTopic(secure: SecureConnection, topic: string): void {
    const counter = this.#around.log.binary;
    counter.connectionsOpen++;
    const connection = new GatewayConnection(secure, topic, ++counter.connections, this.#around, this.#options);
    this.#open.add(connection);
    secure.socket.once("close", () => {
      counter.connectionsOpen--;
      this.#open.delete(connection);
    });
  }
}
