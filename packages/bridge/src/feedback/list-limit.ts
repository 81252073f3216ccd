import { ApnsError } from "@apns/core";

/** How many feedback tuples wait per topic at most, unless another number is given. */
export const usualMaxPerTopic = 1_000_000;

/** The error of a tuple for which a topic's list has no room. */
export function listIsFull(topic: string, maxPerTopic: number): ApnsError {
  return new ApnsError("ERR_APNS_QUEUE_FULL", `${maxPerTopic} feedback tuples wait for ${topic}; read them.`);
}
