import type { TLSSocket } from "node:tls";

type Done = (error?: Error | null) => void;

/** How long a failed write is kept back, in milliseconds: what has arrived is read within one turn of the event loop. */
const graceMs = 100;

/**
 * Makes the socket read to the end of what has arrived before a failed write destroys it.
 *
 * A gateway that refuses a notification sends six bytes and closes with our further frames unread, so that the kernel
 * resets the connection. The six bytes are still there to be read; but if the next write is the first to meet the reset,
 * Node destroys the socket at once, and the bytes with it. Keeping that error back for a moment lets the read side
 * deliver them, and then end the socket by itself.
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
