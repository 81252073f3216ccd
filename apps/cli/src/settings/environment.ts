import type { Endpoint, Environment } from "@apns/core";
import { show } from "@apns/core/internal";
import { UsageError } from "../errors.js";
import type { PortName } from "./names.js";
import { resolveProxyUrl } from "./proxy.js";
import type { Setting } from "./setting.js";
import type { Settings } from "./settings.js";

/** The server that a connection leads to. */
export interface Destination {
  readonly environment: Environment;
  /** Of Apple's servers, instead of the usual one. A server of one's own has its port in the environment. */
  readonly port: number | undefined;
  readonly proxy: string | undefined;
  /** The settings that choose the server and the way to it: whoever can set one of them receives what is sent. */
  readonly decidedBy: readonly Setting[];
}

/**
 * Where to connect for a service. Nothing is assumed: a push that reaches the wrong environment, or the real one by
 * accident, helps nobody.
 * @throws {UsageError} if neither an environment nor a host is given
 */
export async function resolveDestination(settings: Settings, service: PortName): Promise<Destination> {
  const named = settings.get("environment");
  const given = settings.get("host");
  const proxy = settings.get("proxy");
  const proxyUrl = await resolveProxyUrl(settings);
  const port = settings.get("port");
  const portNumber = readPort(port);
  // `--environment production` means Apple's server although a file names a host; from one source, both belong together.
  if (given !== undefined && (named === undefined || given.rank <= named.rank)) {
    const servicePort = port ?? settings.servicePort(service);
    const environment = {
      host: given.value,
      ...(servicePort === undefined ? {} : { port: Number(servicePort.value) }),
      ...(await readAuthorities(settings)),
    };
    const decidedBy = [given, servicePort, settings.get("ca"), proxy].filter((setting) => setting !== undefined);
    return { environment, port: undefined, proxy: proxyUrl, decidedBy };
  }
  const environment = appleEnvironment(settings);
  if (environment === undefined) {
    throw new UsageError(
      "where to? Give --environment production or development, or --host for a server of your own (apns simulate starts one)",
    );
  }
  // Both are Apple's, on any port, and no authority but the system's is trusted there.
  return { environment, port: portNumber, proxy: proxyUrl, decidedBy: proxy === undefined ? [] : [proxy] };
}

/** Apple's environment, as far as one is named; also what a server of one's own stands for. */
export function appleEnvironment(settings: Settings): "production" | "development" | undefined {
  const given = settings.get("environment");
  if (given === undefined) return undefined;
  if (given.value === "production" || given.value === "development") return given.value;
  throw new UsageError(`${given.from} takes production or development, not ${show(given.value)}`);
}

function readPort(given: Setting | undefined): number | undefined {
  if (given === undefined) return undefined;
  const port = Number(given.value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`${given.from} takes a port from 1 to 65535, not ${show(given.value)}`);
}

/** PEM; a certificate in another form is made PEM, in which alone TLS takes it. */
async function readAuthorities(settings: Settings): Promise<Pick<Endpoint, "ca">> {
  const file = await settings.content("ca");
  if (file === undefined) return {};
  const text = file.content.toString("latin1");
  if (/^-----BEGIN .*-----\r?\n/m.test(text)) return { ca: text };
  const { readCertificates } = await import("@apns/credentials");
  return { ca: readCertificates({ ...file, name: settings.get("ca")!.from }).join("") };
}
