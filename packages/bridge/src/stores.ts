import { ApnsError } from "@apns/core";
import { checkInteger, checkText, maxTimerDelayMs } from "@apns/core/internal";
import { ClassicLevel } from "classic-level";
import { LevelReportStore } from "./admin/level-report-store.js";
import type { ReportStore } from "./admin/report-store.js";
import type { FeedbackStore } from "./feedback/feedback-store.js";
import { LevelFeedbackStore } from "./feedback/level-store.js";
import { usualMaxPerTopic } from "./feedback/list-limit.js";
import type { HoldStore } from "./hold/hold-store.js";
import { LevelHoldStore } from "./hold/level-hold-store.js";

export interface StoresOptions {
  /** A directory of the stores' own; made if it is not there. One process at a time may have it open. */
  readonly path: string;
  /** How long to wait for another process that has it open, in milliseconds. @default 0 */
  readonly waitMs?: number;
  /** How many feedback tuples wait per topic at most. @default 1_000_000 */
  readonly maxPerTopic?: number;
  /** How many notifications are held per app at most. @default 1_000_000 */
  readonly maxHeld?: number;
  /** How many bytes these may take, per app. @default 1 GiB */
  readonly maxHeldBytes?: number;
}

const usualMaxHeld = 1_000_000;
const usualMaxHeldBytes = 2 ** 30;

/** The stores of a bridge that are on disk. */
export interface Stores {
  readonly feedbackStore: FeedbackStore;
  readonly holdStore: HoldStore;
  readonly reportStore: ReportStore;
  /** To be called when the bridge has been closed. */
  close(): Promise<void>;
}

/**
 * Opens the feedback list, the hold and the migration report on disk: one LevelDB, written with fsync.
 * @throws {ApnsError} `ERR_APNS_STORE` if the directory cannot be used
 */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const path = checkText("path", options.path);
  const maxPerTopic = checkInteger("maxPerTopic", options.maxPerTopic ?? usualMaxPerTopic, 1);
  const holdLimits = {
    maxNotifications: checkInteger("maxHeld", options.maxHeld ?? usualMaxHeld, 1),
    maxBytes: checkInteger("maxHeldBytes", options.maxHeldBytes ?? usualMaxHeldBytes, 1),
  };
  const db = new ClassicLevel<string, string>(path);
  const waitMs = checkInteger("waitMs", options.waitMs ?? 0, 0, maxTimerDelayMs);
  await open(db, path, performance.now() + waitMs);
  const feedbackStore = await LevelFeedbackStore.load(db, maxPerTopic);
  const holdStore = await LevelHoldStore.load(db, holdLimits);
  const reportStore = new LevelReportStore(db);
  const close = async (): Promise<void> => {
    await feedbackStore.written();
    await holdStore.written();
    await db.close();
  };
  return { feedbackStore, holdStore, reportStore, close };
}

/** Between attempts to open a store that another process has open, in milliseconds. */
const retryMs = 25;

async function open(db: ClassicLevel<string, string>, path: string, untilMs: number): Promise<void> {
  for (;;) {
    try {
      await db.open();
      return;
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error & { code?: string } };
      const isLocked = cause?.code === "LEVEL_LOCKED";
      if (!isLocked || performance.now() >= untilMs) {
        const why = isLocked ? "another process has it open" : (cause?.message ?? message);
        throw new ApnsError("ERR_APNS_STORE", `The store at ${path} cannot be opened: ${why}.`, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}
