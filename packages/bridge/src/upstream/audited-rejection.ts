import type { Notification } from "@apns/core";
import type { Origin } from "./delivery.js";

/** The audit line of a notification that upstream, or the bridge itself, did not accept. */
export interface AuditedRejection extends Origin {
  readonly app: string;
  readonly command: number;
  readonly identifier: number | undefined;
  /** Lower-case hexadecimal; empty if the frame had none, or could not be read. */
  readonly deviceToken: string;
  /** `undefined` if it never went upstream. */
  readonly apnsId: string | undefined;
  /** A digest of payload and priority, the same for the same content; `undefined` if no notification could be made of the frame. */
  readonly digest: string | undefined;
  /** A reason of APNs', or another cause of `rules`. */
  readonly cause: string;
  /** More words, where there are any. */
  readonly detail: string | undefined;
  /**
   * The verdict: `accepted`, `feedback`, `shutdown`, `closed` or, out of the hold, `dropped`; or `status 8`, the status code for the sender. The sender
   * does not see it if a frame before this one failed as well.
   */
  readonly done: string;
  /** Whether it came out of the hold on disk: it was success for the sender, which sees nothing of this verdict. */
  readonly held: boolean;
  /** Whether the sender had ended its side, so that it hears nothing of the verdict. */
  readonly isGone: boolean;
  /** As it goes upstream; `undefined` if none could be made of the frame, or it has expired. */
  readonly notification: Notification | undefined;
}
