import { type Endpoint, type Environment, show } from "@apns/core";
import { UsageError } from "../errors.js";
import type { PortName } from "./names.js";
import type { Settings } from "./settings.js";

/**
 * Where to connect for a service. Nothing is assumed: a push that reaches the wrong environment, or the real one by
 * accident, helps nobody.
 * @throws {UsageError} if neither an environment nor a host is given
 */
export async function resolveEndpoint(settings: Settings, service: PortName): Promise<Environment> {
  const named = settings.get("environment");
  const given = settings.get("host");
  // Who says production on the command line does not mean the server that a file names; from one source, both belong together.
  const host = given !== undefined && (named === undefined || given.rank <= named.rank) ? given.value : undefined;
  const port = readPort(settings) ?? settings.servicePort(service);
  if (host !== undefined)
    return { host, ...(port === undefined ? {} : { port }), ...(await readAuthorities(settings)) };
  const environment = appleEnvironment(settings);
  if (environment === undefined) {
    throw new UsageError(
      "where to? Give --environment production or development, or --host for a server of your own (apns simulate starts one)",
    );
  }
  return environment;
}

/** Apple's environment, as far as one is named; also what a server of one's own stands for. */
export function appleEnvironment(settings: Settings): "production" | "development" | undefined {
  const given = settings.get("environment");
  if (given === undefined) return undefined;
  if (given.value === "production" || given.value === "development") return given.value;
  throw new UsageError(`${given.from} takes production or development, not ${show(given.value)}`);
}

/** The port given by option, variable or file. */
export function readPort(settings: Settings): number | undefined {
  const given = settings.get("port");
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
