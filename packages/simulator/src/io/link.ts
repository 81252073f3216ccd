// A simulated network: a TCP relay that hands on every byte half a round trip later, in order, each way. Both wires run
// over the same relay, handshakes included, so that their figures can be compared.
import { connect, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { Fifo } from "@apns/core/internal";
import { useSocket } from "./use-socket.js";

/**
 * How much one direction of a connection may have in flight. Above it the sender is not read from, as by a full TCP
 * window (backpressure): 4 MiB are 400 MB/s at a round trip of 20 ms.
 */
const maxInFlightBytes = 4 * 1024 * 1024;

export class Link {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(targetPort: number, latencyMs: number) {
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      useSocket(near, () => {
        for (const socket of [near, relayTo(targetPort, near, { latencyMs })]) {
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

/** The network that a connection runs over. */
export interface LinkShape {
  /** Round trip. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** Draws the jitter. @default Math.random */
  readonly random?: () => number;
}

/** Connects a socket to a port of this machine, over a network of this shape. Returns the far end. */
export function relayTo(port: number, near: Socket, shape: LinkShape): Socket {
  const { latencyMs = 0, jitterMs = 0, uploadBytesPerSecond, downloadBytesPerSecond, random = Math.random } = shape;
  const far = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  // The relay accepts at once; the round trip of a distant host's TCP handshake delays the first bytes instead.
  const delay = (): number => latencyMs / 2 + jitterMs * random();
  useSocket(far, () => {
    new Direction(near, far, delay, latencyMs, uploadBytesPerSecond);
    new Direction(far, near, delay, 0, downloadBytesPerSecond);
  });
  return far;
}

/** What a link with a rate may have in flight: little, so that its sender notices the rate early. */
const maxRateLimitedBytes = 16_384;

/** How often a link with a rate hands on what the rate allows. */
const tickMs = 20;

/** Timers fire up to a millisecond early. */
const timerSlackMs = 0.5;

interface InFlight {
  readonly dueAt: number;
  /** Bytes, or how the stream ended. */
  content: Buffer | "end" | "reset" | "closed";
}

/** One way through the link. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delay: () => number;
  /** When the newest content in flight arrives: nothing overtakes it. */
  #lastDueAt = 0;
  readonly #openAt: number;
  readonly #bytesPerSecond: number | undefined;
  readonly #maxInFlightBytes: number;
  /** When the rate allows the next bytes. */
  #freeAt = 0;
  readonly #inFlight = new Fifo<InFlight>();
  #inFlightBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, delay: () => number, openAfterMs: number, bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#maxInFlightBytes = bytesPerSecond === undefined ? maxInFlightBytes : maxRateLimitedBytes;
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
    to.on("drain", () => this.#applyBackpressure());
    to.on("close", () => this.#discard());
  }

  #push(content: InFlight["content"]): void {
    if (this.#to.destroyed) return;
    this.#lastDueAt = Math.max(this.#lastDueAt, Math.max(performance.now(), this.#openAt) + this.#delay());
    this.#inFlight.push({ dueAt: this.#lastDueAt, content });
    if (typeof content !== "string") {
      this.#inFlightBytes += content.length;
      if (this.#inFlightBytes >= this.#maxInFlightBytes) this.#from.pause();
    }
    this.#schedule();
  }

  #schedule(): void {
    const first = this.#inFlight.peek();
    if (first === undefined || this.#timer !== undefined || this.#to.destroyed) return;
    const now = performance.now();
    this.#timer = setTimeout(this.#deliver, Math.max(0, first.dueAt - now, this.#freeAt - now));
  }

  readonly #deliver = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const content of this.#takeDue(now)) {
      if (this.#to.destroyed) return;
      if (content === "end") this.#to.end();
      else if (content === "reset") this.#to.resetAndDestroy();
      else if (content === "closed") this.#to.destroySoon();
      else {
        this.#inFlightBytes -= content.length;
        this.#to.write(content);
      }
    }
    this.#applyBackpressure();
    this.#schedule();
  };

  *#takeDue(now: number): Iterable<InFlight["content"]> {
    const rate = this.#bytesPerSecond;
    if (rate !== undefined && this.#freeAt > now + timerSlackMs) return;
    const maxBytes = rate === undefined ? Infinity : Math.max(1, Math.floor((rate * tickMs) / 1000));
    let room = maxBytes;
    for (let first = this.#inFlight.peek(); first !== undefined && room > 0; first = this.#inFlight.peek()) {
      if (first.dueAt > now + timerSlackMs) break;
      const { content } = first;
      if (typeof content !== "string" && content.length > room) {
        first.content = content.subarray(room);
        yield content.subarray(0, room);
        room = 0;
      } else {
        this.#inFlight.shift();
        yield content;
        if (typeof content !== "string") room -= content.length;
      }
    }
    if (rate !== undefined) this.#freeAt = now + ((maxBytes - room) * 1000) / rate;
  }

  #applyBackpressure(): void {
    if (this.#inFlightBytes < this.#maxInFlightBytes && !this.#to.writableNeedDrain) this.#from.resume();
    else this.#from.pause();
  }

  /** The far side is gone: nothing in flight will arrive. */
  #discard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    this.#from.resume();
  }
}
