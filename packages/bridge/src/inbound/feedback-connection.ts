import type { TLSSocket } from "node:tls";
import { encodeFeedbackTuple } from "@apns/binary/wire";
import type { UnregisteredToken } from "@apns/core";
import { closeGracefully } from "@apns/net";
import type { FeedbackStore } from "../feedback/feedback-store.js";

/** A TLS record holds 16,384 bytes, and tuples must not be cut by one: published readers lose step (measured). */
const maxWriteBytes = 16_384;

/** Of a device token of 32 bytes, in hexadecimal. */
const usualTokenDigits = 64;

/** Between the last tuple and the end: without it some readers lose that tuple (measured, 10 of 24 runs). */
const gapMs = 300;

/** How long a reader may take to read one write, and to close when all is written. */
const patienceMs = 60_000;

export interface FeedbackReading {
  /** Tuples written. */
  readonly tuples: number;
  /** Whether the reader took all of them and closed; only then are they off the list. */
  readonly complete: boolean;
}

/**
 * Sends a topic's feedback list to a reader, then ends. The list is kept until the reader has closed in good
 * order behind our end, so that a reader that breaks off gets all of it again: tuples carry their instants, so that a
 * repetition does no harm.
 * @param onlyUsual withholds device tokens of other lengths than 32 bytes: seven of ten published readers assume it
 */
export async function serveFeedback(
  socket: TLSSocket,
  topic: string,
  store: FeedbackStore,
  onlyUsual: boolean,
): Promise<FeedbackReading> {
  let peerEnded = false;
  let failed = false;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {
    failed = true;
  });
  socket.once("end", () => {
    peerEnded = true;
  });
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.resume();

  const isTold = ({ deviceToken }: UnregisteredToken): boolean => !onlyUsual || deviceToken.length === usualTokenDigits;
  const list = store.read(topic);
  let tuples = 0;
  for await (const packed of packTuples(list, isTold)) {
    if (socket.destroyed || !(await write(socket, packed.bytes))) break;
    tuples += packed.tuples;
  }
  // Never within the handshake's own callback: an end there came without close_notify.
  await new Promise((resolve) => setTimeout(resolve, tuples > 0 ? gapMs : 0));
  const reachedEnd = !socket.destroyed && !failed;
  // Readers work on what they have read before they read on, and close when they have worked on all.
  closeGracefully(socket, { lingerMs: patienceMs });
  await closed;
  // A reader that closes with tuples unread resets the connection; that is seen within the gap.
  const complete = reachedEnd && !failed && peerEnded;
  if (complete && tuples > 0) await list.remove(isTold);
  return { tuples, complete };
}

function write(socket: TLSSocket, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    socket.once("close", onClose);
    socket.write(bytes, (error) => {
      socket.off("close", onClose);
      resolve(error === null || error === undefined);
    });
  });
}

/** Whole tuples, as many as fit into one TLS record. */
async function* packTuples(
  entries: AsyncIterable<UnregisteredToken>,
  isTold: (entry: UnregisteredToken) => boolean,
): AsyncGenerator<{ readonly bytes: Buffer; readonly tuples: number }> {
  let tuples: Uint8Array[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    if (!isTold(entry)) continue;
    const tuple = encodeFeedbackTuple({
      unregisteredAt: entry.unregisteredAt,
      deviceToken: Buffer.from(entry.deviceToken, "hex"),
    });
    if (bytes + tuple.length > maxWriteBytes) {
      yield { bytes: Buffer.concat(tuples), tuples: tuples.length };
      tuples = [];
      bytes = 0;
    }
    tuples.push(tuple);
    bytes += tuple.length;
  }
  if (tuples.length > 0) yield { bytes: Buffer.concat(tuples), tuples: tuples.length };
}
