import { isIPv4, isIPv6 } from "node:net";
import { hostAndPort, type ProxyAddress } from "./proxy-address.js";
import { incomplete, refused, type TunnelProtocol, type TunnelStep, type TunnelTarget } from "./tunnel-protocol.js";

const replyBytes = 8;
const granted = 90;

/** By the reply code: what went wrong, and whether it may go well another time. */
const replies: ReadonlyMap<number, readonly [problem: string, retryable: boolean]> = new Map([
  [91, ["rejected or failed", true]],
  [92, ["it cannot ask this machine who the user is (identd)", false]],
  [93, ["identd names another user", false]],
]);

/**
 * SOCKS4, with the name of the server in place of its address (SOCKS4a).
 *
 * Source: "SOCKS: A protocol for TCP proxy across firewalls" and "SOCKS 4A: A Simple Extension to SOCKS 4 Protocol", Ying-Da Lee.
 */
export class Socks4a implements TunnelProtocol {
  readonly request: Buffer;
  readonly #target: TunnelTarget;

  constructor({ credentials }: ProxyAddress, target: TunnelTarget) {
    const { host, port } = target;
    this.#target = target;
    // 0.0.0.1 says that a name follows.
    const address = isIPv4(host) ? host.split(".").map(Number) : [0, 0, 0, 1];
    const name = isIPv4(host) ? "" : `${host}\0`;
    this.request = Buffer.concat([
      Buffer.from([4, 1, port >> 8, port & 0xff, ...address]),
      Buffer.from(`${credentials?.user ?? ""}\0${name}`),
    ]);
  }

  receive(answer: Buffer): TunnelStep {
    if (answer.length < replyBytes) return incomplete;
    const [version, code = 0] = answer;
    if (version !== 0 || code < granted || code > 93) return refused("did not answer as a SOCKS4 proxy does", false);
    if (code === granted) return { type: "open", consumed: replyBytes };
    const [problem, retryable] = replies.get(code)!;
    const hint = isIPv6(this.#target.host) ? "; SOCKS4 has no IPv6, use socks5" : "";
    return refused(`refused the tunnel to ${hostAndPort(this.#target)}: ${problem}${hint}`, retryable);
  }
}
