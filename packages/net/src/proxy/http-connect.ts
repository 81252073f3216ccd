import { hostAndPort, type ProxyAddress } from "./proxy-address.js";
import { incomplete, refused, type TunnelProtocol, type TunnelStep, type TunnelTarget } from "./tunnel-protocol.js";

/** The largest head of a proxy's answer, in bytes. */
const maxHeadBytes = 16_384;

/** Of the status line, in error messages. */
const maxShownCharacters = 120;

/** Temporary refusals: Request Timeout, Too Early, Too Many Requests. */
const temporaryStatuses: ReadonlySet<string> = new Set(["408", "425", "429"]);

/** CONNECT (RFC 9110, section 9.3.6), with Basic authentication (RFC 7617). */
export class HttpConnect implements TunnelProtocol {
  readonly request: Buffer;
  readonly #authority: string;

  constructor({ credentials }: ProxyAddress, target: TunnelTarget) {
    const authority = hostAndPort(target);
    const userInfo = credentials === undefined ? "" : `${credentials.user}:${credentials.password}`;
    const authorization =
      userInfo === "" ? "" : `proxy-authorization: Basic ${Buffer.from(userInfo).toString("base64")}\r\n`;
    this.request = Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
    this.#authority = authority;
  }

  receive(answer: Buffer): TunnelStep {
    const text = answer.toString("latin1", 0, maxHeadBytes);
    // A line may end with LF only (RFC 9112, section 2.2).
    const end = /\r?\n\r?\n/.exec(text);
    if (end === null && answer.length < maxHeadBytes) return incomplete;
    const statusLine = /^[^\r\n]*/.exec(text)![0].slice(0, maxShownCharacters);
    const status = end === null ? undefined : /^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1];
    if (status === undefined) return refused("did not answer as an HTTP proxy does", false);
    if (status.startsWith("2")) return { type: "open", consumed: end!.index + end![0].length };
    // Foreign text on its way into a log.
    const shown = statusLine.replace(/[^\x20-\x7e]/g, "?");
    // 4xx is the proxy's decision (407: its credentials are missing or wrong) and stands until somebody changes it, except
    // for the temporary ones.
    const retryable = status.startsWith("5") || temporaryStatuses.has(status);
    return refused(`refused the tunnel to ${this.#authority}: ${shown}`, retryable);
  }
}
