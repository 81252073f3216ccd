import { ApnsError } from "@apns/core";
import { show } from "@apns/core/internal";
import { isOwnHost } from "@apns/net";
import type { FastifyInstance } from "fastify";

/**
 * Refuses requests from web pages of others. A page can have the browser send requests here, which shows by the origin; or read
 * the answers, too, under a name of its own (DNS rebinding, see {@link isOwnHost}).
 */
export function guard(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request) => {
    const { host, origin } = request.headers;
    if (!isOwnHost(host, allowed)) {
      throw forbidden(`the host ${show(host)} is not one of this API's; name it in allowedHosts.`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw forbidden(`requests from the origin ${show(origin)} are not taken.`);
    }
  });
}

function forbidden(message: string): ApnsError & { statusCode: number } {
  return Object.assign(new ApnsError("ERR_APNS_CONTROL_FORBIDDEN", message), { statusCode: 403 });
}
