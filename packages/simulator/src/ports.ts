import type { Socket } from "node:net";
import type { Wire } from "@apns/core";
import { breakConnection } from "./io/broken-connection.js";
import { Listener } from "./io/listener.js";
import type { PortName, ResolvedOptions } from "./options.js";
import type { Surroundings } from "./surroundings.js";

/** What takes the connections of a port. */
export type Acceptors = Readonly<Record<PortName, (tcp: Socket) => void>>;

const titles: Readonly<Record<PortName, string>> = {
  http2: "HTTP/2 server",
  channels: "channel management",
  gateway: "gateway",
  feedback: "feedback service",
};

const names = Object.keys(titles) as PortName[];

function wireOf(name: PortName): Wire {
  return name === "http2" || name === "channels" ? "http2" : "binary";
}

/** The ports that the simulator listens on, and what happens to connections before anybody speaks. */
export class Ports {
  readonly #listeners: Readonly<Record<PortName, Listener>>;

  private constructor(listeners: Readonly<Record<PortName, Listener>>) {
    this.#listeners = listeners;
  }

  /** @throws {ApnsError} `ERR_APNS_LISTEN` if a port cannot be listened on; nothing listens then */
  static async open(around: Surroundings, options: ResolvedOptions, acceptors: Acceptors): Promise<Ports> {
    const opening = names.map((name) => openPort(name, around, options, acceptors[name]));
    const results = await Promise.allSettled(opening);
    const failure = results.find((result) => result.status === "rejected");
    if (failure === undefined) {
      const listeners = await Promise.all(opening);
      return new Ports(Object.fromEntries(names.map((name, index) => [name, listeners[index]!])) as never);
    }
    await Promise.all(results.map((result) => (result.status === "fulfilled" ? result.value.close() : undefined)));
    throw failure.reason;
  }

  numberOf(name: PortName): number {
    return this.#listeners[name].port;
  }

  /** Listens, or not, as the faults that are on have it. */
  follow({ faults }: Surroundings): void {
    for (const name of names) this.#listeners[name].refuse(faults.refusesConnections(wireOf(name)));
  }

  async close(): Promise<void> {
    await Promise.all(names.map((name) => this.#listeners[name].close()));
  }
}

function openPort(
  name: PortName,
  { faults, timers }: Surroundings,
  options: ResolvedOptions,
  accept: (tcp: Socket) => void,
): Promise<Listener> {
  const wire = wireOf(name);
  let linked = 0;
  let count = 0;
  return Listener.open({
    name: `the simulator's ${titles[name]}`,
    host: options.host,
    port: options.ports[name],
    latencyMs: options.latencyMs,
    linkOf: () => faults.linkOf({ wire, count: linked++ }),
    onConnection: (tcp) => {
      const fault = faults.onConnection({ wire, count: count++ });
      if (fault === undefined) accept(tcp);
      else breakConnection(tcp, fault, timers);
    },
  });
}
