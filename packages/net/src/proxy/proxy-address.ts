import { InvalidArgumentError } from "@apns/core";

/** A proxy, as its address names it. */
export interface ProxyAddress {
  /** How the tunnel is asked for. With `https` by CONNECT as well, over TLS to the proxy. */
  readonly protocol: "http" | "https" | "socks5" | "socks4a";
  readonly host: string;
  readonly port: number;
  /** A secret; SOCKS4a has no password. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
}

interface Scheme {
  readonly protocol: ProxyAddress["protocol"];
  readonly port: number;
}

const socks5: Scheme = { protocol: "socks5", port: 1080 };
const socks4a: Scheme = { protocol: "socks4a", port: 1080 };

/** By the scheme of an address. Names are always resolved by the proxy, so that curl's two schemes of each version are one here. */
const schemes: ReadonlyMap<string, Scheme> = new Map([
  ["http:", { protocol: "http", port: 80 }],
  ["https:", { protocol: "https", port: 443 }],
  ["socks:", socks5],
  ["socks5:", socks5],
  ["socks5h:", socks5],
  ["socks4:", socks4a],
  ["socks4a:", socks4a],
]);

/** Longest user and password of SOCKS5 (RFC 1929), in bytes. */
const maxSocksBytes = 255;

/**
 * Reads a proxy's address.
 * @param field the option or variable that holds it, for messages
 * @throws {InvalidArgumentError} without repeating the address, which may hold a password
 */
export function parseProxy(proxy: string | URL, field = "proxy"): ProxyAddress {
  const text = String(proxy);
  const userInfo = /^[^:]*:\/\/(.*)@/s.exec(text)?.[1];
  // The URL would end before these, and name another host; or lose them.
  if (userInfo !== undefined && /[\\#/?\s\p{Cc}]/u.test(userInfo)) throw unencoded(field);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = schemes.get(url?.protocol ?? "");
  if (url === undefined || scheme === undefined || url.hostname === "") {
    throw new InvalidArgumentError(
      field,
      "is not of the form http://user:password@host:port, with http, https, socks5 or socks4a in front.",
    );
  }
  return {
    protocol: scheme.protocol,
    // The brackets of an IPv6 address belong to the URL.
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? scheme.port : Number(url.port),
    credentials: credentialsOf(url, scheme, field),
  };
}

function credentialsOf(url: URL, { protocol }: Scheme, field: string): ProxyAddress["credentials"] {
  if (url.username === "" && url.password === "") return undefined;
  let user: string;
  let password: string;
  try {
    user = decodeURIComponent(url.username);
    password = decodeURIComponent(url.password);
  } catch {
    throw unencoded(field);
  }
  if (protocol === "socks4a" && (password !== "" || user.includes("\0"))) {
    throw new InvalidArgumentError(field, "has a password, which SOCKS4a cannot carry; use socks5.");
  }
  if (protocol === "socks5" && Math.max(Buffer.byteLength(user), Buffer.byteLength(password)) > maxSocksBytes) {
    throw new InvalidArgumentError(field, `has a user name or password of more than ${maxSocksBytes} bytes.`);
  }
  return { user, password };
}

function unencoded(field: string): InvalidArgumentError {
  return new InvalidArgumentError(
    field,
    "has a user name or password with a character that an address cannot hold as it is; percent-encode it " +
      "(# as %23, / as %2F, \\ as %5C, % as %25, a blank as %20).",
  );
}

/** Host and port as one text, an IPv6 address in brackets. */
export function hostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
