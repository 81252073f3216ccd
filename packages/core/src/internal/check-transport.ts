import { InvalidArgumentError } from "../errors.js";
import type { Transport } from "../transport.js";
import { show } from "./check.js";

/** Returns `value` if it has the interface of a Transport, else throws naming `field`. */
export function checkTransport(field: string, value: unknown): Transport {
  const transport = value as Transport | null | undefined;
  if (typeof transport?.send === "function" && typeof transport.close === "function") return transport;
  throw new InvalidArgumentError(field, `${show(value)} is not a Transport.`);
}
