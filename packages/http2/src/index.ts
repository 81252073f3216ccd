export * from "@apns/core/sender";
export { ConnectError } from "@apns/net";
export type { ApiRejection, RequestOptions } from "./api-request.js";
export type { ProviderTokenStore, StoredProviderToken } from "./auth/provider-token.js";
export { type SignProviderTokenOptions, signProviderToken } from "./auth/sign-provider-token.js";
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
export type { Http2ClientOptions, Http2TransportOptions, TokenAuth } from "./options.js";
export { previewRequest, type RequestPreview, type RequestPreviewOptions } from "./preview.js";
export type { ExtraHeaders } from "./request-headers.js";
export { Http2Transport, type Http2TransportStats } from "./transport.js";
