// The part of the contract that senders use. Both transports re-export all of it, so that either can be the only install.
export type { CertificateAuth } from "./auth.js";
export type { Clock } from "./clock.js";
export type { ConnectionEvent, ConnectionListener } from "./connection-event.js";
export { normalizeDeviceToken } from "./device-token.js";
export { type AppleEnvironment, appleEndpoints, type Endpoint, type Environment } from "./environment.js";
export {
  ApnsError,
  type ApnsErrorCode,
  InvalidArgumentError,
  type PayloadKeySize,
  PayloadTooLargeError,
} from "./errors.js";
export type { Expiration } from "./expiration.js";
export {
  InMemoryTransport,
  type InMemoryTransportOptions,
  type RecordedSend,
  type ScriptedAnswer,
} from "./in-memory-transport.js";
export { type LegacyStatusRow, legacyStatuses, legacyStatusRow } from "./legacy-status.js";
export { Notification, notification } from "./notification.js";
export type { DeliveryOptions, NotificationOptions, PayloadFitOptions } from "./notification-options.js";
export { type Accepted, type Outcome, outcomeKinds, type Rejected, type Unconfirmed, type Unsent } from "./outcome.js";
export type { AlertAps, ApsAlert, BackgroundAps, CriticalSound, UnixSeconds } from "./payload/aps.js";
export type { PayloadInput } from "./payload/encode-payload.js";
export { type InspectPayloadOptions, inspectPayload } from "./payload/inspect-payload.js";
export type { CustomKeys, Json, JsonValue, Serializable } from "./payload/json.js";
export type {
  LiveActivityAlert,
  LiveActivityEndAps,
  LiveActivityStartAps,
  LiveActivityText,
  LiveActivityUpdateAps,
} from "./payload/live-activity-aps.js";
export type { PayloadFinding, PayloadFindingCode } from "./payload/payload-findings.js";
export type { Truncation } from "./payload/truncate.js";
export type { Priority } from "./priority.js";
export {
  type KnownPushType,
  maxPayloadBytes,
  type PushType,
  type PushTypeRow,
  pushTypeRow,
  pushTypes,
  topicFor,
  type Wire,
} from "./push-type.js";
export { type AlertOptions, alert } from "./push-types/alert.js";
export { type BackgroundOptions, background } from "./push-types/background.js";
export { type ComplicationOptions, complication } from "./push-types/complication.js";
export { type FileProviderOptions, fileProvider } from "./push-types/file-provider.js";
export {
  type LiveActivityEndOptions,
  type LiveActivityStartOptions,
  type LiveActivityUpdateOptions,
  liveActivity,
} from "./push-types/live-activity.js";
export { type LocationOptions, location } from "./push-types/location.js";
export { type MdmOptions, mdm } from "./push-types/mdm.js";
export { push } from "./push-types/push.js";
export { type PushToTalkOptions, pushToTalk } from "./push-types/push-to-talk.js";
export { type VoipOptions, voip } from "./push-types/voip.js";
export { type WalletPassOptions, walletPass } from "./push-types/wallet-pass.js";
export { controls, widgets } from "./push-types/widgets.js";
export {
  isRetryable,
  type KnownReason,
  type Reason,
  type ReasonApi,
  type ReasonRow,
  type RetryRule,
  reasonRow,
  reasons,
} from "./reason.js";
export type { OutcomeCounts } from "./sending/outcome-tally.js";
export { type SendAllOptions, type SendAllRun, type SendResult, sendAll } from "./sending/send-all.js";
export type { SendItem, SendSource } from "./sending/send-source.js";
export type { SendProgress, SendSummary } from "./sending/send-summary.js";
export { type AlertTemplateOptions, alertTemplate, type Fillable } from "./template/alert-template.js";
export type { FieldValue, FieldValues } from "./template/field-values.js";
export {
  NotificationTemplate,
  type NotificationTemplateOptions,
  notificationTemplate,
  type Placeholder,
  type TemplateDeliveryOptions,
} from "./template/notification-template.js";
export type { CloseOptions, SendOptions, Transport, TransportStats } from "./transport.js";
export type { UnregisteredToken } from "./unregistered-token.js";
export {
  type BadDeviceTokenOptions,
  type DeadToken,
  type DeadTokenHook,
  type DeadTokenOptions,
  type DropDeadTokensOptions,
  deadTokenHook,
  dropDeadTokens,
} from "./wrappers/dead-tokens.js";
export { type EitherEnvironmentOptions, eitherEnvironment } from "./wrappers/either-environment.js";
export {
  type EnvironmentMemoryOptions,
  type EnvironmentStore,
  environmentMemory,
} from "./wrappers/environment-memory.js";
export { type FailoverOptions, failover, isTransportFailure, type NonAcceptedOutcome } from "./wrappers/failover.js";
export { type ObservedSend, observe, type TransportObserver } from "./wrappers/observe.js";
export { type RateLimitedTransport, type RateLimitOptions, rateLimit } from "./wrappers/rate-limit.js";
export {
  type SplitSideCounts,
  type SplitTrafficOptions,
  splitTraffic,
  type TrafficSplit,
} from "./wrappers/split-traffic.js";
export { type RetryPolicy, withRetry } from "./wrappers/with-retry.js";
