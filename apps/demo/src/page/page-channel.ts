import type { Sample, ServerMessage, TimelineEvent } from "./protocol.js";

/** The part of a WebSocket that the channel uses. */
export interface PageSocket {
  /** Bytes handed over and not taken by the network yet. */
  readonly bufferedAmount: number;
  send(text: string, written: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** More bytes than this under way, and the page counts as slow: what follows waits here. */
const maxBufferedBytes = 256 * 1024;
/** How many messages that may not be left out wait for a slow page; one more, and it is told to come again. */
const maxWaiting = 200;
/** How many timeline events wait for it; older ones are left out, and counted. */
const maxWaitingEvents = 300;

/**
 * One page's end of the wire. A slow page gets fewer samples and misses events, but nothing grows: of samples, phones and
 * percent only the newest waits.
 */
export class PageChannel {
  readonly id: string;
  readonly #socket: PageSocket;
  /** Of these only the newest counts. */
  readonly #newest = new Map<ServerMessage["type"], ServerMessage>();
  #waiting: ServerMessage[] = [];
  #events: TimelineEvent[] = [];
  #missedEvents = 0;
  #flushing = false;
  #closed = false;

  constructor(id: string, socket: PageSocket) {
    this.id = id;
    this.#socket = socket;
  }

  /** Figures of the moment: replace those that wait. */
  offer(message: Sample | Extract<ServerMessage, { readonly type: "phones" | "percent" }>): void {
    this.#newest.set(message.type, message);
    this.#flush();
  }

  event(event: TimelineEvent): void {
    this.#events.push(event);
    if (this.#events.length > maxWaitingEvents) {
      this.#events.shift();
      this.#missedEvents++;
    }
    this.#flush();
  }

  /** A message that must arrive. @returns whether there was room */
  send(message: ServerMessage): boolean {
    if (this.#closed) return false;
    if (this.#waiting.length >= maxWaiting) {
      this.close(1013, "too slow");
      return false;
    }
    this.#waiting.push(message);
    this.#flush();
    return true;
  }

  /** @param code of WebSocket (RFC 6455, section 7.4) */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#events = [];
    this.#newest.clear();
    // One that does not even read would keep the close waiting behind everything else.
    if (this.#socket.bufferedAmount > maxBufferedBytes) this.#socket.terminate();
    else this.#socket.close(code, reason);
  }

  #flush(): void {
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    // Later in this turn, so that what comes together leaves together.
    queueMicrotask(() => {
      this.#flushing = false;
      this.#write();
    });
  }

  #write(): void {
    while (!this.#closed && this.#socket.bufferedAmount <= maxBufferedBytes) {
      const next = this.#next();
      if (next === undefined) return;
      this.#socket.send(JSON.stringify(next), () => this.#write());
    }
  }

  #next(): ServerMessage | undefined {
    const message = this.#waiting.shift();
    if (message !== undefined) return message;
    if (this.#events.length > 0) {
      const events = this.#events;
      const missed = this.#missedEvents;
      this.#events = [];
      this.#missedEvents = 0;
      return { type: "events", events, missed };
    }
    const [entry] = this.#newest;
    if (entry === undefined) return undefined;
    this.#newest.delete(entry[0]);
    return entry[1];
  }
}
