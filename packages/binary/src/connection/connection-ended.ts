import type { ApnsError } from "@apns/core";
import type { SessionEnding } from "./session.js";

/** How a connection ended, and what that proved of the notifications on it. */
export interface ConnectionEnded {
  /**
   * `"confirmed"`: the barrier was answered. `"refused"`: the gateway refused one notification. `"shutdown"`: status code
   * 10. `"unattributed"`: an error response that names no notification of ours. `"lost"`: no answer. `"unanswered"`: the barrier was not
   * answered in time. `"idle"`: closed by this side without notifications on it. `"connectFailed"`: it was never open.
   */
  readonly ending: SessionEnding | "idle" | "connectFailed";
  /** Of the error response, if there was one. */
  readonly statusCode: number | undefined;
  /** Of the error response, if there was one. */
  readonly identifier: number | undefined;
  readonly accepted: number;
  readonly rejected: number;
  /** Discarded by the gateway; they are sent again. */
  readonly unprocessed: number;
  /** May or may not have been accepted. */
  readonly unknown: number;
  readonly error: ApnsError;
}
