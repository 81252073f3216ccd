import { appleEndpoints } from "@apns/core";
import { type Check, failed, passed, skipped } from "./check.js";
import type { DoctorContext } from "./context.js";
import { probeDns, probeTcp, probeTls, type TlsFindings } from "./probe.js";
import { checkRoot } from "./root.js";

/** Apple's second port for HTTP/2, for networks that only block 443 or only allow known ones. */
const otherPort = 2197;

/** The legacy gateways of Apple, which are switched off. */
export const switchedOff =
  "Apple switched the binary protocol off in 2021: send over HTTP/2 (--transport http2), or through a bridge";

export async function checkDns({ endpoint, proxy, isApple, wire }: DoctorContext): Promise<Check> {
  const { host } = endpoint;
  if (proxy !== undefined) return skipped("dns", `the proxy resolves ${host}`);
  const found = await probeDns(host);
  if ("addresses" in found) return passed("dns", `${host} is ${found.addresses.slice(0, 4).join(", ")}`);
  return failed(
    "dns",
    `${host} cannot be resolved (${found.problem})`,
    isApple && wire === "binary"
      ? switchedOff
      : "check the name, the machine's DNS server (/etc/resolv.conf), and whether there is a network",
  );
}

export async function checkProxy({ proxy, timeoutMs }: DoctorContext): Promise<Check> {
  if (proxy === undefined) return passed("proxy", "none: connections are direct");
  const where = `${proxy.host}:${proxy.port}`;
  const found = await probeTcp(proxy.host, proxy.port, timeoutMs);
  if ("elapsedMs" in found) return passed("proxy", `${where} is there`);
  return failed(
    "proxy",
    `${where}: ${found.problem}`,
    "correct --proxy or HTTPS_PROXY, or exempt the host by NO_PROXY",
  );
}

/** The port that is used, and beside Apple's the other one. */
export async function checkTcp(context: DoctorContext): Promise<Check[]> {
  const { endpoint, proxy, isApple, wire, timeoutMs } = context;
  const ports = isApple && wire === "http2" ? [...new Set([endpoint.port, 443, otherPort])] : [endpoint.port];
  if (proxy !== undefined) return ports.map((port) => skipped(`tcp-${port}`, "the proxy makes the connection"));
  const checks: Check[] = [];
  for (const port of ports) {
    const found = await probeTcp(endpoint.host, port, timeoutMs);
    const where = `${endpoint.host}:${port}`;
    if ("elapsedMs" in found)
      checks.push(passed(`tcp-${port}`, `${where} connects in ${Math.round(found.elapsedMs)} ms`));
    else if (port === endpoint.port)
      checks.push(failed(`tcp-${port}`, `${where}: ${found.problem}`, tcpFix(context, found.problem)));
    else
      checks.push(skipped(`tcp-${port}`, `${where}: ${found.problem}; not needed while port ${endpoint.port} is used`));
  }
  return checks;
}

function tcpFix({ isApple, wire }: DoctorContext, problem: string): string {
  if (isApple && wire === "binary") return switchedOff;
  if (isApple && wire === "http2")
    return `let this machine out to TCP ports 443 or ${otherPort} of 17.0.0.0/8, or give --proxy; --port ${otherPort} takes the other one`;
  return problem === "ECONNREFUSED"
    ? "nobody listens there: start the server, or correct --host and --port"
    : "correct --host and --port, or open the firewall";
}

/** The handshake; `findings` only if it came to one. */
export async function checkTls(context: DoctorContext): Promise<{ checks: Check[]; findings?: TlsFindings }> {
  const { endpoint, proxy, timeoutMs, credentials, wire, isApple } = context;
  const identity = credentials?.type === "certificate" ? { cert: credentials.cert, key: credentials.key } : undefined;
  const alpn = wire === "http2" ? ["h2"] : [];
  const found = await probeTls({ endpoint, proxy, timeoutMs, alpn, identity });
  const where = `${endpoint.host}:${endpoint.port}`;
  if ("problem" in found)
    return { checks: [failed("tls", `${where}: no TLS (${found.problem})`, handshakeFix(found.problem))] };
  const { protocol, subject, issuer, validTo, distrust } = found;
  const chain =
    distrust === undefined
      ? passed("chain", `${subject}, issued by ${issuer}, valid until ${validTo.toISOString().slice(0, 10)}`)
      : failed(
          "chain",
          `${subject}, issued by ${issuer}, is not to be trusted (${distrust})`,
          chainFix(distrust, endpoint.servername, isApple),
        );
  const root = checkRoot({ chain: found.chain, ca: endpoint.ca, isApple });
  const checks = [passed("tls", protocol), chain, root, ...(wire === "http2" ? [checkAlpn(found)] : [])];
  return { checks, findings: found };
}

function handshakeFix(problem: string): string {
  if (problem.includes("ALERT"))
    return "the server refused the certificate or the TLS version; look at the certificate's lines above";
  if (/WRONG_VERSION|PACKET_LENGTH/.test(problem))
    return "the peer does not speak TLS: check host and port, and what stands in between";
  return "check host and port; a firewall that looks into TLS may end what it does not know";
}

function chainFix(distrust: string, servername: string, isApple: boolean): string {
  if (distrust === "HOSTNAME_MISMATCH") return `the certificate is not for ${servername}: check --host`;
  if (/EXPIRED|NOT_YET_VALID/.test(distrust))
    return "set this machine's clock, or have the server renew its certificate";
  if (isApple)
    return "something between here and Apple opens TLS: exempt Apple's hosts from inspection; or this system's list of authorities is old (USERTrust RSA Certification Authority is needed)";
  return "give the authority of this server by --ca";
}

function checkAlpn({ alpn }: TlsFindings): Check {
  if (alpn === "h2") return passed("alpn", "h2");
  return failed(
    "alpn",
    `the server chose ${alpn ?? "no protocol"}, not h2`,
    "this is no HTTP/2 server, or something in between opens TLS and takes HTTP/2 away",
  );
}

/**
 * Whether the legacy service is still there; nobody but a legacy sender needs it.
 * @param hasNames whether names can be resolved here at all: else nothing can be said
 */
export async function checkLegacyHost(
  { environment, isApple, wire, timeoutMs, proxy }: DoctorContext,
  hasNames: boolean,
): Promise<Check> {
  const id = "legacy-host";
  if (!isApple || environment === undefined) return skipped(id, "this is a server of your own");
  if (wire === "binary") return skipped(id, "it is what is being looked at");
  if (proxy !== undefined) return skipped(id, "the proxy makes the connection");
  if (!hasNames) return skipped(id, "names cannot be resolved here");
  const { host, port } = appleEndpoints[environment].gateway;
  const dns = await probeDns(host);
  const gone = "problem" in dns ? `${host} cannot be resolved` : undefined;
  const tcp = gone === undefined ? await probeTcp(host, port, timeoutMs) : undefined;
  if (tcp !== undefined && "elapsedMs" in tcp)
    return passed(id, `${host}:${port} connects, though Apple switched it off in 2021; do not rely on it`);
  return passed(
    id,
    `${gone ?? `${host}:${port}: ${tcp?.problem}`}, as expected: Apple switched the binary protocol off in 2021`,
  );
}
