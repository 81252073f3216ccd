import { createServer, type Server, type ServerOpts } from "node:net";
import { ApnsError } from "@apns/core";

/** The first file descriptor that is passed on (sd_listen_fds(3)). */
const firstDescriptor = 3;

/** More are taken for a mistake. */
const maxDescriptors = 64;

/**
 * The listening sockets that the process was started with, by systemd's protocol of socket activation (sd_listen_fds(3)):
 * `LISTEN_FDS` says how many, from file descriptor 3 on, and `LISTEN_PID` for which process they are meant.
 * @returns their file descriptors; none if the variables are not set, or mean another process
 */
export function inheritedDescriptors(
  env: Readonly<Record<string, string | undefined>> = process.env,
  pid: number = process.pid,
): number[] {
  const { LISTEN_FDS: count, LISTEN_PID: owner } = env;
  if (count === undefined || owner !== String(pid) || !/^[0-9]{1,2}$/.test(count) || Number(count) > maxDescriptors) {
    return [];
  }
  return Array.from({ length: Number(count) }, (_, index) => firstDescriptor + index);
}

/**
 * Listening sockets that were opened by another process. They listen already, and what connects waits in the kernel: from the call
 * on, connections are accepted, so that within the same turn of the event loop each server must be taken or closed.
 */
export class InheritedSockets {
  readonly #byPort = new Map<number, Server>();

  /** @throws {ApnsError} `ERR_APNS_LISTEN` if a descriptor is no listening TCP socket */
  constructor(descriptors: readonly number[], options: ServerOpts) {
    for (const fd of descriptors) {
      try {
        const server = createServer(options).on("error", () => {});
        server.listen({ fd });
        const address = server.address();
        if (address === null || typeof address === "string") throw new Error("is no TCP socket");
        this.#byPort.set(address.port, server);
      } catch (cause) {
        this.closeOthers();
        const message = `The inherited file descriptor ${fd} cannot be listened on: ${(cause as Error).message}.`;
        throw new ApnsError("ERR_APNS_LISTEN", message, { cause });
      }
    }
  }

  /** The server that listens on this port. It is the caller's from now on. */
  take(port: number): Server | undefined {
    const server = this.#byPort.get(port);
    this.#byPort.delete(port);
    return server;
  }

  /** Closes those that were not taken, and returns their ports. */
  closeOthers(): number[] {
    const ports = [...this.#byPort.keys()];
    for (const server of this.#byPort.values()) server.close();
    this.#byPort.clear();
    return ports;
  }
}
