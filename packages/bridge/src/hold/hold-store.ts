import type { PushType } from "@apns/core";

/** A notification that was taken from a sender, and that upstream has not taken yet. */
export interface HeldNotification {
  /** The sender's name, and the connection and address that the frame came by: for the audit. */
  readonly sender: string;
  readonly connection: number;
  readonly address: string;
  readonly command: number;
  readonly identifier: number | undefined;
  /** Lower-case hexadecimal. */
  readonly deviceToken: string;
  readonly apnsId: string;
  readonly payload: Uint8Array;
  readonly pushType: PushType;
  readonly priority: number | undefined;
  /** UNIX seconds; `undefined` if the frame had no expiry. */
  readonly expiration: number | undefined;
  readonly heldAt: Date;
}

/** A notification in the store. */
export interface HoldEntry {
  readonly notification: HeldNotification;
  /** Its place in the order in which the notifications of all apps were added. */
  readonly sequence: number;
  /** Whether upstream may have processed it: it was written, and no verdict came. */
  readonly uncertain: boolean;
  /** What it takes in the store. */
  readonly bytes: number;
}

export interface HoldSize {
  readonly notifications: number;
  readonly bytes: number;
}

/** Changes to one app's part of the store: all of them are made, or none. */
export interface HoldChanges {
  /** Entries that upstream has decided: removed. */
  readonly decided?: readonly HoldEntry[];
  /** Entries that stay, and that upstream may have processed. */
  readonly uncertain?: readonly HoldEntry[];
  /** The entries, from the first sequence to the last, that go upstream now: uncertain if the process ends before the next change. */
  readonly trying?: { readonly first: number; readonly last: number } | undefined;
}

/** Storage of notifications that outlives the process, in the order in which they came. */
export interface HoldStore {
  /**
   * Adds a notification at the end of an app's list. When the promise resolves with true, it is on disk; with false, there is no
   * room for it. Rejects if it cannot be written.
   */
  add(app: string, notification: HeldNotification, uncertain: boolean): Promise<boolean>;
  /** The oldest entries behind `after`, at most `limit` of them. */
  read(app: string, after: number, limit: number): Promise<readonly HoldEntry[]>;
  change(app: string, changes: HoldChanges): Promise<void>;
  /** Resolves when all that was asked for is on disk, or has failed. */
  written(): Promise<void>;
  /** What waits for an app, additions in flight included. */
  size(app: string): HoldSize;
  /** The same for all apps for which anything waits. */
  sizes(): ReadonlyMap<string, HoldSize>;
}
