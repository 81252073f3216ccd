import type { TLSSocket } from "node:tls";

type Done = (error?: Error | null) => void;

/** How long a write error is held back, in milliseconds: what has arrived is read within one turn of the event loop. */
const graceMs = 100;

/**
 * Makes the socket read what has arrived before a write error destroys it.
 *
 * A server that sends its last message (a GOAWAY, an error response) and closes while we are still writing makes the kernel
 * reset the connection. The message can still be read, and says which notifications may be sent again; but if a write is
 * the first to meet the reset, Node destroys the socket at once, and the message with it.
 */
export function readBeforeFailing(socket: TLSSocket): void {
  const later = (done: Done): Done => {
    return (error) => {
      if (error === undefined || error === null) done();
      else setTimeout(done, graceMs, error);
    };
  };
  const write = socket._write;
  socket._write = function (this: TLSSocket, chunk: unknown, encoding: BufferEncoding, done: Done): void {
    write.call(this, chunk, encoding, later(done));
  };
  const writev = socket._writev;
  if (writev === undefined) return;
  socket._writev = function (
    this: TLSSocket,
    chunks: { chunk: unknown; encoding: BufferEncoding }[],
    done: Done,
  ): void {
    writev.call(this, chunks, later(done));
  };
}
