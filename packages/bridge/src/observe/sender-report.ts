import type { Clock } from "@apns/core";
import type { Peer } from "../server/peer.js";
import { memoryReportStore, type ReportStore } from "./report-store.js";

/** What is known of one legacy sender at one address: whom to move to the modern wire next. */
export interface SenderReportRow {
  /** Its name, or `undefined` for a stranger that was turned away. */
  readonly sender: string | undefined;
  /** This, `servername`, `tlsVersion` and `cipher` are those of its last connection. */
  app: string | undefined;
  readonly address: string;
  readonly fingerprint: string | undefined;
  readonly subject: string | undefined;
  servername: string | undefined;
  tlsVersion: string;
  cipher: string;
  /** Since the report began. */
  readonly firstSeenAt: Date;
  /** When it connected last, or sent something last: connections live for weeks. */
  lastSeenAt: Date;
  connections: number;
  /** Frames of command 0, 1 and 2. */
  readonly frames: [number, number, number];
  errorResponses: number;
  /** Connections to the feedback service. */
  feedbackReads: number;
}

/** Which legacy senders still arrive, from where, how much, with which commands. */
export interface MigrationReport {
  /** When counting began: with the first start of a bridge that had this `reportStore`. */
  readonly sinceAt: Date;
  /** The busiest first. */
  readonly rows: readonly SenderReportRow[];
}

/** What the report needs from its bridge. */
export interface SenderReportOptions {
  readonly clock: Clock;
  readonly store: ReportStore;
  readonly saveIntervalMs: number;
  /** Told of the first failure in a row of them. Nothing else comes of it. */
  readonly onStoreFailed: (error: Error) => void;
}

/** Strangers cost nothing to be: what is kept of senders and addresses has a limit, on disk too. */
const maxRows = 10_000;

/**
 * The migration report. Whoever counts does so in the rows and nowhere else; what has changed is found by comparison when
 * it is time to save.
 */
export class SenderReport {
  readonly #options: SenderReportOptions;
  /** The one that connected last is the last. */
  readonly #rows = new Map<string, SenderReportRow>();
  /** The stamps of the rows in the store. */
  readonly #saved = new Map<string, string>();
  #store: ReportStore;
  #sinceAt: Date;
  #sinceSaved = false;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #failing = false;

  constructor(options: SenderReportOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#sinceAt = new Date(options.clock.now());
  }

  /** Goes on from what was saved, and saves from now on. Never throws: a store that cannot be read is left alone. */
  async open(): Promise<void> {
    try {
      const saved = await this.#store.load();
      if (saved !== undefined) {
        this.#sinceAt = saved.sinceAt;
        this.#sinceSaved = true;
        const rows = [...saved.rows].sort(([, a], [, b]) => a.lastSeenAt.getTime() - b.lastSeenAt.getTime());
        for (const [key, row] of rows) {
          this.#saved.set(key, stampOf(row));
          this.#keep(key, row);
        }
      }
    } catch (error) {
      this.#store = memoryReportStore();
      this.#options.onStoreFailed(error as Error);
    }
    this.#timer = setInterval(() => void this.#save(), this.#options.saveIntervalMs).unref();
  }

  /** Saves for the last time. Never throws. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.#save();
  }

  /** The row of whoever connected, counted as seen now. Strangers make room first, then who connected longest ago. */
  seen(peer: Peer, sender: { readonly name: string; readonly app: string } | undefined): SenderReportRow {
    const { address, servername, tlsVersion, cipher, certificate } = peer;
    const key = [sender?.name, address, certificate?.fingerprint].join(" ");
    const now = new Date(this.#options.clock.now());
    const row: SenderReportRow = this.#rows.get(key) ?? {
      sender: sender?.name,
      app: sender?.app,
      address,
      fingerprint: certificate?.fingerprint,
      subject: certificate?.subject,
      servername,
      tlsVersion,
      cipher,
      firstSeenAt: now,
      lastSeenAt: now,
      connections: 0,
      frames: [0, 0, 0],
      errorResponses: 0,
      feedbackReads: 0,
    };
    // Over weeks these change.
    Object.assign(row, { app: sender?.app, servername, tlsVersion, cipher });
    row.lastSeenAt = now;
    row.connections++;
    this.#keep(key, row);
    return row;
  }

  /** Whoever has this row has sent something. */
  active(row: SenderReportRow): void {
    row.lastSeenAt = new Date(this.#options.clock.now());
  }

  snapshot(): MigrationReport {
    const rows = [...this.#rows.values()].sort((a, b) => framesOf(b) - framesOf(a));
    return { sinceAt: this.#sinceAt, rows };
  }

  #keep(key: string, row: SenderReportRow): void {
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size > maxRows) this.#rows.delete(this.#mostDispensable());
  }

  #mostDispensable(): string {
    for (const [key, { sender }] of this.#rows) if (sender === undefined) return key;
    return this.#rows.keys().next().value!;
  }

  async #save(): Promise<void> {
    if (this.#saving !== undefined) return;
    this.#saving = this.#saveChanges();
    await this.#saving;
    this.#saving = undefined;
  }

  async #saveChanges(): Promise<void> {
    const stamps = new Map([...this.#rows].map(([key, row]) => [key, stampOf(row)]));
    const put = new Map([...this.#rows].filter(([key]) => this.#saved.get(key) !== stamps.get(key)));
    const removed = [...this.#saved.keys()].filter((key) => !this.#rows.has(key));
    if (put.size === 0 && removed.length === 0 && this.#sinceSaved) return;
    try {
      await this.#store.save({ sinceAt: this.#sinceAt, put, removed });
    } catch (error) {
      if (!this.#failing) this.#options.onStoreFailed(error as Error);
      this.#failing = true;
      return;
    }
    this.#failing = false;
    this.#sinceSaved = true;
    for (const key of put.keys()) this.#saved.set(key, stamps.get(key)!);
    for (const key of removed) this.#saved.delete(key);
  }
}

function framesOf({ frames: [simple, enhanced, framed] }: SenderReportRow): number {
  return simple + enhanced + framed;
}

/** Another one whenever anything in the row has changed: every figure only grows, and the rest changes by connecting. */
function stampOf(row: SenderReportRow): string {
  const { lastSeenAt, connections, errorResponses, feedbackReads } = row;
  return `${lastSeenAt.getTime()} ${connections + framesOf(row) + errorResponses + feedbackReads}`;
}
