// Plumbing for the transports, wrappers and services of this family. It does not follow semantic versioning: use it only with the
// same version of all packages.
export { BackOff, type BackOffOptions, backOffDelayMs } from "./back-off.js";
export { BadTokenGuard, type BadTokenGuardOptions } from "./bad-token-guard.js";
export { runCallback, runCallbackSoon } from "./callback.js";
export {
  checkFlag,
  checkFunction,
  checkHeaderText,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkSignal,
  checkText,
  show,
} from "./check.js";
export { type CheckOptionsDetails, checkOptions, type OptionNames, optionNames } from "./check-options.js";
export { checkTransport } from "./check-transport.js";
export { ConnectionListeners } from "./connection-listeners.js";
export { ConnectionRetryLimit } from "./connection-retry-limit.js";
export { cutText } from "./cut-text.js";
export { DrainDeadline } from "./drain-deadline.js";
export { Fifo } from "./fifo.js";
export { type ForeseenAnswer, foreseenAnswer } from "./foreseen-answer.js";
export { escapeJson, printable, printableJson } from "./printable.js";
export { queueFullError } from "./queue-full.js";
export { describeSecret, isHiddenPath, mightBeSecret, secretKind, showPath, withoutSecrets } from "./secret.js";
export { checkSendOptionNames, closeTimeoutMs } from "./send-options.js";
export { SendQueue, type SendQueueOptions } from "./send-queue.js";
export { SignalRegistry } from "./signal-registry.js";
export { maxTimerDelayMs } from "./timers.js";
export { addStats, waitingOnly } from "./transport-stats.js";
export { type VerbatimFields, verbatimNotification } from "./verbatim-notification.js";
