export {
  type Accepted,
  type AlertAps,
  type AlertOptions,
  ApnsError,
  type ApnsErrorCode,
  type ApsAlert,
  alert,
  type BackgroundOptions,
  background,
  type CloseOptions,
  type DeliveryOptions,
  type Endpoint,
  type Environment,
  type Expiration,
  InvalidArgumentError,
  Notification,
  type NotificationOptions,
  normalizeDeviceToken,
  notification,
  type Outcome,
  type PayloadInput,
  PayloadTooLargeError,
  type Priority,
  type PushType,
  type Reason,
  type Rejected,
  type RetryPolicy,
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
  withRetry,
} from "@apns/core";
export { ConnectError } from "@apns/dial";
export type { Refusal, RequestOptions } from "./api-request.js";
export type { ProviderTokenStore, StoredProviderToken } from "./auth/provider-token.js";
export type { SigningKeyInput } from "./auth/signing-key.js";
export { BroadcastNotification, type BroadcastNotificationOptions } from "./broadcast/broadcast-notification.js";
export type { BroadcastOutcome } from "./broadcast/broadcaster.js";
export {
  type Channel,
  ChannelClient,
  type ChannelClientOptions,
  type CreateChannelOptions,
  type MessageStorage,
} from "./broadcast/channel-client.js";
export { ChannelError } from "./broadcast/channel-error.js";
export type { CertificateAuth, Http2ClientOptions, Http2TransportOptions, TokenAuth } from "./options.js";
export type { ExtraHeaders } from "./request.js";
export { Http2Transport, type Http2TransportStats } from "./transport.js";
