import { performance } from "node:perf_hooks";
import type { TLSSocket } from "node:tls";
import type { ServerConnection } from "@apns/h2";
import type { CutHow } from "../faults/fault.js";
import { cut, endGracefully } from "../io/end-connection.js";
import type { Timers } from "../io/timers.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ServerContext } from "../server-context.js";

/** Backpressure: above so many bytes of answers that the peer has not read, it is not read from either. */
const maxQueuedBytes = 262_144;

/** A reset discards what the peer has not read yet: the time that it has to read what was written before. */
const readMs = 20;

/**
 * Joins a machine and its socket: input goes into the machine, and all output that it caused leaves in one write. While a
 * write is pending, output gathers for the next one.
 */
export class SocketDriver {
  readonly #machine: ServerConnection;
  readonly #socket: TLSSocket;
  readonly #secure: SecureConnection;
  readonly #timers: Timers;
  readonly #clockTimers: Timers;
  #writing = false;
  #ignoresInput = false;
  #pausedByFault = false;
  /** Called once everything queued is written. */
  #onDrained: (() => void) | undefined;

  constructor(machine: ServerConnection, secure: SecureConnection, { timers, clockTimers }: ServerContext) {
    this.#machine = machine;
    this.#secure = secure;
    this.#socket = secure.socket;
    this.#timers = timers;
    this.#clockTimers = clockTimers;
    this.#socket.on("data", this.#onData);
    this.#socket.once("close", () => machine.connectionLost());
  }

  /** Writes what is queued. To be called after any use of the machine outside of its handlers. */
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
    const afterwards = this.#onDrained;
    this.#onDrained = undefined;
    if (afterwards !== undefined) afterwards();
    else if (this.#machine.isClosed && !this.#ignoresInput) this.#endInOrder();
  }

  #endInOrder(): void {
    this.#ignoresInput = true;
    endGracefully(this.#socket, this.#timers);
  }

  /** From now on, input is discarded. */
  ignoreInput(): void {
    this.#ignoresInput = true;
  }

  /** Reads nothing for so many milliseconds, or never again: the peer's TCP window fills up. */
  stopReading(ms: number | undefined): void {
    this.#pausedByFault = true;
    this.#applyPause();
    if (ms === undefined) return;
    this.#clockTimers.after(ms, () => {
      this.#pausedByFault = false;
      this.#applyPause();
    });
  }

  /** Ends the connection gracefully once everything queued is written. */
  endGracefully(): void {
    this.#onDrained = () => this.#endInOrder();
  }

  /**
   * Cuts the connection once what is queued is written: all of it, or all but its last `withheldBytes`. Input is discarded
   * meanwhile.
   */
  cut(how: CutHow, withheldBytes: number): void {
    this.#ignoresInput = true;
    const end = (): void => {
      if (how === "rst") this.#timers.after(readMs, () => cut(this.#secure, how, this.#timers));
      else cut(this.#secure, how, this.#timers);
    };
    if (withheldBytes === 0) {
      this.#onDrained = end;
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
    if (this.#ignoresInput) return;
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
    // Backpressure: a peer that does not read its answers is not read from either.
    const unread = this.#writing && this.#machine.queuedBytes > maxQueuedBytes;
    const pause = this.#pausedByFault || unread;
    if (pause !== this.#socket.isPaused()) {
      if (pause) this.#socket.pause();
      else this.#socket.resume();
    }
  }
}
