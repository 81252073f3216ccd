import { InvalidArgumentError } from "./errors.js";
import { checkInteger, checkText, show } from "./internal/check.js";
import { checkOptions, optionNames } from "./internal/check-options.js";

/** Trusted certificate authorities as Node's TLS takes them: PEM text or bytes, one or several. */
export type CertificateAuthorities = string | Uint8Array | readonly (string | Uint8Array)[];

/** A server of your own choice: a simulator, a bridge, a mirror. */
export interface Endpoint {
  readonly host: string;
  /** @default the wire's usual port */
  readonly port?: number;
  /** Trust these authorities instead of the system's. */
  readonly ca?: CertificateAuthorities;
  /** The name the server's certificate must carry. @default `host` */
  readonly servername?: string;
}

/** Apple's environments. Every device token and every push certificate belongs to one of them, or to both. */
export type AppleEnvironment = "production" | "development";

/** Apple's production or development ("sandbox") servers, or an endpoint of your own. */
export type Environment = AppleEnvironment | Endpoint;

/** Apple's services: the provider API, the legacy gateway, and its feedback service. */
export type Service = "http2" | "gateway" | "feedback";

/** Apple's hosts and ports. Those of the legacy wire no longer answer; legacy senders still expect them. */
export const appleEndpoints: Readonly<
  Record<AppleEnvironment, Readonly<Record<Service, { readonly host: string; readonly port: number }>>>
> = {
  production: {
    http2: { host: "api.push.apple.com", port: 443 },
    gateway: { host: "gateway.push.apple.com", port: 2195 },
    feedback: { host: "feedback.push.apple.com", port: 2196 },
  },
  development: {
    http2: { host: "api.sandbox.push.apple.com", port: 443 },
    gateway: { host: "gateway.sandbox.push.apple.com", port: 2195 },
    feedback: { host: "feedback.sandbox.push.apple.com", port: 2196 },
  },
};

export interface ResolvedEndpoint {
  readonly host: string;
  readonly port: number;
  readonly servername: string;
  readonly ca: CertificateAuthorities | undefined;
}

/**
 * Host, port, server name and trusted authorities of a service in an environment.
 * @throws {InvalidArgumentError} naming `environment` or the part of it that is wrong
 */
export function resolveEnvironment(environment: Environment, service: Service): ResolvedEndpoint {
  if (typeof environment === "string") {
    if (!Object.hasOwn(appleEndpoints, environment)) throw noEnvironment(environment);
    const { host, port } = appleEndpoints[environment][service];
    return { host, port, servername: host, ca: undefined };
  }
  if (typeof environment !== "object" || environment === null) throw noEnvironment(environment);
  checkOptions("an endpoint", environment, endpointNames, { path: "environment" });
  const host = checkHost(environment.host);
  const usualPort = appleEndpoints.production[service].port;
  const port = checkInteger("environment.port", environment.port ?? usualPort, 1, 65_535);
  const servername =
    environment.servername === undefined ? host : checkText("environment.servername", environment.servername);
  return { host, port, servername, ca: environment.ca };
}

const endpointNames = optionNames<Endpoint>({ host: true, port: true, ca: true, servername: true });

function noEnvironment(given: unknown): InvalidArgumentError {
  const hint = given === "sandbox" ? ' Apple\'s sandbox is "development".' : "";
  const allowed = '"production", "development" or { host, port?, ca?, servername? }';
  return new InvalidArgumentError("environment", `${show(given)} is not ${allowed}.${hint}`);
}

/** Limits of host names (RFC 1035, section 2.3.4). A longer text is perhaps a key in the wrong option. */
const maxHostCharacters = 253;
const tooLongLabel = /[^.]{64}/;

/** A host name or IP address, without scheme, port or path. More than one colon is an IPv6 address. */
function checkHost(given: unknown): string {
  const host = checkText("environment.host", given);
  const isTooLong = host.length > maxHostCharacters || tooLongLabel.test(host);
  if (!isTooLong && !/[\s/]|^[^:]*:[^:]*$/.test(host)) return host;
  const problem = `${show(host)} is not a host name or an IP address alone; the port is an option of its own.`;
  throw new InvalidArgumentError("environment.host", problem);
}
