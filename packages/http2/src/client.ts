import { type ResolvedEndpoint, resolveEnvironment } from "@apns/core";
import { ProviderTokenSource } from "./auth/provider-token.js";
import type { Authorizer } from "./engine/authorizer.js";
import { Engine } from "./engine/engine.js";
import type { ResolvedHttp2ClientOptions } from "./options.js";

/** What transports and clients of this package have in common: an engine, and who they are. */
export interface Client {
  readonly engine: Engine;
  /** Undefined with a certificate. */
  readonly authorizer: Authorizer | undefined;
  /** Value of `:authority`. */
  readonly authority: string;
  readonly options: ResolvedHttp2ClientOptions;
}

export interface ClientParts {
  /** Of another client with the same credentials, so that both send the same provider token. */
  readonly authorizer?: Authorizer | undefined;
  /** The longest body of an answer. @default 16 KiB */
  readonly maxBodyBytes?: number;
}

export function makeClient(options: ResolvedHttp2ClientOptions, parts: ClientParts = {}): Client {
  const { auth, endpoint, clock } = options;
  const own = (): Authorizer | undefined =>
    auth.type === "token" ? new ProviderTokenSource({ ...auth, clock }) : undefined;
  const authorizer = parts.authorizer ?? own();
  return {
    engine: new Engine({ ...options, authorizer, maxBodyBytes: parts.maxBodyBytes ?? 16_384 }),
    authorizer,
    authority: authorityOf(endpoint),
    options,
  };
}

/** Value of `:authority` for this server. */
export function authorityOf({ servername, port }: ResolvedEndpoint): string {
  const name = servername.includes(":") ? `[${servername}]` : servername;
  return port === 443 ? name : `${name}:${port}`;
}

/** Apple's hosts beside those that take device requests. */
const appleHosts = {
  broadcast: {
    production: { host: "api-broadcast.push.apple.com", port: 443 },
    development: { host: "api-broadcast.sandbox.push.apple.com", port: 443 },
  },
  channels: {
    production: { host: "api-manage-broadcast.push.apple.com", port: 2196 },
    development: { host: "api-manage-broadcast.sandbox.push.apple.com", port: 2195 },
  },
} as const;

/**
 * Where broadcasts or channel requests of an environment go; an endpoint of your own is taken as it is.
 *
 * Source: Apple, "Sending channel management requests to APNs", "Sending broadcast push notification requests to APNs".
 */
export function resolveService(
  environment: ResolvedHttp2ClientOptions["environment"],
  service: keyof typeof appleHosts,
): ResolvedEndpoint {
  const hosts = appleHosts[service];
  if (typeof environment === "string" && Object.hasOwn(hosts, environment)) {
    const { host, port } = hosts[environment];
    return { host, port, servername: host, ca: undefined };
  }
  if (typeof environment !== "object" || environment === null) return resolveEnvironment(environment, "http2");
  return resolveEnvironment({ port: hosts.production.port, ...environment }, "http2");
}
