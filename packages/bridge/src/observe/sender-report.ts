import type { Clock } from "@apns/core";
import type { Peer } from "../server/peer.js";

/** What is known of one legacy sender at one address: whom to move to the modern wire next. */
export interface SenderReportRow {
  /** Its name, or `undefined` for a stranger that was turned away. */
  readonly sender: string | undefined;
  readonly app: string | undefined;
  readonly address: string;
  readonly fingerprint: string | undefined;
  readonly subject: string | undefined;
  readonly servername: string | undefined;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly firstSeenAt: Date;
  lastSeenAt: Date;
  connections: number;
  /** Frames of command 0, 1 and 2. */
  readonly frames: [number, number, number];
  errorResponses: number;
  /** Connections to the feedback service. */
  feedbackReads: number;
}

/** Strangers cost nothing to be: what is kept of senders and addresses has a limit. */
const maxRows = 10_000;

/** The migration report: which senders still arrive, from where, how much, with which commands. */
export class SenderReport {
  readonly #clock: Clock;
  readonly #rows = new Map<string, SenderReportRow>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The row of whoever connected, counted as seen now. Rows not seen for longest make room. */
  seen(peer: Peer, sender: { readonly name: string; readonly app: string } | undefined): SenderReportRow {
    const { address, servername, tlsVersion, cipher, certificate } = peer;
    const key = [sender?.name, address, certificate?.fingerprint].join(" ");
    const now = new Date(this.#clock.now());
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
    row.lastSeenAt = now;
    row.connections++;
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size > maxRows) this.#rows.delete(this.#rows.keys().next().value!);
    return row;
  }

  /** The busiest first. */
  rows(): readonly SenderReportRow[] {
    const total = ({ frames: [simple, enhanced, framed] }: SenderReportRow) => simple + enhanced + framed;
    return [...this.#rows.values()].sort((a, b) => total(b) - total(a));
  }
}
