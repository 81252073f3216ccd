import { type ResolvedEndpoint, resolveEnvironment } from "@apns/core";
import type { Authorizer } from "./auth/authorizer.js";
import { explainRejection } from "./auth/explain-rejection.js";
import { ProviderTokenSource } from "./auth/provider-token.js";
import { Dispatcher } from "./dispatcher/dispatcher.js";
import type { ResolvedHttp2ClientOptions } from "./options.js";

/** One of APNs' HTTP/2 services (device requests, broadcasts, channels): its address, credentials and dispatcher. */
export interface ServiceContext {
  readonly dispatcher: Dispatcher;
  /** Undefined with a certificate. */
  readonly authorizer: Authorizer | undefined;
  /** Value of `:authority`. */
  readonly authority: string;
  readonly options: ResolvedHttp2ClientOptions;
  /** The probable cause of a rejection, where it lies in credentials, topic or environment. */
  explain(reason: string, topic: string | undefined, serverDate: Date | undefined): string | undefined;
}

export interface ServiceParts {
  /** Of another service with the same credentials, so that both send the same provider token. */
  readonly authorizer?: Authorizer | undefined;
  /** The longest body of an answer. @default 16 KiB */
  readonly maxBodyBytes?: number;
  /** Of each connection; high to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

export function openService(options: ResolvedHttp2ClientOptions, parts: ServiceParts = {}): ServiceContext {
  const { auth, endpoint, clock } = options;
  const own = (): Authorizer | undefined =>
    auth.type === "token" ? new ProviderTokenSource({ ...auth, clock }) : undefined;
  const authorizer = parts.authorizer ?? own();
  const explain: ServiceContext["explain"] = (reason, topic, serverDate) =>
    authorizer?.diagnose(reason, serverDate) ?? explainRejection(reason, topic, endpoint.host, auth);
  return {
    explain,
    dispatcher: new Dispatcher({
      ...options,
      authorizer,
      explain: (reason) => explain(reason, undefined, undefined),
      maxBodyBytes: parts.maxBodyBytes ?? 16_384,
      firstStreamId: parts.firstStreamId ?? 1,
    }),
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
