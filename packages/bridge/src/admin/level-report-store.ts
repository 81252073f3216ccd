import type { ClassicLevel } from "classic-level";
import type { SenderReportRow } from "./report-row.js";
import type { ReportChanges, ReportStore, SavedReport } from "./report-store.js";

/** Keys of rows hold two blanks at least. */
const sinceKey = "since";

/** The migration report in a part of the bridge's LevelDB. Values are JSON. */
export class LevelReportStore implements ReportStore {
  readonly #db: ClassicLevel<string, string>;
  readonly #part;

  constructor(db: ClassicLevel<string, string>) {
    this.#db = db;
    // Keys of the part begin with a byte that no topic holds, so that they never stand among feedback tuples.
    this.#part = db.sublevel("report", { separator: "\0" });
  }

  async load(): Promise<SavedReport | undefined> {
    const since = await this.#part.get(sinceKey);
    if (since === undefined) return undefined;
    const rows = new Map<string, SenderReportRow>();
    for await (const [key, value] of this.#part.iterator()) if (key !== sinceKey) rows.set(key, decode(value));
    return { sinceAt: new Date(JSON.parse(since)), rows };
  }

  save({ sinceAt, put, removed }: ReportChanges): Promise<void> {
    const sublevel = this.#part;
    return this.#db.batch(
      [
        { type: "put" as const, sublevel, key: sinceKey, value: JSON.stringify(sinceAt) },
        ...[...put].map(([key, row]) => ({ type: "put" as const, sublevel, key, value: JSON.stringify(row) })),
        ...removed.map((key) => ({ type: "del" as const, sublevel, key })),
      ],
      { sync: true },
    );
  }
}

/** JSON has left out the fields that are undefined. */
function decode(value: string): SenderReportRow {
  const row = JSON.parse(value);
  const { sender, app, fingerprint, subject, servername } = row;
  const dates = { firstSeenAt: new Date(row.firstSeenAt), lastSeenAt: new Date(row.lastSeenAt) };
  const later = { waiting: 0, delivered: 0, held: 0, refused: 0, unconfirmedRetries: 0, unconfirmedAccepted: 0 };
  return { ...later, ...row, sender, app, fingerprint, subject, servername, ...dates };
}
