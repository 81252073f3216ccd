import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { closeGracefully, contain, listen } from "@apns/net";
import type { BridgeLog } from "../observe/log.js";
import { describePeer, type Peer, type ReadCertificate } from "./peer.js";
import { handshakeAdvice, type ResolvedTls, trustsLess } from "./tls.js";

export interface ListenerSettings {
  readonly name: "gateway" | "feedback";
  readonly host: string;
  readonly port: number;
  readonly tls: ResolvedTls;
  readonly handshakeTimeoutMs: number;
  readonly readCertificate: ReadCertificate | undefined;
}

export interface ListenerHandlers {
  /** Whether one more connection may begin its handshake. */
  readonly mayConnect: (socket: Socket, address: string) => boolean;
  /** Of those that were let begin. */
  readonly onClosed: (socket: Socket, address: string) => void;
  readonly onPeer: (socket: TLSSocket, peer: Peer, listener: Listener) => void;
  readonly onHandshakeFailed: () => void;
  /** A certificate could not be read; the peer has been turned away. */
  readonly onUnreadable: () => void;
}

/** A port on which senders are listened to, with its TLS. */
export class Listener {
  readonly name: "gateway" | "feedback";
  #settings: ListenerSettings;
  readonly #handlers: ListenerHandlers;
  readonly #log: BridgeLog;
  readonly #tcp: TcpServer;
  /** Never listens: it is handed the sockets that the TCP server took. */
  #tls: TlsServer;

  private constructor(settings: ListenerSettings, handlers: ListenerHandlers, log: BridgeLog) {
    this.name = settings.name;
    this.#settings = settings;
    this.#handlers = handlers;
    this.#log = log;
    this.#tls = this.#makeTls(settings);
    // Half-open, since senders end their side before they have read the answer.
    this.#tcp = createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#use(socket, () => this.#onTcp(socket)),
    );
  }

  /** @throws {ApnsError} `ERR_APNS_LISTEN` */
  static async open(settings: ListenerSettings, handlers: ListenerHandlers, log: BridgeLog): Promise<Listener> {
    const listener = new Listener(settings, handlers, log);
    const { name, host, port } = settings;
    const onAcceptError = ({ message }: Error): void => log.error({ listener: name, error: message }, "Accept failed.");
    await listen(listener.#tcp, { name, host, port, onAcceptError });
    return listener;
  }

  get port(): number {
    return (this.#tcp.address() as { port: number }).port;
  }

  /** What was asked for; `port` is what it became. */
  get settings(): ListenerSettings {
    return this.#settings;
  }

  /** Whether who connects must show a certificate that is trusted. */
  get certificateRequired(): boolean {
    return this.#settings.tls.clientCertificate === "required";
  }

  /**
   * From now on, new connections get other TLS settings on the same port.
   * @returns whether somebody who was trusted may not be trusted any more
   */
  update(settings: ListenerSettings): boolean {
    const narrower = trustsLess(this.#settings.tls, settings.tls);
    this.#settings = settings;
    // Another server and not `setSecureContext`, which leaves whether certificates are asked for as it was.
    this.#tls = this.#makeTls(settings);
    return narrower;
  }

  /** Frees the port. Connections live on. */
  close(): void {
    this.#tcp.close();
  }

  #makeTls(settings: ListenerSettings): TlsServer {
    const server = createTlsServer({ ...settings.tls.server, handshakeTimeout: settings.handshakeTimeoutMs });
    server.on("secureConnection", (socket) => this.#use(socket, () => this.#onSecure(socket, settings)));
    server.on("tlsClientError", (error, socket) =>
      this.#use(socket, () => this.#onHandshakeFailed(error, socket, settings)),
    );
    return server;
  }

  /**
   * Around all that is done with a socket of a peer's, from its first event to its last: an error of ours ends that
   * connection, and neither the process nor another one.
   */
  #use(socket: Socket, use: () => void): void {
    contain(socket, use, (error) => {
      socket.destroy();
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      const fields = { listener: this.name, address: socket.remoteAddress, error: message, stack };
      this.#log.error(fields, "A connection was ended by an error in the bridge; please report it.");
    });
  }

  #onTcp(socket: Socket): void {
    // Senders come and go as they like; what their going means is seen by whoever reads the connection.
    socket.on("error", () => {});
    const address = socket.remoteAddress ?? "";
    if (!this.#handlers.mayConnect(socket, address)) {
      socket.destroy();
      return;
    }
    socket.once("close", () => this.#handlers.onClosed(socket, address));
    this.#tls.emit("connection", socket);
  }

  #onSecure(socket: TLSSocket, { tls, readCertificate }: ListenerSettings): void {
    socket.on("error", () => {});
    const { authorities, acceptExpired } = tls;
    let peer: Peer;
    try {
      peer = describePeer(socket, { authorities, acceptExpired, readCertificate });
    } catch (error) {
      this.#turnAway(socket, error);
      return;
    }
    this.#handlers.onPeer(socket, peer, this);
  }

  /** Whoever shows a certificate about which anything cannot be read is nobody that could be let in. */
  #turnAway(socket: TLSSocket, error: unknown): void {
    this.#handlers.onUnreadable();
    const problem = error instanceof Error ? error.message : String(error);
    const fields = { listener: this.name, address: socket.remoteAddress, problem };
    this.#log.warn(fields, "A sender whose certificate is damaged was turned away.");
    closeGracefully(socket);
  }

  #onHandshakeFailed(error: NodeJS.ErrnoException, socket: TLSSocket, { tls }: ListenerSettings): void {
    const { remoteAddress: address } = socket;
    socket.destroy();
    this.#handlers.onHandshakeFailed();
    // Port scans and health checks of load balancers connect and leave; only what the options could mend is worth a line.
    const advice = handshakeAdvice(error.code, tls.minVersion);
    const fields = { listener: this.name, address, code: error.code };
    if (advice === undefined) this.#log.debug(fields, "A TLS handshake failed.");
    else this.#log.warn(fields, `A TLS handshake failed. ${advice}`);
  }
}
