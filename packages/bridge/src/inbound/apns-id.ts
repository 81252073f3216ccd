import { createHash, randomBytes } from "node:crypto";

/**
 * Makes the apns ids of one connection's notifications, so that a line in a sender's log leads to the one in the
 * bridge's, and that to Apple's. A UUID of version 8 (RFC 9562, section 5.8: the rest is ours to fill):
 *
 *     ssssssss-cccc-8ccc-8nnn-nnnniiiiiiii
 *
 * s: the sender, the first 32 bits of the SHA-256 of its name; c: the connection, random, in the log line that opens
 * it; n: the frame's number on that connection, from 0; i: the frame's identifier, as the sender gave it.
 */
export class ApnsIds {
  /** The beginning of all ids of this connection. */
  readonly prefix: string;

  constructor(sender: string) {
    const senderKey = createHash("sha256").update(sender).digest("hex").slice(0, 8);
    const connection = randomBytes(4).toString("hex");
    this.prefix = `${senderKey}-${connection.slice(0, 4)}-8${connection.slice(4, 7)}-8`;
  }

  /** @param sequence the frame's number; repeats after 2^28 of them, which no connection has lived to see */
  idFor(sequence: number, identifier: number | undefined): string {
    const high = ((sequence >>> 16) & 0xfff).toString(16).padStart(3, "0");
    const low = (sequence & 0xffff).toString(16).padStart(4, "0");
    return `${this.prefix}${high}-${low}${(identifier ?? 0).toString(16).padStart(8, "0")}`;
  }
}
