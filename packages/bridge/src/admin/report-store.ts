import type { SenderReportRow } from "./report-row.js";

/** The migration report as it was saved. */
export interface SavedReport {
  /** When counting began. */
  readonly sinceAt: Date;
  readonly rows: ReadonlyMap<string, SenderReportRow>;
}

/** The changes since the last save. */
export interface ReportChanges {
  readonly sinceAt: Date;
  /** Rows that are new or have changed, by key; not to be kept, since the bridge counts on in them. */
  readonly put: ReadonlyMap<string, SenderReportRow>;
  /** The keys of rows that have left the report. */
  readonly removed: readonly string[];
}

/** Storage in which the migration report outlives the bridge. */
export interface ReportStore {
  /** The saved report; `undefined` if nothing was ever saved. Called once, before the bridge listens. */
  load(): Promise<SavedReport | undefined>;
  /** Takes in all changes or none. When the promise resolves, they are kept. Calls never overlap. */
  save(changes: ReportChanges): Promise<void>;
}

/** A report that does not outlive the process: for trials and tests. */
export function memoryReportStore(): ReportStore {
  return new MemoryReportStore();
}

class MemoryReportStore implements ReportStore {
  readonly #rows = new Map<string, SenderReportRow>();
  #sinceAt: Date | undefined;

  async load(): Promise<SavedReport | undefined> {
    return this.#sinceAt && { sinceAt: this.#sinceAt, rows: structuredClone(this.#rows) };
  }

  async save({ sinceAt, put, removed }: ReportChanges): Promise<void> {
    this.#sinceAt = sinceAt;
    for (const [key, row] of put) this.#rows.set(key, structuredClone(row));
    for (const key of removed) this.#rows.delete(key);
  }
}
