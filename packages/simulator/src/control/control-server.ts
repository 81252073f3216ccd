import { ApnsError } from "@apns/core";
import { checkInteger, checkText } from "@apns/core/internal";
import swagger from "@fastify/swagger";
import websocket from "@fastify/websocket";
import { type FastifyInstance, fastify } from "fastify";
import type { Simulator } from "../simulator.js";
import { answerErrors } from "./answer-errors.js";
import { channelRoutes } from "./channel-routes.js";
import { deviceSocket } from "./device-socket.js";
import { deviceTokenRoutes } from "./device-token-routes.js";
import { faultRoutes } from "./fault-routes.js";
import { guard } from "./guard.js";
import { identityRoutes } from "./identity-routes.js";
import { receivedRoutes } from "./received-routes.js";

export interface ControlOptions {
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0: any free one */
  readonly port?: number;
  /**
   * Names by which callers may reach it, beside `localhost` and IP addresses: of a container, say. Others are refused, lest
   * a web page talk to it by giving a name of its own this machine's address.
   */
  readonly allowedHosts?: readonly string[];
  /** The largest body of a request, in bytes. @default 1_048_576 (1 MiB) */
  readonly maxBodyBytes?: number;
  /** How many devices may be connected through it at a time. @default 1000 */
  readonly maxDevices?: number;
}

/** How long a request may take to come in. */
const requestTimeoutMs = 30_000;

/** Commands to a device are short. */
const maxCommandBytes = 16_384;

/** The simulator's HTTP control API, listening. */
export class ControlServer {
  /** Where it is, without a slash at the end. Its description is at `/openapi.json`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly #app: FastifyInstance;

  /** See `startControl`. */
  constructor(app: FastifyInstance, host: string, port: number) {
    this.#app = app;
    this.host = host;
    this.port = port;
    this.url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** Ends every connection, those of devices included, and frees the port. The simulator goes on. */
  async close(): Promise<void> {
    await this.#app.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Lets processes in any language control a simulator over HTTP, and be devices over WebSocket. It is a thin layer over the
 * simulator's own interface, without state of its own. It asks for no password: listen only where every peer is trusted.
 * @throws {InvalidArgumentError} naming the option that is wrong
 * @throws {ApnsError} `ERR_APNS_LISTEN` if the port cannot be listened on
 */
export async function startControl(apple: Simulator, options: ControlOptions = {}): Promise<ControlServer> {
  const host = checkText("host", options.host ?? "127.0.0.1");
  const port = checkInteger("port", options.port ?? 0, 0, 65_535);
  const bodyLimit = checkInteger("maxBodyBytes", options.maxBodyBytes ?? 1_048_576, 1024, 1_073_741_824);
  const maxDevices = checkInteger("maxDevices", options.maxDevices ?? 1000, 0, 100_000);
  const allowedHosts = (options.allowedHosts ?? []).map((name, index) => checkText(`allowedHosts[${index}]`, name));
  const app = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    // Bodies are taken as they are: neither "5" for 5, nor fields nobody knows.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  });
  // The schemas describe answers to readers of the API; serialising by them would cost time and change nothing.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  takeEmptyBodies(app);
  answerErrors(app);
  await app.register(swagger, { openapi: { openapi: "3.1.0", info: description } });
  await app.register(websocket, { options: { maxPayload: maxCommandBytes } });
  // Behind the plugin: it ends the sockets of upgrades that are refused from here on.
  guard(app, allowedHosts);
  await app.register(async (routes) => {
    identityRoutes(routes, apple);
    deviceTokenRoutes(routes, apple);
    channelRoutes(routes, apple);
    faultRoutes(routes, apple);
    receivedRoutes(routes, apple);
    deviceSocket(routes, apple, maxDevices);
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApnsError("ERR_APNS_LISTEN", `control API: port ${port} of ${host} cannot be listened on: ${why}`, {
      cause,
    });
  }
  // A failing accept (out of file descriptors) must not end the process.
  app.server.on("error", () => {});
  return new ControlServer(app, host, (app.server.address() as { port: number }).port);
}

/** Many clients name a type of content although there is none: that is no malformed JSON. */
function takeEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parse(request, body, done);
  });
}

const description = {
  title: "APNs simulator: control API",
  version: "1",
  description: "Steers a simulator of Apple's push servers: what it knows, what goes wrong, what it received.",
};
