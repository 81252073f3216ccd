import type { AddressInfo, Server } from "node:net";
import { ApnsError } from "@apns/core";

export interface ListenOptions {
  /** The service's name for messages: "gateway", "operations" … */
  readonly name: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Called for connections that could not be accepted, as when the process is out of file descriptors. */
  readonly onAcceptError?: (error: Error) => void;
}

/**
 * Listens, and returns the port. A failing accept does not end the process afterwards.
 * @throws {ApnsError} `ERR_APNS_LISTEN`, naming port, problem and fix
 */
export function listen(server: Server, { name, host, port, onAcceptError }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const problem = problems[cause.code ?? ""] ?? `cannot be listened on: ${cause.message}`;
      reject(new ApnsError("ERR_APNS_LISTEN", `${name}: port ${port} of ${host} ${problem}.`, { cause }));
    };
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      server.on("error", (error) => onAcceptError?.(error));
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use; stop what listens there, or choose another port (0 takes any free one)",
  EACCES: "may not be used by this user; choose one above 1023",
  EADDRNOTAVAIL: "cannot be listened on: this machine has no such address",
};
