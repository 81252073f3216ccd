import { isIP, type OnReadOpts, type Socket } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { ResolvedEndpoint } from "@apns/core";
import type { AddressSpread } from "./addresses.js";
import { ConnectError, type ConnectHints, connectError, inspectionHint, isAboutCertificate } from "./connect-error.js";
import { hedgeAfterMs } from "./connect-hedged.js";
import { contain } from "./contain.js";
import { type CertificateInWords, certificateInWords } from "./foreign-certificate.js";
import { hostAndPort, type ProxyAddress } from "./proxy/proxy-address.js";
import { openTunnel } from "./proxy/tunnel.js";
import { readBeforeFailing } from "./read-before-failing.js";
import { describeChain, keepNodeFromReading, readServerCertificate } from "./server-certificate.js";
import type { TlsSessionCache } from "./tls-session-cache.js";

export interface ConnectOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False accepts any certificate: the server's, and that of an `https` proxy. */
  readonly verifyServer: boolean;
  readonly proxy: ProxyAddress | undefined;
  /** For the whole attempt (DNS, TCP, proxy and TLS), in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the attempt; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The ALPN protocol to offer; a server that does not select it is an error. */
  readonly alpnProtocol?: string;
  /** TLS sessions to resume. */
  readonly sessions?: TlsSessionCache;
  /** Chooses the address, and learns how the attempt ends. Not used with a proxy. */
  readonly addresses?: AddressSpread;
  /** Reads into one buffer instead of emitting `data`. Node ignores it on connections through a proxy. */
  readonly onread?: OnReadOpts;
  readonly hints?: ConnectHints;
}

/**
 * Connects: DNS, TCP, the proxy's tunnel if there is one, TLS. Settles within `timeoutMs`, even if the peer sends nothing.
 * The socket is the caller's; an `error` listener stays on it, so that a late error is never an uncaught one.
 * @throws {ConnectError} naming what failed, and the fix where there is one
 */
export function connect(options: ConnectOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const attempt = new Attempt(options, resolve, reject);
    attempt.start();
  });
}

/** One attempt to connect, until it is settled. */
class Attempt {
  readonly #options: ConnectOptions;
  readonly #resolve: (socket: TLSSocket) => void;
  readonly #reject: (error: unknown) => void;
  readonly #address: string;
  readonly #session: Buffer | undefined;
  #stage: string;
  #tunnel: Socket | undefined;
  #socket: TLSSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  /** Runs a task so that what it throws ends the socket only. */
  #run: (task: () => void) => void = (task) => task();
  /** Read before Node looks at it: after a refusal there is no socket to read it from. */
  #certificate: CertificateInWords | undefined;
  /** The server's address, and when its TCP connection stood; undefined with a proxy. */
  #tcp: { readonly address: string; readonly connectedAt: number } | undefined;

  constructor(options: ConnectOptions, resolve: (socket: TLSSocket) => void, reject: (error: unknown) => void) {
    const { endpoint, proxy, sessions } = options;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#address = hostAndPort(endpoint);
    this.#session = sessions?.latest;
    this.#stage = proxy === undefined ? "TLS handshake" : "tunnel from the proxy";
  }

