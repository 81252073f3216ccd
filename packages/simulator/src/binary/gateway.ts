import type { Socket } from "node:net";
import type { PemIdentity } from "@apns/credentials";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ServerContext } from "../server-context.js";
import { GatewayConnection, type GatewayConnectionOptions } from "./gateway-connection.js";
import { type LegacyTlsOptions, legacyAcceptor } from "./legacy-tls.js";

/** The legacy gateway: TLS with a client certificate, then frames in and, at most, six bytes out. */
export class Gateway {
  /** Makes the function that takes TCP connections, with this identity of the server. */
  readonly acceptorFor: (server: PemIdentity) => (tcp: Socket) => void;
  readonly #context: ServerContext;
  readonly #options: GatewayConnectionOptions;
  readonly #open = new Set<GatewayConnection>();

  constructor(context: ServerContext, tls: LegacyTlsOptions, options: GatewayConnectionOptions) {
    this.#context = context;
    this.#options = options;
    this.acceptorFor = legacyAcceptor(context, tls, (secure, topic) => this.#onTopic(secure, topic));
  }

  /** Maintenance: every connection gets status 10 with the last accepted identifier, and ends. */
  shutdown(): void {
    for (const connection of this.#open) connection.shutdown();
  }

  #onTopic(secure: SecureConnection, topic: string): void {
    const counter = this.#context.log.binary;
    counter.connectionsOpen++;
    const connection = new GatewayConnection(secure, topic, ++counter.connections, this.#context, this.#options);
    this.#open.add(connection);
    secure.socket.once("close", () => {
      counter.connectionsOpen--;
      this.#open.delete(connection);
    });
  }
}
