import { isIP } from "node:net";

/**
 * Whether a request was made to this server under a name of its own: an IP address, `localhost`, or a name that is allowed. A web
 * page of somebody else can give its own name this machine's address, and then have the browser send requests here and read the
 * answers (DNS rebinding); the `Host` header shows that name. Addresses cannot be rebound, and browsers always send the header.
 * @param host the header (RFC 9110, section 7.2), with or without a port
 * @param allowedHosts other names, in lower case
 */
export function isOwnHost(host: string | undefined, allowedHosts: ReadonlySet<string>): boolean {
  if (host === undefined) return true;
  const name = nameOf(host);
  return name === "localhost" || isIP(name) !== 0 || allowedHosts.has(name);
}

/** Without the port, and without the brackets of IPv6. */
function nameOf(host: string): string {
  return (/^\[(.*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}
