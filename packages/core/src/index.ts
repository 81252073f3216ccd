// The whole contract: the part for senders, and the parts for tools that make or read notifications and outcomes.
export { systemClock } from "./clock.js";
export {
  assertDeviceToken,
  decodeDeviceToken,
  deviceTokenProblem,
  encodeDeviceToken,
  maxDeviceTokenBytes,
} from "./device-token.js";
export { type CertificateAuthorities, type ResolvedEndpoint, resolveEnvironment, type Service } from "./environment.js";
export type { ApnsErrorOptions, InvalidArgumentOptions } from "./errors.js";
export { assertNotification, notificationProblem } from "./notification.js";
export { rejectedByHttp, rejectedByStatus } from "./outcome.js";
export { assertPayloadFits, encodePayload, largestKeys } from "./payload/encode-payload.js";
export { isAppleMailTopic } from "./push-type.js";
export * from "./sender.js";
