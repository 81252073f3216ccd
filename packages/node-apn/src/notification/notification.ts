import type { Aps, NotificationAlertOptions } from "./payload-types.js";
import type { AlertProperties, ApsProperties, HeaderProperties } from "./properties.js";
import { type ApsSetter, alertSetters, apsSetters, ignored, otherChainable, setterName } from "./setters.js";

/** The header fields of a notification, by their names on the wire. */
export type NotificationHeaders = Record<string, string | number>;

type Chainable = keyof ApsProperties | keyof AlertProperties | (typeof otherChainable)[number];

/** `setThreadId(value)` for `threadId`, and so on: sets the property and returns the notification. */
type ChainableSetters = {
  [Property in Chainable as `set${Capitalize<Property>}`]: <Self>(
    this: Self,
    value: Notification[Property] | undefined,
  ) => Self;
};

export interface Notification extends HeaderProperties, ApsProperties, AlertProperties, ChainableSetters {}

/**
 * A notification as node-apn has it: properties that are set one by one, and a payload made of them when it is sent.
 *
 * A property whose value is of the wrong kind (a text for `badge`) is ignored, and `undefined` removes it.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the properties of the tables are defined on the prototype, below
export class Notification {
  encoding: BufferEncoding = "utf8";
  /** The sender's own keys, beside `aps`. */
  // biome-ignore lint/suspicious/noExplicitAny: the sender's own
  payload: any = {};
  /** The payload as it was last compiled. */
  compiled: string | false = false;
  aps: Aps = {};
  /** UNIX seconds; 0 is one attempt and no storage; below 0 (the default) the header is left out. */
  expiry = -1;
  priority = 10;
  declare _mdm?: unknown;

  /** @param properties properties of the notification to begin with, such as `{ alert, topic, payload }` */
  // biome-ignore lint/suspicious/noExplicitAny: as in node-apn's typings
  constructor(properties?: any) {
    if (typeof properties === "object" && properties !== null) Object.assign(this, properties);
  }

  get alert(): string | NotificationAlertOptions {
    return this.aps.alert as string | NotificationAlertOptions;
  }

  set alert(value: string | NotificationAlertOptions) {
    this.aps.alert = value;
  }

  /** The alert's text: the alert itself, or the body of one that has several parts. */
  get body(): string {
    const { alert } = this.aps;
    return (isObject(alert) ? alert["body"] : alert) as string;
  }

  set body(value: string) {
    const { alert } = this.aps;
    if (isObject(alert)) alert["body"] = value;
    else this.aps.alert = value;
  }

  /** Of device management: a text is then the whole payload; anything else is ignored. */
  get mdm(): string | object {
    return this._mdm as string;
  }

  set mdm(value: string | object) {
    this._mdm = value;
  }

  /** Makes an object of the alert, if it is none yet, so that it can have a title. */
  prepareAlert(): void {
    if (!isObject(this.aps.alert)) this.aps.alert = { body: this.aps.alert as string };
  }

  headers(): NotificationHeaders {
    const { priority, expiry, id, collapseId, requestId, channelId, topic, pushType } = this;
    return {
      ...(Number.isInteger(priority) && { "apns-priority": priority }),
      ...(expiry !== null && expiry >= 0 && { "apns-expiration": expiry }),
      ...(id && { "apns-id": id }),
      ...(collapseId && { "apns-collapse-id": collapseId }),
      ...(requestId && { "apns-request-id": requestId }),
      ...(channelId && { "apns-channel-id": channelId }),
      ...(topic && { "apns-topic": topic }),
      ...(pushType && { "apns-push-type": pushType }),
    };
  }

  /** The payload as JSON, of the properties as they are now. @throws {TypeError} if JSON cannot hold it */
  compile(): string {
    this.compiled = JSON.stringify(this);
    return this.compiled;
  }

  /** The payload's size in bytes. */
  length(): number {
    return Buffer.byteLength(this.compile(), this.encoding || "utf8");
  }

  /** `aps`, unless it has no value at all. */
  apsPayload(): Aps | undefined {
    return Object.values(this.aps).some((value) => value !== undefined) ? this.aps : undefined;
  }

  /** The payload as an object. */
  toJSON(): object {
    if (this.rawPayload !== undefined && this.rawPayload !== null) return this.rawPayload;
    if (typeof this._mdm === "string") return { mdm: this._mdm };
    return { ...this.payload, aps: this.apsPayload() };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function define(
  property: string,
  get: (this: Notification) => unknown,
  set: (this: Notification, value: unknown) => void,
): void {
  Object.defineProperty(Notification.prototype, property, { get, set, enumerable: true, configurable: true });
}

for (const [property, { key, take, read }] of Object.entries<ApsSetter>(apsSetters)) {
  define(
    property,
    function () {
      const stored: unknown = this.aps[key];
      return read === undefined ? stored : read(stored);
    },
    function (value) {
      const taken = take(value);
      if (taken !== ignored) this.aps[key] = taken;
    },
  );
}

for (const [property, key] of Object.entries(alertSetters)) {
  define(
    property,
    function () {
      const { alert } = this.aps;
      return isObject(alert) ? alert[key] : undefined;
    },
    function (value) {
      this.prepareAlert();
      (this.aps.alert as Record<string, unknown>)[key] = value;
    },
  );
}

for (const property of [...Object.keys(apsSetters), ...Object.keys(alertSetters), ...otherChainable]) {
  Object.defineProperty(Notification.prototype, setterName(property), {
    value(this: Record<string, unknown>, value: unknown) {
      this[property] = value;
      return this;
    },
    writable: true,
    configurable: true,
  });
}
