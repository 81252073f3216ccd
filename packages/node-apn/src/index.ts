import { Notification } from "./notification/notification.js";
import { MultiProvider, Provider } from "./provider.js";
import { token } from "./token.js";

export type { ChannelAction } from "./channels.js";
export type { Logger } from "./logger.js";
export type { NotificationHeaders } from "./notification/notification.js";
export type {
  Aps,
  ApsNotificationInterruptionLevel,
  ApsSound,
  NotificationAlertOptions,
  NotificationPushType,
} from "./notification/payload-types.js";
export { ProviderError } from "./provider-error.js";
export type { HttpProxy, MultiProviderOptions, ProviderOptions, ProviderToken } from "./provider-options.js";
export type {
  BroadcastResponse,
  BroadcastResponseFailure,
  LoggerResponse,
  LoggerResponseFailure,
  ResponseFailure,
  ResponseSent,
  Responses,
} from "./responses.js";
export { MultiProvider, Notification, Provider, token };

/** node-apn is a CommonJS module: ES modules write `import apn from "@parse/node-apn"`. */
const apn: {
  readonly Provider: typeof Provider;
  readonly MultiProvider: typeof MultiProvider;
  readonly Notification: typeof Notification;
  readonly token: typeof token;
} = { Provider, MultiProvider, Notification, token };
// biome-ignore lint/style/noDefaultExport: the default import has to work without a change of code
export default apn;
