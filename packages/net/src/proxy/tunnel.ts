import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import type { CertificateAuthorities } from "@apns/core";
import { ConnectError, type ConnectHints, connectError } from "../connect-error.js";
import { contain } from "../contain.js";
import { keepNodeFromReading } from "../server-certificate.js";
import { HttpConnect } from "./http-connect.js";
import { hostAndPort, type ProxyAddress } from "./proxy-address.js";
import { Socks4a } from "./socks4a.js";
import { Socks5 } from "./socks5.js";
import type { TunnelProtocol, TunnelTarget } from "./tunnel-protocol.js";

/** Whose certificates an `https` proxy may show. */
export interface ProxyTrust {
  /** Authorities besides Node's own, those of `NODE_EXTRA_CA_CERTS` included. */
  readonly ca?: CertificateAuthorities | undefined;
  /** False accepts any certificate. @default true */
  readonly verify?: boolean;
}

const hints: ConnectHints = [
  [
    /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED/,
    "the proxy's certificate is not to be trusted; name its authority in NODE_EXTRA_CA_CERTS",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, "the proxy does not speak TLS; give its address as http://"],
  [
    /ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    "the proxy's certificate is for another name; correct the address of the proxy",
  ],
];

/**
 * Connects to a proxy and asks it for a tunnel. `done` is called once: with the failure, or with nothing once the tunnel
 * stands. The socket is the caller's; listeners for its `error` and `close` stay on it.
 */
export function openTunnel(
  proxy: ProxyAddress,
  target: TunnelTarget,
  trust: ProxyTrust,
  done: (failure?: ConnectError) => void,
): Socket {
  const name = `proxy ${hostAndPort(proxy)}`;
  let isDone = false;
  const settle = (failure?: ConnectError): void => {
    if (isDone) return;
    isDone = true;
    done(failure);
  };
  const socket = connectToProxy(proxy, trust);
  const negotiate = (): void => {
    const protocol = protocolOf(proxy, target);
    let answer: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const step = protocol.receive(answer);
      if (step.type === "incomplete") return;
      if (step.type === "send") {
        answer = Buffer.from(answer.subarray(step.consumed));
        socket.write(step.bytes);
        if (answer.length > 0) onData(Buffer.alloc(0));
        return;
      }
      socket.off("data", onData);
      socket.pause();
      if (step.type === "refused") {
        settle(new ConnectError(`The ${name} ${step.problem}.`, { retryable: step.retryable }));
        return;
      }
      const behind = answer.subarray(step.consumed);
      if (behind.length > 0) socket.unshift(behind);
      settle();
    };
    socket.on("data", onData);
    socket.write(protocol.request);
  };
  const addListeners = (): void => {
    socket.on("error", (error) => settle(connectError(name, error, hints)));
    socket.on("close", () => settle(connectError(name, undefined)));
    socket.once(proxy.protocol === "https" ? "secureConnect" : "connect", negotiate);
  };
  contain(socket, addListeners, (error) => socket.destroy(error as Error));
  return socket;
}

function connectToProxy({ protocol, host, port }: ProxyAddress, { ca, verify = true }: ProxyTrust): Socket {
  if (protocol !== "https") return connectTcp({ host, port, noDelay: true });
  const socket = connectTls({
    host,
    port,
    secureContext: secureContext(ca),
    rejectUnauthorized: verify,
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
    ALPNProtocols: ["http/1.1"],
    // An IP address is no server name (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  socket.setNoDelay(true);
  keepNodeFromReading(socket);
  return socket;
}

/** Trusts Node's own authorities and these: the option `ca` of `createSecureContext` would replace Node's. */
function secureContext(ca: CertificateAuthorities | undefined): SecureContext {
  const secureContext = createSecureContext({ minVersion: "TLSv1.2" });
  const authorities = ca === undefined ? [] : [ca].flat();
  for (const authority of authorities) {
    const native = secureContext.context as { addCACert(pem: string): void };
    native.addCACert(typeof authority === "string" ? authority : Buffer.from(authority).toString("latin1"));
  }
  return secureContext;
}

function protocolOf(proxy: ProxyAddress, target: TunnelTarget): TunnelProtocol {
  if (proxy.protocol === "socks5") return new Socks5(proxy, target);
  if (proxy.protocol === "socks4a") return new Socks4a(proxy, target);
  return new HttpConnect(proxy, target);
}
