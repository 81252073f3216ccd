import { ApnsError } from "../errors.js";

/** The cause of an `unsent` that found the queue full, with the two ways out. */
export function queueFullError(maxQueued: number): ApnsError {
  const message = `${maxQueued} wait already (maxQueued): use sendAll, which sends no faster than there is room, or set a larger maxQueued.`;
  return new ApnsError("ERR_APNS_QUEUE_FULL", message);
}
