// Joins a socket and a session: writes frames into slabs, hands on what is read, and keeps the timers.
import type { TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import type { SendQueue } from "@apns/core/internal";
import { closeGracefully, type TlsSessionCache } from "@apns/net";
import type { ResolvedBinaryTransportOptions } from "../options.js";
import type { PendingSend } from "../pending-send.js";
import { connectLegacy, type SharedByConnections } from "./connect-legacy.js";
import { Session, type Settlement } from "./session.js";
import type { SlabPool } from "./slab-pool.js";

/** The dispatcher, as its connections know it. */
export interface ConnectionOwner extends SharedByConnections {
  readonly slabs: SlabPool;
  readonly tlsSessions: TlsSessionCache;
  /** Whether another connection has shown that the gateway takes the certificate. */
  readonly isProven: boolean;
  onConnectFailed(connection: Connection, error: ApnsError): void;
  /** It takes notifications from now on. */
  onOpened(connection: Connection): void;
  /** It can be written to, for the first time or again. */
  onWritable(connection: Connection): void;
  /** With `confirm: "silence"`: `silenceMs` have passed since these were written. */
  onSilence(sends: readonly PendingSend[]): void;
  /** It has ended; `settlement` says what that proves of its notifications. */
  onSettled(connection: Connection, settlement: Settlement<PendingSend>): void;
  /** It was closed because it has been idle for `idleTimeoutMs`. */
  onIdleClosed(connection: Connection): void;
  onSocketOpened(): void;
  onSocketClosed(): void;
  onWritten(bytes: number): void;
  onRead(bytes: number): void;
}

/** Room left in a slab for a barrier. */
const barrierBytes = 32;
/** How long the peer may take to close after we have, in milliseconds. */
const lingerMs = 1000;
/** Keeps the way through firewalls open, and finds a peer that vanished; in milliseconds. */
const keepAliveMs = 60_000;

export class Connection {
  readonly session: Session<PendingSend>;
  /** Its number among the connections of its owner, from 1. */
  readonly number: number;
  /** When it took notifications first; 0 until then. */
  readyAt = 0;
  /** Notifications written on this connection that had been written to an earlier one. */
  resent = 0;
  readonly #options: ResolvedBinaryTransportOptions;
  readonly #owner: ConnectionOwner;
  #state: "connecting" | "settling" | "open" | "closed" = "connecting";
  #socket: TLSSocket | undefined;
  readonly #connecting = new AbortController();
  /** The slab that the socket has not taken yet. */
  #writing: Buffer | undefined;
  #writingSince = 0;
  #idleSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #error: Error | undefined;
  #oldestGeneration = Number.POSITIVE_INFINITY;

  constructor(options: ResolvedBinaryTransportOptions, owner: ConnectionOwner, number: number) {
    this.#options = options;
    this.#owner = owner;
    this.number = number;
    const { confirm, reconnectEvery, sentWindow } = options;
    this.session = new Session({ ...options, capacity: confirm === "barrier" ? reconnectEvery : sentWindow });
    void this.#connect();
  }

  /** Whether it was usable once and has not ended. */
  get isOpen(): boolean {
    return this.#state === "open" || this.#state === "settling";
  }

  /** Whether `fill` would write at all. */
  get canWrite(): boolean {
    return this.#state === "open" && this.#writing === undefined && this.session.state === "open";
  }

  /** Whether more than half of what it takes before its barrier was sent, so that a successor should be on its way. */
  get isAging(): boolean {
    return this.#options.confirm === "barrier" && this.session.total * 2 >= this.session.capacity;
  }

  /**
   * Writes as much of the queue as one slab holds, and the barrier if one is due: one write, so that the event loop can read
   * before the next.
   * @param flushGeneration the newest generation that a `flush` waits for, or -1
   */
  fill(queue: SendQueue<PendingSend>, now: number, flushGeneration: number): void {
    const { session } = this;
    const slab = this.#owner.slabs.take();
    const end = slab.length - barrierBytes;
    // No newer send goes in front of the barrier that a flush waits for.
    const isFlushing = this.#holds(flushGeneration) || isNextIn(queue, flushGeneration);
    const lastGeneration = isFlushing ? flushGeneration : Number.POSITIVE_INFINITY;
    let room = session.room;
    let offset = 0;
    while (room > 0) {
      const send = queue.peek();
      if (send === undefined || send.generation.number > lastGeneration) break;
      const { template, deviceToken } = send;
      if (offset + template.size(deviceToken.length >> 1) > end) break;
      queue.take();
      room--;
      send.state = "written";
      if (send.attempts++ > 0) this.resent++;
      if (send.generation.number < this.#oldestGeneration) this.#oldestGeneration = send.generation.number;
      offset = template.write(slab, offset, session.add(send), deviceToken);
    }
    if (offset > 0) session.noteWrite(now);
    const isFlushWritten = this.#holds(flushGeneration) && !isNextIn(queue, flushGeneration);
    if (isFlushWritten || session.isBarrierDue(now)) {
      const frame = session.writeBarrier(now);
      slab.set(frame, offset);
      offset += frame.length;
    }
    if (offset > 0) this.#write(slab, offset, now);
    else this.#owner.slabs.release(slab);
  }

  /** Takes notifications at once: another connection has shown that the gateway takes the certificate. */
  endSettling(): void {
    if (this.#state === "settling") this.#ready();
  }

  /** Ends it from this side without waiting; what is on it is settled as lost, with this cause. */
  destroy(cause: ApnsError): void {
    if (this.#state === "closed") return;
    this.#connecting.abort();
    this.#error = cause;
    this.#finish(this.session.end(cause));
    this.#socket?.destroy();
  }

  /** Ends a connection on which nothing waits. */
  end(): void {
    if (this.#state === "closed") return;
    this.#close();
    this.#connecting.abort();
    if (this.#socket !== undefined) closeGracefully(this.#socket, { lingerMs });
  }

  /** Whether a send of this generation or an earlier one was written here. */
  #holds(generation: number): boolean {
    return this.#oldestGeneration <= generation;
  }

  async #connect(): Promise<void> {
    const { tlsSessions } = this.#owner;
    const { signal } = this.#connecting;
    for (;;) {
      const offered = tlsSessions.latest;
      try {
        this.#connected(await connectLegacy(this.#options, signal, this.#owner));
        return;
      } catch (error) {
        if (signal.aborted) return;
        // The server may have refused the TLS session rather than the connection: once more without.
        if (offered !== undefined) continue;
        this.#state = "closed";
        this.#owner.onConnectFailed(this, error as ApnsError);
        return;
      }
    }
  }

  #connected(socket: TLSSocket): void {
    this.#socket = socket;
    this.#owner.onSocketOpened();
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("data", (chunk: Uint8Array) => {
      this.#owner.onRead(chunk.length);
      this.#finish(this.session.receive(chunk));
    });
    // At `end` everything the gateway sent has been read; after an error, at `close`.
    socket.on("end", () => this.#finish(this.session.end(this.#error)));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => {
      this.#owner.onSocketClosed();
      this.#finish(this.session.end(this.#error));
    });
    if (this.#owner.isProven || this.#options.settleAfterConnectMs === 0) {
      this.#ready();
      return;
    }
    this.#state = "settling";
    this.#arm(performance.now() + this.#options.settleAfterConnectMs);
  }

  #ready(): void {
    this.#state = "open";
    this.readyAt = performance.now();
    this.#idleSince = this.readyAt;
    this.#rearm();
    this.#owner.onOpened(this);
    this.#owner.onWritable(this);
  }

  #write(slab: Buffer, length: number, now: number): void {
    this.#writing = slab;
    this.#writingSince = now;
    this.#idleSince = now;
    this.#owner.onWritten(length);
    this.#rearm();
    this.#socket!.write(slab.subarray(0, length), this.#onWritten);
  }

  readonly #onWritten = (error?: Error | null): void => {
    const slab = this.#writing;
    this.#writing = undefined;
    // After an error the socket may still hold the slab: it is not reused.
    if (error !== undefined && error !== null) return;
    if (slab !== undefined) this.#owner.slabs.release(slab);
    if (this.#state !== "closed") this.#owner.onWritable(this);
  };

  /** Sets the timer to the next deadline, or leaves it if it fires earlier, which does no harm. */
  #rearm(): void {
    const { writeTimeoutMs, idleTimeoutMs } = this.#options;
    let at = this.#idleSince + idleTimeoutMs;
    if (this.#writing !== undefined) at = Math.min(at, this.#writingSince + writeTimeoutMs);
    this.#arm(Math.min(at, this.session.nextDeadline() ?? at));
  }

  #arm(at: number): void {
    if (this.#timer !== undefined) {
      if (this.#timerAt <= at) return;
      clearTimeout(this.#timer);
    }
    this.#timerAt = at;
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.ceil(at - performance.now())));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    // The socket is read first: a process that was busy or asleep must not take its own delay for the gateway's.
    setImmediate(this.#checkDeadlines);
  };

  readonly #checkDeadlines = (): void => {
    if (this.#state === "closed") return;
    if (this.#state === "settling") {
      this.#ready();
      return;
    }
    const now = performance.now();
    const { writeTimeoutMs, idleTimeoutMs } = this.#options;
    if (this.#writing !== undefined && now >= this.#writingSince + writeTimeoutMs) {
      const message = `The gateway read nothing for ${writeTimeoutMs} ms: it may or may not have accepted.`;
      this.destroy(new ApnsError("ERR_APNS_TIMEOUT", message));
      return;
    }
    const overdue = this.session.advance(now);
    if (overdue !== undefined) {
      this.#finish(overdue);
      return;
    }
    const silent = this.session.takeSilent(now);
    if (silent.length > 0) this.#owner.onSilence(silent);
    if (this.session.outstanding === 0 && now >= this.#idleSince + idleTimeoutMs) {
      this.end();
      this.#owner.onIdleClosed(this);
      return;
    }
    if (this.session.isBarrierDue(now)) this.#owner.onWritable(this);
    this.#rearmLater(now);
  };

  /** As `#rearm`, but in 20 ms for a deadline that has passed: a barrier that is due waits for the write before it. */
  #rearmLater(now: number): void {
    if (this.#timer === undefined) this.#rearm();
    if (this.#timerAt <= now && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#arm(now + 20);
    }
  }

  #finish(settlement: Settlement<PendingSend> | undefined): void {
    // Ended by this side already: settled then.
    if (settlement === undefined || this.#state === "closed") return;
    // The gateway closes after its answer; a graceful close lets it finish what it is still reading.
    this.end();
    this.#owner.onSettled(this, settlement);
  }

  #close(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Whether the next send in the queue is of this generation or an earlier one. */
function isNextIn(queue: SendQueue<PendingSend>, generation: number): boolean {
  if (generation === -1) return false;
  const next = queue.peek();
  return next !== undefined && next.generation.number <= generation;
}
