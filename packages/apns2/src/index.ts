export { ApnsClient, type SendManyResult } from "./client.js";
export { Host, Priority, PushType } from "./constants.js";
export { ApnsError, type ApnsResponseError, type Error, Errors } from "./errors.js";
export {
  type ApnsPayload,
  type CriticalAlertSoundPayload,
  Notification,
  type NotificationOptions,
} from "./notification.js";
export type { ApnsOptions, EncryptedKey, PrivateKey, SigningToken } from "./options.js";
export { SendError } from "./send-error.js";
export { SilentNotification } from "./silent-notification.js";
