import { isIP } from "node:net";
import { ApnsError } from "@apns/core";
import type { FastifyInstance } from "fastify";

/**
 * Refuses what comes from web pages of others. A page can have the browser send requests here, and, having given its own
 * name this machine's address, read the answers, too (DNS rebinding): the first shows by the origin, the second by the
 * name asked for. Addresses cannot be rebound.
 */
export function guard(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const allowed = new Set(["localhost", ...allowedHosts.map((name) => name.toLowerCase())]);
  app.addHook("onRequest", async (request) => {
    const { host = "", origin } = request.headers;
    const name = nameOf(host);
    if (!allowed.has(name) && isIP(name) === 0) {
      throw forbidden(`the host ${JSON.stringify(host)} is not one of this API's; name it in allowedHosts.`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw forbidden(`requests from the origin ${JSON.stringify(origin)} are not taken.`);
    }
  });
}

function forbidden(message: string): ApnsError & { statusCode: number } {
  return Object.assign(new ApnsError("ERR_APNS_CONTROL_FORBIDDEN", message), { statusCode: 403 });
}

/** The host of a `Host` header: without its port, and without the brackets of IPv6. */
function nameOf(host: string): string {
  return (/^\[(.*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}
