import type { Socket } from "node:net";
import { InvalidArgumentError } from "@apns/core";
import { ConnectError } from "./connect-error.js";

/** An HTTP proxy, taken apart. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`; a secret. */
  readonly authorization: string | undefined;
}

/** Temporary refusals: Request Timeout, Too Early, Too Many Requests. */
const temporaryStatuses: ReadonlySet<string> = new Set(["408", "425", "429"]);

/** The largest head of a proxy's answer, in bytes. */
const maxAnswerBytes = 16_384;

/** @throws {InvalidArgumentError} without repeating the address, which may hold a password */
export function parseProxy(proxy: string | URL, field = "proxy"): HttpProxy {
  const text = String(proxy);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.hostname === "") {
    throw new InvalidArgumentError(field, "is not of the form http://user:password@host:port.");
  }
  let userInfo: string;
  try {
    userInfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  } catch {
    throw new InvalidArgumentError(field, "has a user name or password that is not percent-encoded.");
  }
  return {
    // The brackets of an IPv6 address belong to the URL.
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 80 : Number(url.port),
    authorization: userInfo === ":" ? undefined : `Basic ${Buffer.from(userInfo).toString("base64")}`,
  };
}

/**
 * The proxy that an option names, if it names one.
 * @param proxy an address as {@link parseProxy} takes it, or `"environment"`: see {@link proxyFromEnvironment}
 * @throws {InvalidArgumentError}
 */
export function resolveProxy(
  proxy: string | URL | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): HttpProxy | undefined {
  if (proxy === undefined) return undefined;
  return proxy === "environment" ? proxyFromEnvironment(host, port) : parseProxy(proxy);
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that `HTTPS_PROXY` (or `https_proxy`) names, unless `NO_PROXY` (or `no_proxy`) exempts the host: a list of
 * names, each matching itself and what ends in it, with an optional port; `*` exempts all.
 * @throws {InvalidArgumentError} if the variable holds something else than an HTTP proxy's address
 */
export function proxyFromEnvironment(
  host: string,
  port: number,
  variables: Variables = process.env,
): HttpProxy | undefined {
  const proxy = variables["HTTPS_PROXY"] ?? variables["https_proxy"];
  if (proxy === undefined || proxy === "") return undefined;
  const exempt = (variables["NO_PROXY"] ?? variables["no_proxy"] ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  if (exempt.some((entry) => exempts(entry, host, port))) return undefined;
  return parseProxy(proxy.includes("://") ? proxy : `http://${proxy}`, "HTTPS_PROXY");
}

function exempts(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  // The colons of an IPv6 address are no port; with one, the address stands in brackets.
  const isIpv6 = entry.indexOf(":") !== entry.lastIndexOf(":") && !entry.startsWith("[");
  const [, bracketed = "", itsPort] = isIpv6 ? [entry, entry] : /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry)!;
  const name = bracketed.toLowerCase().replace(/^\[|\]$/g, "");
  if (itsPort !== undefined && Number(itsPort) !== port) return false;
  return host.toLowerCase() === name || host.toLowerCase().endsWith(`.${name}`);
}

/**
 * Asks the proxy at the other end of `socket` for a tunnel and calls `done` with its refusal, or with nothing once the
 * tunnel stands. The end of the socket is the caller's to watch.
 *
 * Source: RFC 9110, section 9.3.6.
 */
export function openTunnel(
  socket: Socket,
  proxy: HttpProxy,
  target: { readonly host: string; readonly port: number },
  done: (refusal?: ConnectError) => void,
): void {
  const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  let answer: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf("\r\n\r\n");
    if (end === -1 && answer.length <= maxAnswerBytes) return;
    socket.off("data", onData);
    socket.pause();
    const statusLine = answer
      .toString("latin1", 0, Math.min(120, Math.max(0, answer.indexOf("\r\n"))))
      // Foreign text on its way into a log.
      .replace(/[^\x20-\x7e]/g, "?");
    const status = end === -1 ? undefined : /^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1];
    if (status?.startsWith("2")) {
      const behind = answer.subarray(end + 4);
      if (behind.length > 0) socket.unshift(behind);
      done();
      return;
    }
    const said =
      status === undefined
        ? "did not answer as an HTTP proxy does"
        : `refused the tunnel to ${authority}: ${statusLine}`;
    // 4xx is the proxy's decision (407: its credentials are missing or wrong) and stands until somebody changes it; but for
    // those that speak of the moment.
    const retryable = status !== undefined && (status.startsWith("5") || temporaryStatuses.has(status));
    done(new ConnectError(`The proxy ${proxy.host}:${proxy.port} ${said}.`, { retryable }));
  };
  socket.on("data", onData);
  const authorization = proxy.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
}
