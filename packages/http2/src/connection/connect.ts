import type { SecureContext, TLSSocket } from "node:tls";
import type { ResolvedEndpoint } from "@apns/core";
import {
  type AddressSpread,
  ConnectError,
  connectError,
  connectHedged,
  connect as connectTls,
  hedgeAfterMs,
  type ProxyAddress,
  type TlsSessionCache,
} from "@apns/net";
import { Connection, type ConnectionEvents, type ConnectionSettings } from "./connection.js";
import type { Ending } from "./ending.js";
import type { OutgoingRequest } from "./outgoing-request.js";

export interface ConnectOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False takes any server for the right one. */
  readonly verifyServer: boolean;
  readonly proxy: ProxyAddress | undefined;
  /** For one attempt in all (DNS, TCP, proxy, TLS and the server's SETTINGS), in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly connection: ConnectionSettings;
  readonly addresses: AddressSpread;
  readonly sessions: TlsSessionCache;
}

/** One read of the socket lands here; larger reads only mean larger chunks. */
const readBufferBytes = 64 * 1024;

/**
 * Connects, and waits for the server's SETTINGS: the connection is ready for requests. While an address of the server does not
 * answer, others are tried beside it. `attach` makes the connection the caller's.
 * @throws {ConnectError} or the reason of `signal`
 */
export function connect<R extends OutgoingRequest>(
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection<R>> {
  const discard = (connection: Connection<R>): void => connection.destroy();
  return connectHedged((signal) => connectOnce<R>(options, signal), { signal, addresses: options.addresses, discard });
}

/** One attempt. */
async function connectOnce<R extends OutgoingRequest>(
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection<R>> {
  const { connectTimeoutMs, addresses, sessions } = options;
  const startedAt = performance.now();
  const reader = new SocketReader();
  const socket = await connectTls({
    ...options,
    timeoutMs: connectTimeoutMs,
    signal,
    alpnProtocol: "h2",
    onread: reader.onread,
  });
  const isResumed = socket.isSessionReused();
  const address = options.proxy === undefined ? socket.remoteAddress : undefined;
  try {
    const connection = await settingsOf<R>(socket, reader, options, startedAt, signal);
    if (address !== undefined) addresses.succeeded(address);
    return connection;
  } catch (error) {
    // The server may have failed over the resumed TLS session.
    if (isResumed && !signal.aborted) sessions.failed();
    if (address !== undefined && (!signal.aborted || performance.now() - startedAt >= hedgeAfterMs)) {
      addresses.failed(address);
    }
    throw error;
  }
}

/** Resolves with the connection once the server's SETTINGS have arrived. */
function settingsOf<R extends OutgoingRequest>(
  socket: TLSSocket,
  reader: SocketReader,
  { endpoint, connectTimeoutMs, connection: settings }: ConnectOptions,
  startedAt: number,
  signal: AbortSignal,
): Promise<Connection<R>> {
  return new Promise((resolve, reject) => {
    const where = `${endpoint.host}:${endpoint.port}`;
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (reason: unknown): void => {
      settle();
      reject(reason);
      connection.destroy();
    };
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => {
        const message = `${where}: no SETTINGS within ${connectTimeoutMs} ms; does it speak HTTP/2?`;
        fail(new ConnectError(message, { retryable: true }));
      },
      Math.max(0, startedAt + connectTimeoutMs - performance.now()),
    );
    const connection = new Connection<R>(socket, settings, startedAt, {
      ...noRequests,
      onReady: () => {
        settle();
        resolve(connection);
      },
      onEnding: (_, { cause }: Ending) => {
        // The end of the socket is told by `onClosed`; here it is what the peer said in place of SETTINGS.
        if (cause.code !== "ERR_APNS_PROTOCOL") return;
        fail(new ConnectError(`${where}: ${cause.message}`, { retryable: true, cause }));
      },
      onClosed: ({ socketError }) => {
        // With TLS 1.3 the server's refusal of the client certificate comes here, after the client's handshake is over.
        const closed = `${where}: the server closed the connection before its SETTINGS came.`;
        fail(
          socketError === undefined ? new ConnectError(closed, { retryable: true }) : connectError(where, socketError),
        );
      },
    });
    signal.addEventListener("abort", onAbort, { once: true });
    reader.attach(socket, connection);
  });
}

/** A connection that waits for SETTINGS has no requests. */
const noRequests: Pick<ConnectionEvents<never>, "onCapacity" | "onAnswer" | "onNoAnswer" | "onWornOut"> = {
  onCapacity: () => {},
  onAnswer: () => {},
  onNoAnswer: () => {},
  onWornOut: () => {},
};

/** Reads the socket into one buffer, and keeps what comes before there is a connection to receive it. */
class SocketReader {
  readonly #buffer = Buffer.allocUnsafeSlow(readBufferBytes);
  readonly #early: Buffer[] = [];
  #receiver: { receive(chunk: Uint8Array): void } | undefined;

  readonly onread = {
    buffer: this.#buffer,
    callback: (bytes: number): boolean => {
      this.#receive(this.#buffer.subarray(0, bytes));
      return true;
    },
  };

  attach(socket: TLSSocket, receiver: { receive(chunk: Uint8Array): void }): void {
    this.#receiver = receiver;
    for (const chunk of this.#early.splice(0)) receiver.receive(chunk);
    // Through a proxy Node does not heed `onread`.
    socket.on("data", (chunk: Buffer) => receiver.receive(chunk));
  }

  #receive(chunk: Buffer): void {
    if (this.#receiver === undefined) this.#early.push(Buffer.from(chunk));
    else this.#receiver.receive(chunk);
  }
}
