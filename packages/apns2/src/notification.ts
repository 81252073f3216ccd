import { Priority, PushType } from "./constants.js";

export interface NotificationOptions {
  /** @default PushType.alert */
  type?: PushType;
  alert?: string | { title: string; subtitle?: string; body: string };
  badge?: number;
  /** UNIX seconds or a date; 0 is one attempt and no storage. @default left to APNs, which stores for up to 30 days */
  expiration?: number | Date;
  sound?: string | CriticalAlertSoundPayload;
  category?: string;
  /** Your own keys, beside `aps`. */
  data?: Record<string, unknown>;
  contentAvailable?: boolean;
  /** @default Priority.immediate */
  priority?: Priority;
  /** Sent as it is: a suffix of the push type has to be in it. @default the client's `defaultTopic` */
  topic?: string;
  collapseId?: string;
  threadId?: string;
  /** Apple's dictionary; the options above go before its keys. */
  aps?: Record<string, unknown>;
  mutableContent?: boolean;
}

export interface ApnsPayload {
  aps: Record<string, unknown>;
  [key: string]: unknown;
}

export interface CriticalAlertSoundPayload {
  critical: 0 | 1;
  name?: string;
  /** 0 to 1. */
  volume?: number;
}

/** A notification for one device. */
export class Notification {
  readonly deviceToken: string;
  readonly options: NotificationOptions;

  constructor(deviceToken: string, options: NotificationOptions = {}) {
    this.deviceToken = deviceToken;
    this.options = options;
  }

  get pushType(): PushType {
    return this.options.type ?? PushType.alert;
  }

  get priority(): Priority {
    return this.options.priority ?? Priority.immediate;
  }

  /** The payload. */
  buildApnsOptions(): ApnsPayload {
    const { aps, alert, badge, sound, category, threadId, contentAvailable, mutableContent, data } = this.options;
    return {
      aps: {
        ...aps,
        ...(alert && { alert }),
        ...(typeof badge === "number" && { badge }),
        ...((typeof sound === "string" || typeof sound === "object") && { sound }),
        ...(typeof category === "string" && { category }),
        ...(typeof threadId === "string" && { "thread-id": threadId }),
        ...(typeof contentAvailable === "boolean" && { "content-available": contentAvailable ? 1 : 0 }),
        ...(typeof mutableContent === "boolean" && { "mutable-content": mutableContent ? 1 : 0 }),
      },
      ...data,
    };
  }
}
