import { isIPv4, isIPv6 } from "node:net";
import { hostAndPort, type ProxyAddress } from "./proxy-address.js";
import { incomplete, refused, type TunnelProtocol, type TunnelStep, type TunnelTarget } from "./tunnel-protocol.js";

const version = 5;
const noAuthentication = 0;
const userAndPassword = 2;
const addressTypes = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** By the reply code (RFC 1928, section 6): what went wrong, and whether it may go well another time. */
const replies: ReadonlyMap<number, readonly [problem: string, retryable: boolean]> = new Map([
  [1, ["general failure", true]],
  [2, ["not allowed by its rules", false]],
  [3, ["network unreachable", true]],
  [4, ["host unreachable", true]],
  [5, ["connection refused", true]],
  [6, ["TTL expired", true]],
  [7, ["it does not know CONNECT", false]],
  [8, ["it does not know this kind of address", false]],
]);

const notSocks = refused("did not answer as a SOCKS5 proxy does", false);

/** SOCKS5 (RFC 1928), with user name and password (RFC 1929). The proxy resolves names. */
export class Socks5 implements TunnelProtocol {
  readonly request: Buffer;
  readonly #credentials: ProxyAddress["credentials"];
  readonly #target: TunnelTarget;
  #awaits: "method" | "authentication" | "reply" = "method";

  constructor({ credentials }: ProxyAddress, target: TunnelTarget) {
    this.#credentials = credentials;
    this.#target = target;
    const methods = credentials === undefined ? [noAuthentication] : [noAuthentication, userAndPassword];
    this.request = Buffer.from([version, methods.length, ...methods]);
  }

  receive(answer: Buffer): TunnelStep {
    if (answer.length < 2) return incomplete;
    if (this.#awaits === "method") return this.#method(answer[0]!, answer[1]!);
    if (this.#awaits === "authentication") {
      if (answer[1] !== 0) return refused("refused the user name and password", false);
      return this.#connect();
    }
    return this.#reply(answer);
  }

  #method(itsVersion: number, method: number): TunnelStep {
    if (itsVersion !== version) return notSocks;
    if (method === noAuthentication) return this.#connect();
    if (method === userAndPassword && this.#credentials !== undefined) {
      this.#awaits = "authentication";
      const { user, password } = this.#credentials;
      return { type: "send", bytes: Buffer.concat([Buffer.of(1), prefixed(user), prefixed(password)]), consumed: 2 };
    }
    const missing =
      this.#credentials === undefined ? "wants a user name and password" : "takes no user name and password";
    return refused(`${missing}, or another way to authenticate`, false);
  }

  #connect(): TunnelStep {
    this.#awaits = "reply";
    const { host, port } = this.#target;
    if (Buffer.byteLength(host) > 255) return refused("cannot be given a name of more than 255 bytes", false);
    const bytes = Buffer.concat([Buffer.of(version, 1, 0), addressBytes(host), Buffer.of(port >> 8, port & 0xff)]);
    return { type: "send", bytes, consumed: 2 };
  }

  #reply(answer: Buffer): TunnelStep {
    const [itsVersion, code = 0] = answer;
    if (itsVersion !== version) return notSocks;
    if (code !== 0) {
      const [problem, retryable] = replies.get(code) ?? [`reply ${code}`, false];
      return refused(`refused the tunnel to ${hostAndPort(this.#target)}: ${problem}`, retryable);
    }
    if (answer.length < 5) return incomplete;
    // The proxy's own address at the far side, which is of no use.
    const addressLengths: Record<number, number> = {
      [addressTypes.ipv4]: 4,
      [addressTypes.ipv6]: 16,
      [addressTypes.name]: 1 + answer[4]!,
    };
    const addressLength = addressLengths[answer[3]!];
    if (addressLength === undefined) return notSocks;
    const consumed = 4 + addressLength + 2;
    return answer.length < consumed ? incomplete : { type: "open", consumed };
  }
}

function addressBytes(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([addressTypes.ipv4, ...host.split(".").map(Number)]);
  if (isIPv6(host)) return Buffer.concat([Buffer.of(addressTypes.ipv6), ipv6Bytes(host)]);
  return Buffer.concat([Buffer.of(addressTypes.name), prefixed(host)]);
}

/** The 16 bytes of an IPv6 address, which the URL parser brings into its shortest form. */
function ipv6Bytes(address: string): Buffer {
  const shortest = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [front = "", back] = shortest.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const head = groups(front);
  const tail = groups(back ?? "");
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  return Buffer.from(
    [...head, ...zeros, ...tail].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]),
  );
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
