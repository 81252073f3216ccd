import type { Notification } from "./notification.js";

/** The names of the client's events: APNs' reasons, and `error` for all of them. */
export const Errors = {
  badCertificate: "BadCertificate",
  badCertificateEnvironment: "BadCertificateEnvironment",
  badCollapseId: "BadCollapseId",
  badDeviceToken: "BadDeviceToken",
  badExpirationDate: "BadExpirationDate",
  badMessageId: "BadMessageId",
  badPath: "BadPath",
  badPriority: "BadPriority",
  badTopic: "BadTopic",
  deviceTokenNotForTopic: "DeviceTokenNotForTopic",
  duplicateHeaders: "DuplicateHeaders",
  error: "Error",
  expiredProviderToken: "ExpiredProviderToken",
  forbidden: "Forbidden",
  idleTimeout: "IdleTimeout",
  internalServerError: "InternalServerError",
  invalidProviderToken: "InvalidProviderToken",
  invalidPushType: "InvalidPushType",
  invalidSigningKey: "InvalidSigningKey",
  methodNotAllowed: "MethodNotAllowed",
  missingDeviceToken: "MissingDeviceToken",
  missingProviderToken: "MissingProviderToken",
  missingTopic: "MissingTopic",
  payloadEmpty: "PayloadEmpty",
  payloadTooLarge: "PayloadTooLarge",
  serviceUnavailable: "ServiceUnavailable",
  shutdown: "Shutdown",
  tooManyProviderTokenUpdates: "TooManyProviderTokenUpdates",
  tooManyRequests: "TooManyRequests",
  topicDisallowed: "TopicDisallowed",
  unknownError: "UnknownError",
  unregistered: "Unregistered",
} as const;

export type Error = (typeof Errors)[keyof typeof Errors];

export interface ApnsResponseError {
  reason: string;
  /** Since when the device token is dead, in milliseconds; of `Unregistered` and `ExpiredToken` only. */
  timestamp: number;
}

/** APNs refused the notification. */
export class ApnsError extends globalThis.Error {
  /** The HTTP status. */
  readonly statusCode: number;
  readonly notification: Notification;
  readonly response: ApnsResponseError;

  constructor(props: { statusCode: number; notification: Notification; response: ApnsResponseError }) {
    super(`APNS Error: ${props.statusCode} - ${props.response?.reason}`);
    this.statusCode = props.statusCode;
    this.notification = props.notification;
    this.response = props.response;
  }

  get reason(): string {
    return this.response.reason;
  }

  get timestamp(): number {
    return this.response.timestamp;
  }
}
