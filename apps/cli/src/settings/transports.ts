import type { LegacyConnectOptions } from "@apns/binary";
import type { Http2ClientOptions } from "@apns/http2";
import {
  type CertificateCredentials,
  resolveCertificate,
  resolveCredentials,
  type TokenCredentials,
} from "./credentials.js";
import { resolveDestination } from "./environment.js";
import type { Settings } from "./settings.js";

/** How to reach one of APNs' HTTP/2 services. Without `--proxy`, what `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say counts. */
export async function http2ClientOptions(
  settings: Settings,
  service: "http2" | "channels",
): Promise<Http2ClientOptions> {
  const destination = await resolveDestination(settings, service);
  const { environment, port, proxy = "environment" } = destination;
  return {
    environment,
    auth: authOf(await resolveCredentials(settings, destination)),
    proxy,
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
  const destination = await resolveDestination(settings, service);
  const { cert, key } = await resolveCertificate(settings, destination);
  const { environment, proxy } = destination;
  return { environment, auth: { type: "certificate", cert, key }, ...(proxy === undefined ? {} : { proxy }) };
}
