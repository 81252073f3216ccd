import type { Socket } from "node:net";
import type { Wire } from "@apns/core";
import type { PemIdentity } from "@apns/credentials";
import type { WrongCertificate } from "./faults/fault.js";
import type { Identities } from "./identities.js";
import { breakConnection } from "./io/broken-connection.js";
import { Listener } from "./io/listener.js";
import type { PortName, ResolvedOptions } from "./options.js";
import { seededRandom } from "./random.js";
import type { ServerContext } from "./server-context.js";

/** For each port, makes the function that takes its TCP connections, with this identity of the server. */
export type Acceptors = Readonly<Record<PortName, (server: PemIdentity) => (tcp: Socket) => void>>;

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

/** The ports that the simulator listens on, and the faults of connections before their TLS handshake. */
export class Ports {
  readonly #listeners: Readonly<Record<PortName, Listener>>;

  private constructor(listeners: Readonly<Record<PortName, Listener>>) {
    this.#listeners = listeners;
  }

  /** @throws {ApnsError} `ERR_APNS_LISTEN` if a port cannot be listened on; nothing listens then */
  static async open(
    context: ServerContext,
    options: ResolvedOptions,
    identities: Identities,
    acceptors: Acceptors,
  ): Promise<Ports> {
    const opening = names.map((name) =>
      openPort(name, context, options, new TlsAcceptors(identities, acceptors[name])),
    );
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

  /** Refuses connections, or accepts them again, as the faults that are on say. */
  follow({ faults }: ServerContext): void {
    for (const name of names) this.#listeners[name].refuse(faults.refusesConnections(wireOf(name)));
  }

  async close(): Promise<void> {
    await Promise.all(names.map((name) => this.#listeners[name].close()));
  }
}

/** The TLS servers of one port: with the simulator's own certificate, or with a wrong one that a fault asks for. */
class TlsAcceptors {
  readonly accept: (tcp: Socket) => void;
  readonly #identities: Identities;
  readonly #acceptorOf: (server: PemIdentity) => (tcp: Socket) => void;
  readonly #wrong = new Map<WrongCertificate, Promise<(tcp: Socket) => void>>();

  constructor(identities: Identities, acceptorOf: (server: PemIdentity) => (tcp: Socket) => void) {
    this.#identities = identities;
    this.#acceptorOf = acceptorOf;
    this.accept = acceptorOf(identities.server);
  }

  acceptWith(wrong: WrongCertificate, tcp: Socket): void {
    let acceptor = this.#wrong.get(wrong);
    if (acceptor === undefined) {
      acceptor = this.#identities.wrongServer(wrong).then(this.#acceptorOf);
      this.#wrong.set(wrong, acceptor);
    }
    acceptor.then(
      (accept) => {
        if (!tcp.destroyed) accept(tcp);
      },
      () => tcp.destroy(),
    );
  }
}

function openPort(
  name: PortName,
  { faults, timers }: ServerContext,
  options: ResolvedOptions,
  door: TlsAcceptors,
): Promise<Listener> {
  const wire = wireOf(name);
  let linked = 0;
  // A generator of its own: when bytes arrive depends on the machine, and must not change other random choices.
  const random = seededRandom(options.seed);
  let count = 0;
  return Listener.open({
    name: `the simulator's ${titles[name]}`,
    host: options.host,
    port: options.ports[name],
    maxConnections: options.maxConnections,
    latencyMs: options.latencyMs,
    linkOf: () => {
      const link = faults.linkOf({ wire, count: linked++ });
      return link === undefined ? undefined : { ...link, random };
    },
    onConnection: (tcp) => {
      const fault = faults.onConnection({ wire, count: count++ });
      if (fault === undefined) door.accept(tcp);
      else if (fault.type === "serverCertificate") door.acceptWith(fault.is, tcp);
      else breakConnection(tcp, fault, timers);
    },
  });
}
