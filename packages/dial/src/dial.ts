import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { ResolvedEndpoint } from "@apns/core";
import type { AddressSpread } from "./addresses.js";
import { ConnectError, type ConnectHints, connectError } from "./connect-error.js";
import { type HttpProxy, openTunnel } from "./proxy.js";
import { readBeforeFailing } from "./read-before-failing.js";

export interface DialOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly secureContext: SecureContext;
  /** False takes any server for the right one. */
  readonly verifyServer: boolean;
  readonly proxy: HttpProxy | undefined;
  /** For all of it: DNS, TCP, proxy and TLS. */
  readonly timeoutMs: number;
  /** The ALPN protocol to ask for, and to insist on. */
  readonly alpnProtocol?: string;
  /** A TLS session to resume. */
  readonly session?: Buffer | undefined;
  readonly addresses?: AddressSpread;
  /** Reads into one buffer instead of emitting `data`. Node heeds it on direct connections only, not through a proxy. */
  readonly onread?: OnReadOpts;
  readonly hints?: ConnectHints;
}

/** What becomes of an attempt to connect: exactly one of the two is called, once. */
export interface DialListener {
  /**
   * The socket is the caller's from here on. Its `error` listener stays, so that a late error is never an uncaught one.
   */
  connected(socket: TLSSocket): void;
  failed(error: ConnectError): void;
}

/**
 * Connects: TCP, the proxy's tunnel if there is one, TLS. Ends within `timeoutMs`, also if the peer never says anything.
 * Returns a function that gives up without calling anybody.
 */
export function dial(options: DialOptions, listener: DialListener): () => void {
  const { endpoint, proxy, timeoutMs, hints } = options;
  const where = `${endpoint.host}:${endpoint.port}`;
  let stage = proxy === undefined ? "TLS handshake" : "tunnel from the proxy";
  let raw: Socket | undefined;
  let socket: TLSSocket | undefined;
  let over = false;

  const finish = (): boolean => {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    return true;
  };
  const giveUp = (): void => {
    finish();
    socket?.destroy();
    raw?.destroy();
  };
  const fail = (error: ConnectError): void => {
    if (over) return;
    giveUp();
    listener.failed(error);
  };
  const timer = setTimeout(() => {
    fail(new ConnectError(`${where}: no ${stage} within ${timeoutMs} ms.`, { retryable: true }));
  }, timeoutMs);

  const secure = (): void => {
    stage = "TLS handshake";
    let secured: TLSSocket;
    try {
      secured = connectTls(tlsOptions(options, raw));
    } catch (error) {
      // A name or address that Node will not even try. Later, since nobody expects an answer before there was a question.
      setImmediate(() => fail(connectError(where, error as Error, hints)));
      return;
    }
    socket = secured;
    secured.once("secureConnect", () => {
      if (options.alpnProtocol !== undefined && secured.alpnProtocol !== options.alpnProtocol) {
        const message = `${where} does not speak "${options.alpnProtocol}" (ALPN); check host and port.`;
        fail(new ConnectError(message, { retryable: false }));
      } else if (finish()) {
        readBeforeFailing(secured);
        listener.connected(secured);
      }
    });
    secured.on("error", (error) => fail(connectError(where, error, hints)));
    secured.on("close", () => fail(connectError(where, undefined, hints)));
  };

  if (proxy === undefined) {
    secure();
    return giveUp;
  }
  const tunnel = connectTcp({ host: proxy.host, port: proxy.port, noDelay: true });
  raw = tunnel;
  const viaProxy = `proxy ${proxy.host}:${proxy.port}`;
  tunnel.on("error", (error) => fail(connectError(viaProxy, error)));
  tunnel.on("close", () => fail(connectError(viaProxy, undefined)));
  tunnel.once("connect", () => {
    openTunnel(tunnel, proxy, endpoint, (refusal) => {
      if (refusal !== undefined) fail(refusal);
      else if (!over) secure();
    });
  });
  return giveUp;
}

function tlsOptions(options: DialOptions, tunnel: Socket | undefined): ConnectionOptions {
  const { endpoint, secureContext, verifyServer, alpnProtocol, session, addresses, onread } = options;
  const { host, port, servername } = endpoint;
  return {
    ...(tunnel === undefined
      ? { host, port, noDelay: true, ...(addresses === undefined ? {} : { lookup: addresses.lookup }) }
      : { socket: tunnel, host: servername }),
    // Always the name asked for, whatever the connection was made to.
    checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
    // An IP address is no server name (RFC 6066, section 3).
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(alpnProtocol === undefined ? {} : { ALPNProtocols: [alpnProtocol] }),
    ...(session === undefined ? {} : { session }),
    ...(onread === undefined || tunnel !== undefined ? {} : { onread }),
    secureContext,
    rejectUnauthorized: verifyServer,
  };
}
