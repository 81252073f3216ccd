import type { Readable } from "node:stream";
import { UsageError } from "../errors.js";

/** The option or argument that reads stdin, which can be read once. */
const claims = new WeakMap<Readable, string>();

/**
 * Stdin, for the one option or argument that reads it.
 * @param from who asks, for messages
 * @throws {UsageError} if it is a terminal, or another option reads it already
 */
export function claimStdin(from: string): Readable {
  const { stdin } = process;
  const other = claims.get(stdin);
  if (other !== undefined) throw new UsageError(`${other} - and ${from} - cannot both read stdin`);
  if (stdin.isTTY) throw new UsageError(`${from} - reads stdin, but nothing is piped into it`);
  claims.set(stdin, from);
  return stdin;
}

/**
 * All of stdin.
 * @throws {UsageError} as `claimStdin`, or if there are more than `maxBytes`
 */
export async function readStdin(from: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of claimStdin(from) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw new UsageError(`${from} -: more than ${maxBytes} bytes came by stdin`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
