// Which requests the server answers. It is bound to loopback, but any web page in the browser can send requests there, and a
// host name of its own can be made to point there (DNS rebinding): hence the host and the origin are looked at.

/** Why a request is not answered; `undefined`: it may come in. */
export function refusal(
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  port: number,
): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host)) {
    return `This server answers to ${hosts.slice(0, 2).join(" and ")} only.`;
  }
  // Programs send none; browsers always do where it matters.
  if (origin !== undefined && origin !== `http://${host}`) {
    return "Requests from other origins are refused.";
  }
  return undefined;
}

/** Nothing is loaded from elsewhere, nothing inline runs, and nobody shows this page inside of theirs. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};
