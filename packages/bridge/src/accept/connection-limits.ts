import type { Socket } from "node:net";

export interface AcceptLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** All open connections, from their first byte on: handshakes too, and those turned away until they are closed. */
export class ConnectionLimits {
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();
  #accepted = 0;

  /** Connections accepted since the bridge was started. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Counts the connection until it is closed; returns false, and does not, if there are too many. */
  accept(socket: Socket, limits: AcceptLimits): boolean {
    const address = socket.remoteAddress ?? "";
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open.size >= limits.maxConnections || fromAddress >= limits.maxConnectionsPerAddress) return false;
    this.#accepted++;
    this.#open.add(socket);
    this.#byAddress.set(address, fromAddress + 1);
    socket.once("close", () => this.#closed(socket, address));
    return true;
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #closed(socket: Socket, address: string): void {
    this.#open.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
