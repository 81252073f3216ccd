import type { TLSSocket } from "node:tls";
import { closeGracefully } from "@apns/net";

/** Where the octets come from: the HTTP/2 machine. */
export interface OutputSource {
  readonly hasOutput: boolean;
  readonly queuedBytes: number;
  takeOutput(): Buffer | undefined;
  outputWritten(): void;
}

/** How many octets go out in one write at the most. A larger slab means fewer TLS calls; see docs/performance.md. */
export const slabBytes: number = 128 * 1024;

/**
 * How much is handed to the socket before it says that it has gone out. What was handed over may have been sent when the
 * connection ends; what was not certainly has not, and goes out on another connection.
 */
const maxWriteBytes = 1024 * 1024;

/**
 * With so much waiting behind a write in flight, no further streams are opened: what is not encoded yet can still be given up,
 * or go out on another connection, without a doubt.
 */
const maxBacklogBytes = 2 * slabBytes;

/** How long the peer may take to close its side, in milliseconds. */
const lingerMs = 1000;

/** Writes the machine's output: all of one turn of the event loop together, one write in flight at a time. */
export class SocketWriter {
  readonly #socket: TLSSocket;
  readonly #source: OutputSource;
  readonly #onRoom: () => void;
  #writesInFlight = 0;
  #isScheduled = false;
  #state: "open" | "finishing" | "finished" = "open";

  /** @param onRoom called when {@link isFull} has become false */
  constructor(socket: TLSSocket, source: OutputSource, onRoom: () => void) {
    this.#socket = socket;
    this.#source = source;
    this.#onRoom = onRoom;
  }

  /** Backpressure: the socket takes less than is queued. */
  get isFull(): boolean {
    return this.#source.queuedBytes >= maxBacklogBytes;
  }

  /** Writes at the end of this turn of the event loop, unless {@link flush} comes first. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#scheduledFlush);
  }

  readonly #scheduledFlush = (): void => {
    this.#isScheduled = false;
    this.flush();
  };

  /** Writes what is queued, unless a write is in flight: then the next slab fills, and `#onWritten` comes back for it. */
  flush(): void {
    if (this.#writesInFlight > 0 || this.#state === "finished") return;
    let output = this.#source.takeOutput();
    if (output === undefined) return;
    let room = maxWriteBytes;
    this.#socket.cork();
    while (output !== undefined) {
      this.#writesInFlight++;
      this.#socket.write(output, this.#onWritten);
      room -= output.length;
      output = room > 0 ? this.#source.takeOutput() : undefined;
    }
    this.#socket.uncork();
  }

  /** Closes the socket gracefully once everything queued is written; within a second at the most. */
  finish(): void {
    if (this.#state !== "open") return;
    this.#state = "finishing";
    // A peer that reads nothing would leave the socket open for ever.
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs).unref();
    this.#socket.once("close", () => clearTimeout(timer));
    if (this.#writesInFlight === 0) this.#finishIfWritten();
  }

  /** The socket is gone. */
  stop(): void {
    this.#state = "finished";
  }

  readonly #onWritten = (error?: Error | null): void => {
    // The socket is about to say so itself; what it has not been given yet was certainly not sent.
    if (error) return;
    this.#source.outputWritten();
    if (--this.#writesInFlight > 0 || this.#state === "finished") return;
    const wasFull = this.isFull;
    this.flush();
    if (this.#state === "finishing" && this.#writesInFlight === 0) this.#finishIfWritten();
    else if (wasFull) this.#onRoom();
  };

  #finishIfWritten(): void {
    this.flush();
    if (this.#source.hasOutput) return;
    this.#state = "finished";
    closeGracefully(this.#socket, { lingerMs });
  }
}
