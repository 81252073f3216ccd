import { performance } from "node:perf_hooks";
import type { TLSSocket } from "node:tls";
import type { ServerConnection } from "@apns/h2";
import type { CutHow } from "../faults/fault.js";
import { cut, hangUp } from "../io/hang-up.js";
import type { Timers } from "../io/timers.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { Surroundings } from "../surroundings.js";

/** Answers that wait for a peer which does not read them; above that, it is not read from either. */
const maxQueuedBytes = 262_144;

/** A reset overtakes what lies unread at the peer: what was said before it gets this long to be read. */
const readMs = 20;

/**
 * Between a machine and its socket: what came goes in, and whatever that caused leaves in one write. While a write is
 * pending, the next one gathers.
 */
export class Driver {
  readonly #machine: ServerConnection;
  readonly #socket: TLSSocket;
  readonly #secure: SecureConnection;
  readonly #timers: Timers;
  readonly #clockTimers: Timers;
  #writing = false;
  #deaf = false;
  #pausedByFault = false;
  /** To be done once everything queued is written. */
  #afterwards: (() => void) | undefined;

  constructor(machine: ServerConnection, secure: SecureConnection, { timers, clockTimers }: Surroundings) {
    this.#machine = machine;
    this.#secure = secure;
    this.#socket = secure.socket;
    this.#timers = timers;
    this.#clockTimers = clockTimers;
    this.#socket.on("data", this.#onData);
    this.#socket.once("close", () => machine.connectionLost());
  }

  /** Writes what is queued. To be called after acting on the machine from outside of its handlers. */
  flush(): void {
    if (this.#socket.destroyed) return;
    if (!this.#writing) {
      const output = this.#machine.takeOutput();
      if (output === undefined) {
        this.#nothingQueued();
        return;
      }
      this.#writing = true;
      this.#socket.write(output, this.#onWritten);
    }
    this.#applyPause();
  }

  #nothingQueued(): void {
    const afterwards = this.#afterwards;
    this.#afterwards = undefined;
    if (afterwards !== undefined) afterwards();
    else if (this.#machine.isClosed && !this.#deaf) this.#endInOrder();
  }

  #endInOrder(): void {
    this.#deaf = true;
    hangUp(this.#socket, this.#timers);
  }

  /** From now on the peer talks to nobody. */
  swallow(): void {
    this.#deaf = true;
  }

  /** Reads nothing for so long, or never again: the peer's TCP window fills up. */
  stopReading(ms: number | undefined): void {
    this.#pausedByFault = true;
    this.#applyPause();
    if (ms === undefined) return;
    this.#clockTimers.after(ms, () => {
      this.#pausedByFault = false;
      this.#applyPause();
    });
  }

  /** Ends the connection in an orderly manner once everything queued is written. */
  hangUp(): void {
    this.#afterwards = () => this.#endInOrder();
  }

  /**
   * Ends the connection without a word, once what is queued is written: all of it, or all but its last bytes.
   * Nothing is read meanwhile.
   */
  cut(how: CutHow, withheldBytes: number): void {
    this.#deaf = true;
    const end = (): void => {
      if (how === "rst") this.#timers.after(readMs, () => cut(this.#secure, how, this.#timers));
      else cut(this.#secure, how, this.#timers);
    };
    if (withheldBytes === 0) {
      this.#afterwards = end;
      return;
    }
    const octets: Buffer[] = [];
    for (let output = this.#machine.takeOutput(); output !== undefined; output = this.#machine.takeOutput()) {
      octets.push(output);
    }
    const all = Buffer.concat(octets);
    this.#writing = true;
    this.#socket.write(all.subarray(0, Math.max(0, all.length - withheldBytes)), end);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#deaf) return;
    const now = performance.now();
    const deadline = this.#machine.nextDeadline();
    if (deadline !== undefined && deadline < now) this.#machine.onDeadline(now);
    try {
      this.#machine.receive(chunk, now);
    } finally {
      this.flush();
    }
  };

  readonly #onWritten = (): void => this.#secure.run(this.#afterWrite);

  readonly #afterWrite = (): void => {
    this.#machine.outputWritten();
    this.#writing = false;
    this.flush();
    this.#applyPause();
  };

  #applyPause(): void {
    // Answers for a peer that does not read would gather here; by not reading from it either, it is made to wait.
    const unread = this.#writing && this.#machine.queuedBytes > maxQueuedBytes;
    const pause = this.#pausedByFault || unread;
    if (pause !== this.#socket.isPaused()) {
      if (pause) this.#socket.pause();
      else this.#socket.resume();
    }
  }
}
