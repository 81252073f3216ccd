import type { Clock } from "@apns/core";
import type { Peer } from "../accept/peer.js";
import type { SenderReportRow } from "./report-row.js";
import { memoryReportStore, type ReportStore } from "./report-store.js";

/** The legacy senders that still arrive, from where, how much, with which commands. */
export interface MigrationReport {
  /** When counting began: with the first start of a bridge that had this `reportStore`. */
  readonly sinceAt: Date;
  /** The busiest first. */
  readonly rows: readonly SenderReportRow[];
}

export interface SenderReportOptions {
  readonly clock: Clock;
  readonly store: ReportStore;
  readonly saveIntervalMs: number;
  /** Called for the first of several failures in a row; a failure has no other effect. */
  readonly onStoreFailed: (error: Error) => void;
}

/** Anybody can arrive as a stranger, so that the rows have a limit, on disk too. */
const maxRows = 10_000;

/**
 * The migration report. Counts stand in the rows and nowhere else; a save finds the changed rows by comparison.
 */
export class SenderReport {
  readonly #options: SenderReportOptions;
  /** In the order of their last connection. */
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

  /** Loads the saved report, and saves from now on. Never throws: a store that cannot be read is left alone. */
  async open(): Promise<void> {
    try {
      const saved = await this.#store.load();
      if (saved !== undefined) {
        this.#sinceAt = saved.sinceAt;
        this.#sinceSaved = true;
        const rows = [...saved.rows].sort(([, a], [, b]) => a.lastSeenAt.getTime() - b.lastSeenAt.getTime());
        for (const [key, row] of rows) {
          this.#saved.set(key, stampOf(row));
          // None of the connections of before is held now.
          row.waiting = 0;
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

  /** The row of a peer, counted as seen now. Rows of strangers make room first, then those seen longest ago. */
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
      waiting: 0,
      frames: [0, 0, 0],
      errorResponses: 0,
      delivered: 0,
      held: 0,
      refused: 0,
      unconfirmedRetries: 0,
      unconfirmedAccepted: 0,
      feedbackReads: 0,
    };
    // These change over weeks.
    Object.assign(row, { app: sender?.app, servername, tlsVersion, cipher });
    row.lastSeenAt = now;
    row.connections++;
    this.#keep(key, row);
    return row;
  }

  /** The sender of this row has sent something. */
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

/** Differs whenever anything in the row has changed: the other figures only grow, and the rest changes by connecting. */
function stampOf(row: SenderReportRow): string {
  const { lastSeenAt, connections, waiting, errorResponses, feedbackReads } = row;
  const { delivered, held, refused, unconfirmedRetries, unconfirmedAccepted } = row;
  const told = delivered + held + refused + unconfirmedRetries + unconfirmedAccepted;
  return `${lastSeenAt.getTime()} ${waiting} ${connections + framesOf(row) + errorResponses + feedbackReads + told}`;
}
