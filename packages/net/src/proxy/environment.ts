import { type ProxyAddress, parseProxy } from "./proxy-address.js";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that an option names, if it names one.
 * @param proxy an address as {@link parseProxy} takes it, or `"environment"`: see {@link proxyFromEnvironment}
 * @throws {InvalidArgumentError}
 */
export function resolveProxy(
  proxy: string | URL | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): ProxyAddress | undefined {
  if (proxy === undefined) return undefined;
  return proxy === "environment" ? proxyFromEnvironment(host, port) : parseProxy(proxy);
}

/**
 * The proxy that `HTTPS_PROXY` names, or else `ALL_PROXY`, unless `NO_PROXY` exempts the host: a list of names, each matching
 * itself and what ends in it, with an optional port; `*` exempts all. Each variable may be spelled in lower case, which counts
 * first, as for curl. One that is empty counts as not set. An address without a scheme is an HTTP proxy's.
 * @throws {InvalidArgumentError} naming the variable, if it holds something else than a proxy's address
 */
export function proxyFromEnvironment(
  host: string,
  port: number,
  variables: Variables = process.env,
): ProxyAddress | undefined {
  const named = read(variables, "HTTPS_PROXY") ?? read(variables, "ALL_PROXY");
  if (named === undefined) return undefined;
  const exempt = (read(variables, "NO_PROXY")?.value ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  if (exempt.some((entry) => exempts(entry, host, port))) return undefined;
  const { name, value } = named;
  return parseProxy(value.includes("://") ? value : `http://${value}`, name);
}

/** A variable in either spelling, unless it is empty. */
function read(variables: Variables, name: string): { readonly name: string; readonly value: string } | undefined {
  for (const spelling of [name.toLowerCase(), name]) {
    const value = variables[spelling]?.trim() ?? "";
    if (value !== "") return { name: spelling, value };
  }
  return undefined;
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
