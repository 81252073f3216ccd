import { appleEndpoints, type ChannelClientOptions, type Endpoint, type Http2TransportOptions } from "@apns/http2";
import { authoritiesOf, credentialsOf } from "./credentials.js";
import type { HttpProxy, ProviderOptions } from "./provider-options.js";

/** The options of the modern client that those of a provider come to. */
export interface ResolvedProviderOptions {
  readonly transport: Http2TransportOptions;
  readonly channels: Omit<ChannelClientOptions, "bundleId">;
  readonly connectionRetryLimit: number;
}

/**
 * How long a notification may take in all, in milliseconds. `requestTimeout` is for APNs' answer only: notifications that wait for a
 * stream have done nothing wrong.
 */
const timeoutMs = 120_000;
/** Notifications that wait for a stream; the caller holds a promise for each. */
const maxQueued = 1_000_000;
const longestTimerMs = 2 ** 31 - 1;

/** @throws {Error} if a file cannot be read, or an option is wrong */
export function resolveProviderOptions(options: ProviderOptions, maxConnections?: number): ResolvedProviderOptions {
  const { requestTimeout, heartBeat, rejectUnauthorized, connectionRetryLimit } = options;
  const requestTimeoutMs = requestTimeout === 0 ? longestTimerMs : (requestTimeout ?? 5000);
  const common = {
    auth: credentialsOf(options),
    requestTimeoutMs,
    timeoutMs: requestTimeout === 0 ? longestTimerMs : Math.max(timeoutMs, requestTimeoutMs),
    connectTimeoutMs: Math.min(Math.max(requestTimeoutMs, 1000), 10_000),
    idlePingMs: heartBeat ?? 60_000,
    maxQueued,
    dangerouslySkipServerVerification: rejectUnauthorized === false,
  };
  const ca = authoritiesOf(options.ca);
  const environment = (options.production ?? process.env["NODE_ENV"] === "production") ? "production" : "development";
  const { address, port, manageChannelsAddress, manageChannelsPort } = options;
  return {
    transport: {
      ...common,
      environment: endpointOf({ host: address, port }, appleEndpoints[environment].http2, ca),
      ...(maxConnections !== undefined && { maxConnections }),
      ...proxyOf(options.proxy),
    },
    channels: {
      ...common,
      environment: endpointOf({ host: manageChannelsAddress, port: manageChannelsPort }, channelHosts[environment], ca),
      ...proxyOf(options.manageChannelsProxy),
    },
    connectionRetryLimit: connectionRetryLimit ?? 3,
  };
}

const channelHosts = {
  production: { host: "api-manage-broadcast.push.apple.com", port: 2196 },
  development: { host: "api-manage-broadcast.sandbox.push.apple.com", port: 2195 },
};

interface Address {
  readonly host?: string | null | undefined;
  readonly port?: number | null | undefined;
}

function endpointOf(given: Address, usual: { host: string; port: number }, ca: Endpoint["ca"]): Endpoint {
  return { host: given.host || usual.host, port: given.port || usual.port, ...(ca !== undefined && { ca }) };
}

/** `{ host, port }` as an address; without a proxy, nothing. */
function proxyOf(proxy: HttpProxy | null | undefined): { readonly proxy?: string } {
  if (proxy === undefined || proxy === null) return {};
  const { host, port } = proxy;
  return { proxy: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
}
