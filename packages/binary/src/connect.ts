import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import { connectError } from "./node-error.js";
import type { ResolvedConnectOptions } from "./options.js";
import { openTunnel } from "./proxy-tunnel.js";

/** What becomes of an attempt to connect: exactly one of the two is called, once. */
export interface ConnectListener {
  connected(socket: TLSSocket): void;
  failed(error: ApnsError): void;
}

/**
 * Connects: TCP, the proxy's tunnel if there is one, TLS. Ends within `connectTimeoutMs`, also if the peer never says
 * anything. Returns a function that gives up without calling anybody.
 */
export function connect(options: ResolvedConnectOptions, listener: ConnectListener): () => void {
  const { endpoint, proxy, connectTimeoutMs } = options;
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
  const fail = (error: ApnsError): void => {
    if (over) return;
    giveUp();
    listener.failed(error);
  };
  const timer = setTimeout(() => {
    fail(new ApnsError("ERR_APNS_CONNECT_FAILED", `${where}: no ${stage} within ${connectTimeoutMs} ms.`));
  }, connectTimeoutMs);

  const secure = (): void => {
    stage = "TLS handshake";
    const secured = connectTls({
      ...(raw === undefined ? { host: endpoint.host, port: endpoint.port, noDelay: true } : { socket: raw }),
      // An IP address is no server name (RFC 6066, section 3); Node then verifies the certificate against `host`.
      ...(isIP(endpoint.servername) === 0 ? { servername: endpoint.servername } : { host: endpoint.servername }),
      ...(raw === undefined ? { host: endpoint.host } : {}),
      secureContext: options.secureContext,
      rejectUnauthorized: options.verifyServer,
    });
    socket = secured;
    secured.once("secureConnect", () => {
      if (finish()) listener.connected(secured);
    });
    secured.on("error", (error) => fail(connectError(where, error)));
    secured.on("close", () => fail(connectError(where, undefined)));
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
