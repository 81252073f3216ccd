import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { checkInteger, checkText, printableJson, show } from "@apns/core/internal";
import { isOwnHost, listen } from "@apns/net";
import { BridgeMetrics } from "./metrics.js";
import type { OperatedBridge } from "./stats.js";

export interface OperationsOptions {
  /** @default "127.0.0.1", since there is no authentication */
  readonly host?: string | undefined;
  /** 0 takes any free one. */
  readonly port: number;
  /**
   * Names in the `Host` header that are answered beside IP addresses and `localhost`: others are refused, so that no web page
   * reads the report by way of its visitor's browser (DNS rebinding). @default none
   */
  readonly allowedHosts?: readonly string[] | undefined;
}

/**
 * Serves health, metrics and the report to operators and their tools, over plain HTTP:
 *
 * - `/healthz`: 200 as long as the process answers at all;
 * - `/readyz`: 200 while new connections are taken and an app's upstream can be reached, else 503; the body names apps that
 *   upstream does not let in, and those whose upstream cannot be reached;
 * - `/metrics`: Prometheus' text format;
 * - `/report`: which legacy senders still arrive, and since when they are counted, as JSON.
 */
export class OperationsServer {
  readonly #server: Server;
  readonly #bridge: OperatedBridge;
  readonly #metrics: BridgeMetrics;
  readonly #allowedHosts: ReadonlySet<string>;

  private constructor(bridge: OperatedBridge, allowedHosts: readonly string[]) {
    this.#bridge = bridge;
    this.#allowedHosts = new Set(allowedHosts.map((name) => name.toLowerCase()));
    this.#metrics = new BridgeMetrics(bridge);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /**
   * @throws {InvalidArgumentError} naming the option that is wrong
   * @throws {ApnsError} `ERR_APNS_LISTEN` if the port cannot be listened on
   */
  static async start(bridge: OperatedBridge, options: OperationsOptions): Promise<OperationsServer> {
    const host = checkText("operations.host", options.host ?? "127.0.0.1");
    const port = checkInteger("operations.port", options.port, 0, 65_535);
    const allowedHosts = (options.allowedHosts ?? []).map((name, index) =>
      checkText(`operations.allowedHosts[${index}]`, name),
    );
    const operations = new OperationsServer(bridge, allowedHosts);
    await listen(operations.#server, { name: "operations", host, port });
    return operations;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ url = "/", method, headers: { host } }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, "http://localhost");
    const json = (httpStatus: number, body: object): void => {
      response.writeHead(httpStatus, { "content-type": "application/json" }).end(`${printableJson(body)}\n`);
    };
    if (!isOwnHost(host, this.#allowedHosts)) {
      return json(403, {
        error: `The host ${show(host)} is not one of the bridge's; name it in operations.allowedHosts.`,
      });
    }
    if (method !== "GET" && method !== "HEAD") return json(405, { error: "Only GET is answered here." });
    switch (pathname) {
      case "/healthz":
        return json(200, { healthy: true });
      case "/readyz":
        return this.#readiness(json);
      case "/metrics":
        response.writeHead(200, { "content-type": this.#metrics.contentType }).end(await this.#metrics.text());
        return;
      case "/report":
        return json(200, this.#bridge.report());
      default:
        return json(404, { error: "Ask for /healthz, /readyz, /metrics or /report." });
    }
  }

  #readiness(json: (httpStatus: number, body: object) => void): void {
    const { ready, heldApps, unreachableApps } = this.#bridge;
    json(ready ? 200 : 503, { ready, heldApps, unreachableApps });
  }
}
