// A socket that drives a session. It decides nothing about notifications: what the session concludes goes to the owner.
import type { TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import type { SendQueue } from "@apns/core/internal";
import { closeGracefully, type TlsSessionCache } from "@apns/net";
import { connectLegacy } from "./connect-legacy.js";
import type { ResolvedBinaryTransportOptions } from "./options.js";
import type { PendingSend } from "./pending-send.js";
import { Session, type Settlement } from "./session.js";
import type { SlabPool } from "./slab-pool.js";

export interface ConnectionOwner {
  readonly slabs: SlabPool;
  readonly tlsSessions: TlsSessionCache;
  /** Whether the connection need not be watched before it is used. */
  readonly proven: boolean;
  connectFailed(connection: Connection, error: ApnsError): void;
  /** Notifications may go out on it. */
  opened(connection: Connection): void;
  /** It can be written to, for the first time or again. */
  writable(connection: Connection): void;
  /** The gateway has been silent on these for long enough. */
  silent(sends: readonly PendingSend[]): void;
  /** It has ended, and this is what is known. */
  settled(connection: Connection, settlement: Settlement<PendingSend>): void;
  /** It has been idle for too long and was closed. */
  idled(connection: Connection): void;
  socketOpened(): void;
  socketClosed(): void;
  wrote(bytes: number): void;
  read(bytes: number): void;
}

/** Room left in a slab for a barrier. */
const barrierBytes = 32;
/** How long the peer may take to close after we have, in milliseconds. */
const lingerMs = 1000;
/** Keeps the way through firewalls open, and finds a peer that vanished; in milliseconds. */
const keepAliveMs = 60_000;

export class Connection {
  readonly session: Session<PendingSend>;
  /** Which one of its owner's it is, from 1. */
  readonly number: number;
  /** When it could be used first; 0 until then. */
  readyAt = 0;
  /** Notifications written a second time, or oftener, on this connection. */
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
  #oldestEpoch = Number.POSITIVE_INFINITY;

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
   * Writes as much of the queue as one slab holds, and the barrier if one is due. All in one write, so that the event
   * loop can read between two of them. `awaited` is the newest epoch that somebody wants verdicts on, or -1.
   */
  fill(queue: SendQueue<PendingSend>, now: number, awaited: number): void {
    const { session } = this;
    const slab = this.#owner.slabs.take();
    const end = slab.length - barrierBytes;
    // Nothing newer goes in front of the barrier that somebody waits for.
    const lastEpoch = this.#holds(awaited) || isAwaited(queue, awaited) ? awaited : Number.POSITIVE_INFINITY;
    let room = session.room;
    let offset = 0;
    while (room > 0) {
      const send = queue.peek();
      if (send === undefined || send.epoch.number > lastEpoch) break;
      const { template, deviceToken } = send;
      if (offset + template.size(deviceToken.length >> 1) > end) break;
      queue.take();
      room--;
      send.state = "written";
      if (send.attempts++ > 0) this.resent++;
      if (send.epoch.number < this.#oldestEpoch) this.#oldestEpoch = send.epoch.number;
      offset = template.write(slab, offset, session.add(send), deviceToken);
    }
    if (offset > 0) session.wrote(now);
    if ((this.#holds(awaited) && !isAwaited(queue, awaited)) || session.barrierDue(now)) {
      const frame = session.writeBarrier(now);
      slab.set(frame, offset);
      offset += frame.length;
    }
    if (offset > 0) this.#write(slab, offset, now);
    else this.#owner.slabs.giveBack(slab);
  }

  /** Uses it at once: another connection has shown that the gateway takes the certificate. */
  endSettling(): void {
    if (this.#state === "settling") this.#ready();
  }

  /** Ends it from this side without waiting for anything; what is on it is settled as lost, with this cause. */
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

  #holds(awaited: number): boolean {
    return this.#oldestEpoch <= awaited;
  }

  async #connect(): Promise<void> {
    const { tlsSessions } = this.#owner;
    const { signal } = this.#connecting;
    for (;;) {
      const offered = tlsSessions.latest;
      try {
        this.#connected(await connectLegacy(this.#options, signal, tlsSessions));
        return;
      } catch (error) {
        if (signal.aborted) return;
        // It may have been the resumption that the server did not like, so that this says nothing yet.
        if (offered !== undefined) continue;
        this.#state = "closed";
        this.#owner.connectFailed(this, error as ApnsError);
        return;
      }
    }
  }

  #connected(socket: TLSSocket): void {
    this.#socket = socket;
    this.#owner.socketOpened();
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("data", (chunk: Uint8Array) => {
      this.#owner.read(chunk.length);
      this.#finish(this.session.receive(chunk));
    });
    // By the end of the stream all that will ever come has been read; after an error, by the close.
    socket.on("end", () => this.#finish(this.session.end(this.#error)));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => {
      this.#owner.socketClosed();
      this.#finish(this.session.end(this.#error));
    });
    if (this.#owner.proven || this.#options.settleAfterConnectMs === 0) {
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
    this.#owner.opened(this);
    this.#owner.writable(this);
  }

  #write(slab: Buffer, length: number, now: number): void {
    this.#writing = slab;
    this.#writingSince = now;
    this.#idleSince = now;
    this.#owner.wrote(length);
    this.#rearm();
    this.#socket!.write(slab.subarray(0, length), this.#onWritten);
  }

  readonly #onWritten = (error?: Error | null): void => {
    const slab = this.#writing;
    this.#writing = undefined;
    // After an error the socket may still hold on to it.
    if (error !== undefined && error !== null) return;
    if (slab !== undefined) this.#owner.slabs.giveBack(slab);
    if (this.#state !== "closed") this.#owner.writable(this);
  };

  /** Sees to it that the timer fires no later than the next deadline. Earlier does no harm. */
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
    // Behind what the socket has to say: a process that was busy or asleep must not take its own delay for the gateway's.
    setImmediate(this.#judge);
  };

  readonly #judge = (): void => {
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
    if (silent.length > 0) this.#owner.silent(silent);
    if (this.session.outstanding === 0 && now >= this.#idleSince + idleTimeoutMs) {
      this.end();
      this.#owner.idled(this);
      return;
    }
    if (this.session.barrierDue(now)) this.#owner.writable(this);
    this.#rearmLater(now);
  };

  /** As `#rearm`, but never for a deadline that has passed: a barrier that is due waits for the write before it. */
  #rearmLater(now: number): void {
    if (this.#timer === undefined) this.#rearm();
    if (this.#timerAt <= now && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#arm(now + 20);
    }
  }

  #finish(settlement: Settlement<PendingSend> | undefined): void {
    // One that this side has ended already has nothing more to tell.
    if (settlement === undefined || this.#state === "closed") return;
    // The gateway closes after its answer; ending politely lets it finish what it is still reading.
    this.end();
    this.#owner.settled(this, settlement);
  }

  #close(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function isAwaited(queue: SendQueue<PendingSend>, awaited: number): boolean {
  if (awaited === -1) return false;
  const next = queue.peek();
  return next !== undefined && next.epoch.number <= awaited;
}
