import type { CloseOptions, SendOptions } from "../transport.js";
import { checkInteger, checkSignal } from "./check.js";
import { checkOptions, optionNames } from "./check-options.js";
import { maxTimerDelayMs } from "./timers.js";

const sendOptionNames = optionNames<SendOptions>({ apnsId: true, timeoutMs: true, signal: true });
const closeOptionNames = optionNames<CloseOptions>({ timeoutMs: true });

/** Throws unless the options of `send` are known. @throws {InvalidArgumentError} naming the option */
export function checkSendOptionNames(options: SendOptions): void {
  checkOptions("send", options, sendOptionNames);
}

/**
 * Throws unless the options of `send` are known and of the right kind. For transports that use them before another one checks them;
 * `apnsId` is left to that one.
 * @throws {InvalidArgumentError} naming the option
 */
export function checkSendOptions(options: SendOptions): void {
  checkSendOptionNames(options);
  if (options.signal !== undefined) checkSignal("signal", options.signal);
  if (options.timeoutMs !== undefined) checkInteger("timeoutMs", options.timeoutMs, 1);
}

/** The `timeoutMs` of `close`, or its default. @throws {InvalidArgumentError} naming the option that is wrong or not known */
export function closeTimeoutMs(options: CloseOptions): number {
  checkOptions("close", options, closeOptionNames);
  return checkInteger("timeoutMs", options.timeoutMs ?? 10_000, 0, maxTimerDelayMs);
}