  start(): void {
    const { proxy, timeoutMs, signal } = this.#options;
    if (signal?.aborted) {
      this.#reject(signal.reason);
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#timer = setTimeout(() => {
      this.#fail(new ConnectError(`${this.#address}: no ${this.#stage} within ${timeoutMs} ms.`, { retryable: true }));
    }, timeoutMs);
    if (proxy === undefined) this.#secure();
    else this.#tunnelThrough(proxy);
  }

  readonly #onAbort = (): void => {
    if (!this.#settle()) return;
    // Given up for another address, or by a caller who has waited: the next attempt tries the others first.
    const { addresses } = this.#options;
    if (this.#tcp !== undefined && performance.now() - this.#tcp.connectedAt >= hedgeAfterMs) {
      addresses?.failed(this.#tcp.address);
    }
    this.#giveUp(this.#options.signal!.reason);
  };

  #tunnelThrough(proxy: ProxyAddress): void {
    const { endpoint, verifyServer } = this.#options;
    let tunnel: Socket;
    try {
      tunnel = openTunnel(proxy, endpoint, { ca: endpoint.ca, verify: verifyServer }, (failure) => {
        if (failure !== undefined) this.#fail(failure);
        else if (!this.#settled) this.#secure();
      });
    } catch (error) {
      // Node refuses some arguments, such as port 0, by throwing.
      this.#fail(connectError(`proxy ${hostAndPort(proxy)}`, error as Error));
      return;
    }
    this.#tunnel = tunnel;
    // Once the tunnel stands, its end is an end of the handshake inside.
    tunnel.on("error", (error) => this.#fail(connectError(`proxy ${hostAndPort(proxy)}`, error)));
    tunnel.on("close", () => this.#fail(connectError(`proxy ${hostAndPort(proxy)}`, undefined)));
  }

  #secure(): void {
    const { hints } = this.#options;
    this.#stage = "TLS handshake";
    let socket: TLSSocket;
    try {
      socket = connectTls(tlsOptions(this.#options, this.#session, this.#tunnel, this.#containedOnread()));
    } catch (error) {
      // Node refuses some arguments, such as a port above 65535, by throwing.
      this.#fail(connectError(this.#address, error as Error, hints));
      return;
    }
    this.#socket = socket;
    keepNodeFromReading(socket);
    const addListeners = (): void => {
      if (this.#tunnel === undefined) this.#countAddress(socket);
      socket.prependOnceListener("secure", () => this.#readCertificate(socket));
      socket.once("secureConnect", () => this.#secured(socket));
      socket.on("error", (error) => {
        const certificate = isAboutCertificate(error) ? this.#certificate : undefined;
        this.#fail(connectError(this.#address, error, hints, certificate));
      });
      socket.on("close", () => this.#fail(connectError(this.#address, undefined, hints)));
    };
    this.#run = contain(socket, addListeners, (error) => socket.destroy(error as Error));
  }

  /** Node calls `onread` from its native code: what it throws would end the process. */
  #containedOnread(): OnReadOpts | undefined {
    const { onread } = this.#options;
    if (onread === undefined || this.#tunnel !== undefined) return undefined;
    const callback = (bytes: number, buffer: Uint8Array): boolean => {
      let goesOn = true;
      this.#run(() => {
        goesOn = onread.callback(bytes, buffer);
      });
      return goesOn;
    };
    return { buffer: onread.buffer, callback };
  }

  #countAddress(socket: TLSSocket): void {
    const { addresses } = this.#options;
    if (addresses === undefined) return;
    // `remoteAddress` is undefined if the peer has closed by now. Several attempts are one after the other.
    let address = "";
    socket.on("connectionAttempt", (ip: string) => {
      address = ip;
    });
    socket.once("connect", () => {
      this.#tcp = { address, connectedAt: performance.now() };
      addresses.opened(address);
      socket.once("close", () => addresses.closed(address));
    });
  }

  #readCertificate(socket: TLSSocket): void {
    // A resumed session has been verified when it was new.
    if (socket.isSessionReused()) return;
    this.#certificate = certificateInWords(
      describeChain(readServerCertificate(socket)),
      this.#options.endpoint.servername,
    );
  }

  #secured(socket: TLSSocket): void {
    const { alpnProtocol, sessions } = this.#options;
    if (alpnProtocol !== undefined && socket.alpnProtocol !== alpnProtocol) {
      const problem = `${this.#address} does not speak "${alpnProtocol}" (ALPN)`;
      const certificate = this.#certificate?.isForeign ? this.#certificate : undefined;
      const fix = certificate === undefined ? "check host and port" : `${certificate.text} (${inspectionHint})`;
      this.#fail(new ConnectError(`${problem}; ${fix}.`, { retryable: false }));
      return;
    }
    if (!this.#settle()) return;
    sessions?.watch(socket);
    readBeforeFailing(socket);
    this.#resolve(socket);
  }

  #fail(error: ConnectError): void {
    if (!this.#settle()) return;
    if (this.#session !== undefined) this.#options.sessions?.failed();
    if (this.#tcp !== undefined) this.#options.addresses?.failed(this.#tcp.address);
    this.#giveUp(error);
  }

  /** False if it was settled before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }

  #giveUp(reason: unknown): void {
    this.#socket?.destroy();
    this.#tunnel?.destroy();
    this.#reject(reason);
  }
}

function tlsOptions(
  options: ConnectOptions,
  session: Buffer | undefined,
  tunnel: Socket | undefined,
  onread: OnReadOpts | undefined,
): ConnectionOptions {
  const { endpoint, secureContext, verifyServer, alpnProtocol, addresses } = options;
  const { host, port, servername } = endpoint;
  return {
    ...(tunnel === undefined
      ? { host, port, noDelay: true, ...(addresses === undefined ? {} : { lookup: addresses.lookup }) }
      : { socket: tunnel, host: servername }),
    // Always the server's name, whatever address or proxy the connection was made to.
    checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
    // An IP address is no server name (RFC 6066, section 3).
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(alpnProtocol === undefined ? {} : { ALPNProtocols: [alpnProtocol] }),
    ...(session === undefined ? {} : { session }),
    ...(onread === undefined ? {} : { onread }),
    secureContext,
    rejectUnauthorized: verifyServer,
  };
}
