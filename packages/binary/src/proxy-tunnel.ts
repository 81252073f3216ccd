import type { Socket } from "node:net";
import { ApnsError, InvalidArgumentError } from "@apns/core";

/** An HTTP proxy, taken apart. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`; a secret. */
  readonly authorization: string | undefined;
}

/** The most a proxy may say before it has said yes or no, in bytes. */
const maxAnswerBytes = 16_384;

/** @throws {InvalidArgumentError} without repeating the address, which may hold a password */
export function parseProxy(proxy: string | URL): HttpProxy {
  const text = String(proxy);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.hostname === "") {
    throw new InvalidArgumentError("proxy", "is not of the form http://user:password@host:port.");
  }
  const userInfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    // The brackets of an IPv6 address belong to the URL.
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 80 : Number(url.port),
    authorization: userInfo === ":" ? undefined : `Basic ${Buffer.from(userInfo).toString("base64")}`,
  };
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
  done: (refusal?: ApnsError) => void,
): void {
  const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  let answer: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf("\r\n\r\n");
    if (end === -1 && answer.length <= maxAnswerBytes) return;
    socket.off("data", onData);
    socket.pause();
    const statusLine = answer.toString("latin1", 0, Math.min(120, Math.max(0, answer.indexOf("\r\n"))));
    if (end === -1 || !/^HTTP\/1\.[01] 2\d\d( |$)/.test(statusLine)) {
      const said =
        end === -1 ? "did not answer as an HTTP proxy does" : `refused the tunnel to ${authority}: ${statusLine}`;
      done(new ApnsError("ERR_APNS_CONNECT_FAILED", `The proxy ${proxy.host}:${proxy.port} ${said}.`));
      return;
    }
    const behind = answer.subarray(end + 4);
    if (behind.length > 0) socket.unshift(behind);
    done();
  };
  socket.on("data", onData);
  const authorization = proxy.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
}
