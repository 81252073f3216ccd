import type { CloseOptions, SendOptions } from "../transport.js";
import { checkOptions, optionNames } from "./check-options.js";

const sendOptionNames = optionNames<SendOptions>({ apnsId: true, timeoutMs: true, signal: true });
const closeOptionNames = optionNames<CloseOptions>({ timeoutMs: true });

/** Throws unless the options of `send` are known. @throws {InvalidArgumentError} naming the option */
export function checkSendOptionNames(options: SendOptions): void {
  checkOptions("send", options, sendOptionNames);
}

/** Throws unless the options of `close` are known. @throws {InvalidArgumentError} naming the option */
export function checkCloseOptionNames(options: CloseOptions): void {
  checkOptions("close", options, closeOptionNames);
}
