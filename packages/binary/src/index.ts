// What a sender needs of the contract, so that this package can be the only install.
export {
  type Accepted,
  type AlertAps,
  type AlertOptions,
  ApnsError,
  type ApnsErrorCode,
  type ApsAlert,
  alert,
  type BackgroundAps,
  type BackgroundOptions,
  background,
  type CloseOptions,
  type CustomKeys,
  type DeliveryOptions,
  type Endpoint,
  type Environment,
  type Expiration,
  InvalidArgumentError,
  type LegacyStatusRow,
  legacyStatuses,
  legacyStatusRow,
  Notification,
  type NotificationOptions,
  normalizeDeviceToken,
  notification,
  type Outcome,
  type OutcomeCounts,
  PayloadTooLargeError,
  type Priority,
  type PushType,
  type Reason,
  type Rejected,
  type SendAllOptions,
  type SendAllRun,
  type SendItem,
  type SendOptions,
  type SendProgress,
  type SendResult,
  type SendSource,
  type SendSummary,
  sendAll,
  type Transport,
  type TransportStats,
  type Unconfirmed,
  type Unsent,
} from "@apns/core";
export type { ConnectionEnded } from "./connection-ended.js";
export { FeedbackCutError, type FeedbackOptions, feedback, type Unregistered } from "./feedback.js";
export { type PollFeedbackOptions, pollFeedback } from "./feedback-poller.js";
export type { Format } from "./format.js";
export type { BinaryTransportOptions, LegacyConnectOptions } from "./options.js";
export type { SessionEnding } from "./session.js";
export { BinaryTransport, type BinaryTransportStats } from "./transport.js";
