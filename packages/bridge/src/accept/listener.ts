import { createServer as createTcpServer, type ServerOpts, type Socket, type Server as TcpServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { contain, listen } from "@apns/net";
import { describePeer, type Peer, type ReadCertificate } from "./peer.js";
import { handshakeAdvice, type ResolvedTls, trustsLess } from "./tls.js";

export interface ListenerSettings {
  readonly name: ListenerName;
  readonly host: string;
  readonly port: number;
  readonly tls: ResolvedTls;
  readonly handshakeTimeoutMs: number;
  readonly readCertificate: ReadCertificate | undefined;
}

export interface ListenerHandlers {
  /** Whether one more connection may begin its handshake. */
  readonly mayConnect: (socket: Socket) => boolean;
  /** The handshake has succeeded, and the certificate could be read. */
  readonly onPeer: (socket: TLSSocket, peer: Peer, listener: Listener) => void;
  /** @param advice the option to change, where one could help */
  readonly onHandshakeFailed: (at: ListenerPeer, code: string | undefined, advice: string | undefined) => void;
  /** The certificate is damaged; the peer has been turned away. */
  readonly onDamagedCertificate: (at: ListenerPeer, problem: string) => void;
  /** The operating system could not accept a connection. */
  readonly onAcceptFailed: (listener: ListenerName, error: Error) => void;
  /** An error of the bridge itself has ended a connection. */
  readonly onFault: (at: ListenerPeer, error: Error) => void;
}

export type ListenerName = "gateway" | "feedback";

/** A listener, and the address at its other end. */
export interface ListenerPeer {
  readonly listener: ListenerName;
  readonly address: string | undefined;
}

/** Half-open, since senders end their side before they have read the answer. */
export const tcpOptions: ServerOpts = Object.freeze({ noDelay: true, allowHalfOpen: true });

/** A port that senders connect to, with its TLS. */
export class Listener {
  readonly name: ListenerName;
  #settings: ListenerSettings;
  readonly #handlers: ListenerHandlers;
  readonly #tcp: TcpServer;
  /** Never listens: it is handed the sockets that the TCP server took. */
  #tls: TlsServer;
  /** Below the TLS sockets, by the peer's address and port. */
  readonly #tcpSockets = new Map<string, Socket>();
  readonly #refused = new WeakSet<Socket>();
  /** The keys of those whose handshake is under way. */
  readonly #inHandshake = new Set<string>();
  /** Whether the socket is another process's, too: then what connects while nobody accepts waits in the kernel. */
  readonly isInherited: boolean;
  /** While the bridge ends: what connects, and waits for a successor in vain. */
  #kept: Set<Socket> | undefined;

  private constructor(settings: ListenerSettings, handlers: ListenerHandlers, inherited: TcpServer | undefined) {
    this.name = settings.name;
    this.#settings = settings;
    this.#handlers = handlers;
    this.#tls = this.#makeTls(settings);
    this.isInherited = inherited !== undefined;
    this.#tcp = inherited ?? createTcpServer(tcpOptions);
    this.#tcp.on("connection", (socket) => this.#use(socket, () => this.#onTcp(socket)));
  }

  /**
   * @param inherited a server that listens on this port already
   * @throws {ApnsError} `ERR_APNS_LISTEN`
   */
  static async open(
    settings: ListenerSettings,
    handlers: ListenerHandlers,
    inherited: TcpServer | undefined,
  ): Promise<Listener> {
    const listener = new Listener(settings, handlers, inherited);
    const { name, host, port } = settings;
    const onAcceptError = (error: Error): void => handlers.onAcceptFailed(name, error);
    if (inherited === undefined) await listen(listener.#tcp, { name, host, port, onAcceptError });
    else inherited.on("error", onAcceptError);
    return listener;
  }

  get port(): number {
    return (this.#tcp.address() as { port: number }).port;
  }

  /** Handshakes that are under way. */
  get handshakes(): number {
    return this.#inHandshake.size;
  }

  /** The file descriptor of its socket, for a process that is to listen on; `undefined` where there is none (Windows). */
  get descriptor(): number | undefined {
    const { fd = -1 } = (this.#tcp as { readonly _handle?: { readonly fd?: number } | null })._handle ?? {};
    return fd < 0 ? undefined : fd;
  }

  /** As in the options: their `port` may be 0, `port` here is never. */
  get settings(): ListenerSettings {
    return this.#settings;
  }

  /** Whether every peer must show a trusted certificate. */
  get certificateRequired(): boolean {
    return this.#settings.tls.clientCertificate === "required";
  }

  /**
   * From now on, new connections get other TLS settings on the same port.
   * @returns whether a peer that was trusted may not be trusted any more
   */
  update(settings: ListenerSettings): boolean {
    const narrower = trustsLess(this.#settings.tls, settings.tls);
    this.#settings = settings;
    // Another server, since `setSecureContext` cannot change whether certificates are asked for.
    this.#tls = this.#makeTls(settings);
    return narrower;
  }

  /**
   * Resets a connection, so that the sender notices. Called within `onPeer` it does so before the last bytes of the handshake
   * are written: with TLS 1.2 and older, the handshake of the sender fails then. A close in good order behind the handshake goes
   * unnoticed by senders that write and leave: 17 of 23 published ones reported success.
   *
   * Only the TCP socket is reset here, and takes the TLS socket with it later: to destroy both within the callback of the
   * handshake ends the process (a segmentation fault in Node 20; either one alone is safe).
   */
  refuse(socket: TLSSocket): void {
    this.#refused.add(socket);
    this.#tcpSockets.get(keyOf(socket))?.resetAndDestroy();
  }

  /**
   * Resets the connections whose handshake is not over. The sender may have finished its part of it, and written: a close in good order
   * would look like success to it.
   */
  resetHandshakes(): void {
    for (const key of this.#inHandshake) this.#tcpSockets.get(key)?.resetAndDestroy();
  }

  /** Takes no more connections: what connects waits, with its handshake not begun, until the port is freed. */
  keepWaiting(): void {
    this.#kept ??= new Set();
  }

  /** Frees the port, and resets what waits there. Connections live on. */
  close(): void {
    this.#tcp.close();
    for (const socket of this.#kept ?? []) socket.resetAndDestroy();
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
      // Not a second time, see `refuse`.
      if (!this.#refused.has(socket)) socket.destroy();
      this.#handlers.onFault(this.#at(socket), error instanceof Error ? error : new Error(String(error)));
    });
  }

  #at({ remoteAddress: address }: Socket): ListenerPeer {
    return { listener: this.name, address };
  }

  #onTcp(socket: Socket): void {
    // Senders break their connections as they like; the reader of the connection sees what follows from that.
    socket.on("error", () => {});
    if (!this.#handlers.mayConnect(socket)) {
      socket.destroy();
      return;
    }
    const kept = this.#kept;
    if (kept !== undefined) {
      kept.add(socket);
      socket.once("close", () => kept.delete(socket));
      return;
    }
    const key = keyOf(socket);
    this.#tcpSockets.set(key, socket);
    this.#inHandshake.add(key);
    socket.once("close", () => {
      this.#tcpSockets.delete(key);
      this.#inHandshake.delete(key);
    });
    this.#tls.emit("connection", socket);
  }

  #onSecure(socket: TLSSocket, { tls, readCertificate }: ListenerSettings): void {
    socket.on("error", () => {});
    this.#inHandshake.delete(keyOf(socket));
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

  /** A certificate of which any part cannot be read identifies nobody. */
  #turnAway(socket: TLSSocket, error: unknown): void {
    this.#handlers.onDamagedCertificate(this.#at(socket), error instanceof Error ? error.message : String(error));
    this.refuse(socket);
  }

  #onHandshakeFailed({ code }: NodeJS.ErrnoException, socket: TLSSocket, { tls }: ListenerSettings): void {
    const at = this.#at(socket);
    socket.destroy();
    this.#handlers.onHandshakeFailed(at, code, handshakeAdvice(code, tls.minVersion));
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
