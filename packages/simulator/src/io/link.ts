// A simulated network: a TCP relay that hands on every byte half a round trip later, in order, each way. Both wires run
// through the same one, handshakes included, so that their figures can be compared.
import { connect, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { useSocket } from "./use-socket.js";

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
      useSocket(near, () => {
        for (const socket of [near, joinTo(targetPort, near, { latencyMs })]) {
          this.#sockets.add(socket);
          socket.once("close", () => this.#sockets.delete(socket));
        }
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** What a connection runs over. */
export interface LinkShape {
  /** Round trip. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** Of the jitter. @default Math.random */
  readonly random?: () => number;
}

/** Connects a socket to a port of this machine, over a network of this shape. Returns the far end. */
export function joinTo(port: number, near: Socket, shape: LinkShape): Socket {
  const { latencyMs = 0, jitterMs = 0, uploadBytesPerSecond, downloadBytesPerSecond, random = Math.random } = shape;
  const far = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  // The relay accepts at once, where a distant host would take a round trip: that is made up for here.
  const delay = (): number => latencyMs / 2 + jitterMs * random();
  useSocket(far, () => {
    new Direction(near, far, delay, latencyMs, uploadBytesPerSecond);
    new Direction(far, near, delay, 0, downloadBytesPerSecond);
  });
  return far;
}

/** What a narrow link has under way: its sender is to notice early that it is one. */
const maxNarrowBytes = 16_384;

/** How often a narrow link hands on what it may. */
const tickMs = 20;

interface Delayed {
  readonly dueAt: number;
  /** Bytes, or how the stream ended. */
  what: Buffer | "end" | "reset" | "closed";
}

/** One way through the link. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delay: () => number;
  /** When the newest of what is under way arrives: nothing overtakes it. */
  #lastDueAt = 0;
  readonly #openAt: number;
  readonly #bytesPerSecond: number | undefined;
  readonly #maxInFlightBytes: number;
  /** When a narrow link is free again. */
  #freeAt = 0;
  #queue: Delayed[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, delay: () => number, openAfterMs: number, bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#maxInFlightBytes = bytesPerSecond === undefined ? maxInFlightBytes : maxNarrowBytes;
    this.#from = from;
    this.#to = to;
    this.#delay = delay;
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
    this.#lastDueAt = Math.max(this.#lastDueAt, Math.max(performance.now(), this.#openAt) + this.#delay());
    this.#queue.push({ dueAt: this.#lastDueAt, what });
    if (typeof what !== "string") {
      this.#queuedBytes += what.length;
      if (this.#queuedBytes >= this.#maxInFlightBytes) this.#from.pause();
    }
    this.#schedule();
  }

  #schedule(): void {
    const [first] = this.#queue;
    if (first === undefined || this.#timer !== undefined || this.#to.destroyed) return;
    this.#timer = setTimeout(
      this.#deliver,
      Math.max(0, first.dueAt - performance.now(), this.#freeAt - performance.now()),
    );
  }

  readonly #deliver = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const { what } of this.#due(now)) {
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

  #due(now: number): Delayed[] {
    // Timers fire up to a millisecond early.
    const later = this.#queue.findIndex(({ dueAt }) => dueAt > now + 0.5);
    const count = later < 0 ? this.#queue.length : later;
    if (this.#bytesPerSecond === undefined) return this.#queue.splice(0, count);
    return this.#narrow(now, count, this.#bytesPerSecond);
  }

  /** Of the first so many, what fits through until the next tick, a byte at least. */
  #narrow(now: number, count: number, bytesPerSecond: number): Delayed[] {
    const due: Delayed[] = [];
    if (this.#freeAt > now + 0.5) return due;
    const most = Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
    let room = most;
    for (let left = count; left > 0 && room > 0; left--) {
      const first = this.#queue[0]!;
      if (typeof first.what !== "string" && first.what.length > room) {
        due.push({ ...first, what: first.what.subarray(0, room) });
        first.what = first.what.subarray(room);
        room = 0;
      } else {
        due.push(this.#queue.shift()!);
        if (typeof first.what !== "string") room -= first.what.length;
      }
    }
    this.#freeAt = now + ((most - room) * 1000) / bytesPerSecond;
    return due;
  }

  #resume(): void {
    if (this.#queuedBytes < this.#maxInFlightBytes && !this.#to.writableNeedDrain) this.#from.resume();
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
