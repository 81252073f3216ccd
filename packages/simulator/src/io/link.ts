// A simulated network: a TCP relay that hands on every byte half a round trip later, in order, each way. Both wires run
// through the same one, handshakes included, so that their figures can be compared.
import { connect, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

/**
 * How much one direction of a connection may have under way. More, and the sender is made to wait, as by a full TCP
 * window: 4 MiB are 400 MB/s at a round trip of 20 ms.
 */
const maxInFlightBytes = 4 * 1024 * 1024;

export class Link {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(targetPort: number, latencyMs: number) {
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
      }
      // The relay accepts at once, where a distant host would take a round trip: that is made up for here.
      new Direction(near, far, latencyMs / 2, latencyMs);
      new Direction(far, near, latencyMs / 2, 0);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

interface Delayed {
  readonly dueAt: number;
  /** Bytes, or how the stream ended. */
  readonly what: Buffer | "end" | "reset" | "closed";
}

/** One way through the link. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delayMs: number;
  readonly #openAt: number;
  #queue: Delayed[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, delayMs: number, openAfterMs: number) {
    this.#from = from;
    this.#to = to;
    this.#delayMs = delayMs;
    this.#openAt = performance.now() + openAfterMs;
    let reset = false;
    from.on("data", (chunk: Buffer) => this.#push(chunk));
    from.on("end", () => this.#push("end"));
    from.on("error", () => {
      reset = true;
    });
    from.on("close", () => this.#push(reset ? "reset" : "closed"));
    to.on("drain", () => this.#resume());
    to.on("close", () => this.#stop());
  }

  #push(what: Delayed["what"]): void {
    if (this.#to.destroyed) return;
    this.#queue.push({ dueAt: Math.max(performance.now(), this.#openAt) + this.#delayMs, what });
    if (typeof what !== "string") {
      this.#queuedBytes += what.length;
      if (this.#queuedBytes >= maxInFlightBytes) this.#from.pause();
    }
    this.#schedule();
  }

  #schedule(): void {
    const [first] = this.#queue;
    if (first === undefined || this.#timer !== undefined || this.#to.destroyed) return;
    this.#timer = setTimeout(this.#deliver, Math.max(0, first.dueAt - performance.now()));
  }

  readonly #deliver = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    // Timers fire up to a millisecond early.
    const later = this.#queue.findIndex(({ dueAt }) => dueAt > now + 0.5);
    const due = this.#queue.splice(0, later < 0 ? this.#queue.length : later);
    for (const { what } of due) {
      if (this.#to.destroyed) return;
      if (what === "end") this.#to.end();
      else if (what === "reset") this.#to.resetAndDestroy();
      else if (what === "closed") this.#to.destroySoon();
      else {
        this.#queuedBytes -= what.length;
        this.#to.write(what);
      }
    }
    this.#resume();
    this.#schedule();
  };

  #resume(): void {
    if (this.#queuedBytes < maxInFlightBytes && !this.#to.writableNeedDrain) this.#from.resume();
    else this.#from.pause();
  }

  /** The far side is gone: what is under way has nowhere to go. */
  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#from.resume();
  }
}
