import { setTimeout as delay } from "node:timers/promises";
import { ApnsError, type UnregisteredToken } from "@apns/core";
import { checkInteger, checkOptions, maxTimerDelayMs, optionNames } from "@apns/core/internal";
import { hints } from "../options.js";
import { type FeedbackOptions, feedbackList, feedbackNames } from "./feedback.js";

/** Options of `pollFeedback`. */
export interface PollFeedbackOptions extends FeedbackOptions {
  /** From the end of one list to the next connection, in milliseconds. Apple asks for once a day. @default 3_600_000 (1 hour) */
  readonly intervalMs?: number;
  /** Called when a poll fails; the next one follows after the interval. @default the error ends the iteration */
  readonly onError?: (error: ApnsError) => void;
  /** Ends the polling: the iteration then ends without an error. */
  readonly signal?: AbortSignal;
}

const pollFeedbackOptionNames = optionNames<PollFeedbackOptions>({ ...feedbackNames, intervalMs: true, onError: true });

/**
 * Reads the feedback service again and again, until `signal` fires or the iteration is left.
 *
 * The next list is requested when the loop's body has taken the last entry of the current one and returned; nothing is
 * remembered between lists.
 * @throws as `feedback`
 */
export function pollFeedback(options: PollFeedbackOptions): AsyncIterable<UnregisteredToken> {
  checkOptions("pollFeedback", options, pollFeedbackOptionNames, { hints });
  const intervalMs = checkInteger("intervalMs", options.intervalMs ?? 3_600_000, 1, maxTimerDelayMs);
  const once = feedbackList(options);
  return { [Symbol.asyncIterator]: () => poll(once, intervalMs, options) };
}

async function* poll(
  once: AsyncIterable<UnregisteredToken>,
  intervalMs: number,
  { signal, onError }: PollFeedbackOptions,
): AsyncGenerator<UnregisteredToken> {
  const stopped = (): boolean => signal?.aborted === true;
  while (!stopped()) {
    try {
      yield* once;
    } catch (error) {
      if (stopped()) return;
      if (onError === undefined || !(error instanceof ApnsError)) throw error;
      onError(error);
    }
    try {
      await delay(intervalMs, undefined, signal === undefined ? {} : { signal });
    } catch {
      return;
    }
  }
}
