import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import type { ResolvedEndpoint } from "@apns/core";
import { attributeOf, attributeTypes, type DistinguishedName } from "@apns/core/der";
import { keepNodeFromReading, openTunnel, type ProxyAddress, readServerCertificate } from "@apns/net";

/** The addresses of a name, or why there are none. */
export async function probeDns(host: string): Promise<{ addresses: string[] } | { problem: string }> {
  try {
    const found = await lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address) };
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

/** How long a TCP connection takes, or why there is none. */
export async function probeTcp(
  host: string,
  port: number,
  timeoutMs: number,
): Promise<{ elapsedMs: number } | { problem: string }> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: timeoutMs });
    const end = (result: { elapsedMs: number } | { problem: string }): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end({ elapsedMs: performance.now() - startedAt }));
    socket.once("timeout", () => end({ problem: `no answer within ${timeoutMs / 1000} s` }));
    socket.once("error", (error) => end({ problem: codeOf(error) }));
  });
}

/** What a TLS handshake shows, whether or not the server is to be trusted. */
export interface TlsFindings {
  readonly protocol: string;
  readonly alpn: string | undefined;
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: Date;
  /** Why the server's certificate is not to be trusted, as OpenSSL calls it; `undefined` if it is. */
  readonly distrust: string | undefined;
  /** The certificates that the server presents, DER each. */
  readonly chain: readonly Uint8Array[];
}

export interface TlsProbe {
  readonly endpoint: ResolvedEndpoint;
  readonly proxy: ProxyAddress | undefined;
  readonly timeoutMs: number;
  readonly alpn: readonly string[];
  readonly identity?: { readonly cert: string; readonly key: string } | undefined;
}

/** Shakes hands, looks, and hangs up. */
export async function probeTls(probe: TlsProbe): Promise<TlsFindings | { problem: string }> {
  let raw: Socket | undefined;
  try {
    raw = await openPath(probe);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  return new Promise((resolve) => {
    const { endpoint, timeoutMs, alpn, identity } = probe;
    const { servername } = endpoint;
    const socket = connectTls({
      socket: raw,
      ...(isIP(servername) === 0 ? { servername } : {}),
      ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca as string }),
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      ...identity,
      // Node would look for "localhost" where there is an address and no name.
      checkServerIdentity: () => undefined,
      // Looked at below: who it is that is not to be trusted is what one wants to know.
      rejectUnauthorized: false,
    });
    keepNodeFromReading(socket);
    const timer = setTimeout(() => end({ problem: `no TLS handshake within ${timeoutMs / 1000} s` }), timeoutMs);
    const end = (result: TlsFindings | { problem: string }): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once("secureConnect", () => end(findings(socket, servername)));
    socket.once("error", (error) => end({ problem: codeOf(error) }));
    socket.once("close", () => end({ problem: "closed by the peer" }));
  });
}

/** A TCP connection to the server, through the proxy if there is one. */
function openPath({ endpoint, proxy, timeoutMs }: TlsProbe): Promise<Socket> {
  const { host, port } = endpoint;
  return new Promise((resolve, reject) => {
    const done = (failure?: Error): void => {
      if (failure === undefined) resolve(socket);
      else fail(failure);
    };
    const socket =
      proxy === undefined
        ? connectTcp({ host, port }, () => done())
        : openTunnel(proxy, endpoint, { ca: endpoint.ca }, done);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs);
    socket.once("error", (error) => fail(new Error(codeOf(error))));
    socket.once("timeout", () => fail(new Error(`no answer within ${timeoutMs / 1000} s`)));
  });
}

function findings(socket: TLSSocket, servername: string): TlsFindings {
  const { description, names, chain } = readServerCertificate(socket);
  const wrongName = checkServerIdentity(servername, names) !== undefined ? "HOSTNAME_MISMATCH" : undefined;
  return {
    protocol: socket.getProtocol() ?? "unknown",
    alpn: socket.alpnProtocol || undefined,
    subject: name(description?.subject),
    issuer: name(description?.issuer),
    validTo: description?.notAfter ?? new Date(0),
    distrust: socket.authorized ? wrongName : String(socket.authorizationError),
    chain,
  };
}

function name(subject: DistinguishedName = []): string {
  const { commonName, organization } = attributeTypes;
  return attributeOf(subject, commonName) ?? attributeOf(subject, organization) ?? "nobody";
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
