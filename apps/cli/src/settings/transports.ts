import type { LegacyConnectOptions } from "@apns/binary";
import type { Http2ClientOptions } from "@apns/http2";
import {
  type CertificateCredentials,
  resolveCertificate,
  resolveCredentials,
  type TokenCredentials,
} from "./credentials.js";
import { readPort, resolveEndpoint } from "./environment.js";
import type { Settings } from "./settings.js";

/** How to reach one of APNs' HTTP/2 services. Without `--proxy`, what `HTTPS_PROXY` and `NO_PROXY` say counts. */
export async function http2ClientOptions(
  settings: Settings,
  service: "http2" | "channels",
): Promise<Http2ClientOptions> {
  const environment = await resolveEndpoint(settings, service);
  // Apple's servers have a second port; a server of one's own has its port in the endpoint.
  const port = typeof environment === "string" ? readPort(settings) : undefined;
  return {
    environment,
    auth: authOf(await resolveCredentials(settings)),
    proxy: settings.value("proxy") ?? "environment",
    ...(port === undefined ? {} : { port }),
  };
}

function authOf(credentials: TokenCredentials | CertificateCredentials): Http2ClientOptions["auth"] {
  if (credentials.type === "certificate") return credentials;
  const { type, key, keyId, teamId } = credentials;
  return { type, key, keyId, teamId };
}

/** How to reach one of the legacy services. */
export async function legacyConnectOptions(
  settings: Settings,
  service: "gateway" | "feedback",
): Promise<LegacyConnectOptions> {
  const { cert, key } = await resolveCertificate(settings);
  const proxy = settings.value("proxy");
  return {
    environment: await resolveEndpoint(settings, service),
    auth: { type: "certificate", cert, key },
    ...(proxy === undefined ? {} : { proxy }),
  };
}
