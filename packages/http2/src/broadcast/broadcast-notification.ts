import {
  assertPayloadFits,
  type Expiration,
  encodePayload,
  Notification,
  type PayloadInput,
  type Priority,
  type PushType,
} from "@apns/core";
import { checkHeaderText } from "@apns/core/internal";

export interface BroadcastNotificationOptions {
  /**
   * An object, or JSON text or bytes that are sent verbatim; at most 5120 bytes. `aps.event` is `"update"` or `"end"`: a
   * broadcast cannot start a Live Activity.
   */
  readonly payload: PayloadInput;
  /** The app's bundle ID; a push type's suffix is taken off. @default the transport's `topic` */
  readonly bundleId?: string;
  /** Apple's pages name no default for broadcasts, so it is always sent. @default 10 */
  readonly priority?: Priority;
  /**
   * Channels that store nothing take `"once"` only. `"default"` leaves the header out, which APNs has been seen to refuse
   * (`BadExpirationDate`). @default "once"
   */
  readonly expiration?: Expiration;
  /** @default "liveactivity", the only one there is in 2026 */
  readonly pushType?: PushType;
}

const maxPayloadBytes = 5120;
const suffix = ".push-type.liveactivity";

/**
 * A notification for the subscribers of a channel. Checked and encoded once; it can be sent to any number of channels.
 *
 * Source: Apple, "Sending broadcast push notification requests to APNs".
 */
export class BroadcastNotification {
  /** Without a push type's suffix; `undefined` leaves it to the transport. */
  readonly bundleId: string | undefined;
  readonly pushType: PushType;
  readonly priority: Priority | undefined;
  /** UNIX seconds; 0: nothing is stored; `undefined`: the header is left out. */
  readonly expiration: number | undefined;
  /** The payload as it goes on the wire. Do not write to it. */
  readonly encodedPayload: Uint8Array;

  /**
   * @throws {InvalidArgumentError} naming the field
   * @throws {PayloadTooLargeError} if the payload exceeds 5120 bytes
   */
  constructor(options: BroadcastNotificationOptions) {
    const { priority = 10, expiration = "once", pushType = "liveactivity" } = options;
    // Checked by the rules of a notification; only the payload's limit differs.
    const delivery = new Notification({ pushType, priority, expiration, payload: "{}" });
    this.pushType = delivery.pushType;
    this.priority = delivery.priority;
    this.expiration = delivery.expiration;
    this.bundleId = options.bundleId === undefined ? undefined : bundleIdOf("bundleId", options.bundleId);
    this.encodedPayload = encodePayload(options.payload);
    assertPayloadFits(this.encodedPayload, maxPayloadBytes, "a broadcast");
    Object.freeze(this);
  }
}

/** @throws {InvalidArgumentError} naming `name` */
export function bundleIdOf(name: string, value: unknown): string {
  const text = checkHeaderText(name, value);
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}
