import { createHash } from "node:crypto";
import type { DecodedFrame } from "@apns/binary/wire";
import {
  type Expiration,
  maxPayloadBytes,
  Notification,
  PayloadTooLargeError,
  type Priority,
  type PushType,
  topicFor,
} from "@apns/core";
import { checkInteger, checkOneOf, checkText } from "@apns/core/internal";
import type { Prepared } from "./delivery.js";
import { inferPushType, type PushTypeRule, parsePayload } from "./push-type.js";
import type { otherCauses } from "./rules.js";

/** The translation of legacy frames into notifications of the modern wire. */
export interface TranslationOptions {
  /** The value of `apns-topic`: the app's bundle ID, or a complete topic. */
  readonly topic: string;
  /** Rules that name a push type; without one that fits, it is inferred from topic and payload. */
  readonly pushTypes?: readonly PushTypeRule[];
  /**
   * The longest payload taken, in bytes, up to 5120. @default 2048, or 4096 for voip: what the gateway took in its last
   * years
   */
  readonly maxPayloadBytes?: number;
  /** The shortest device token taken, in bytes; a shorter one is answered with status code 5. @default 32 */
  readonly minDeviceTokenBytes?: number;
  /** The longest device token taken, in bytes, up to 200. @default 100, as in Apple's last documentation */
  readonly maxDeviceTokenBytes?: number;
  /**
   * The expiry of a frame of command 2 that has none: `"default"` leaves it to APNs, which then stores, `"once"` asks
   * for a single attempt (as node-apn 1.x meant it). Apple's reading is not known. @default "default"
   */
  readonly absentExpiry?: "default" | "once";
  /**
   * The meaning of an expiry of 0x80000000 and above: some senders write -1 for "do not store", which `"once"` does; `"date"`
   * takes it for an instant after 2038. @default "once"
   */
  readonly hugeExpiry?: "once" | "date";
  /**
   * The answer to a payload that is not a JSON object. That of the gateway is not known; `"forward"` leaves it to
   * APNs. @default "forward"
   */
  readonly invalidJson?: "forward" | "refuse";
}

/** Why a frame is refused without asking upstream. */
export type LocalRefusal =
  | keyof Pick<typeof otherCauses, "InvalidTokenSize" | "InvalidPriority" | "InvalidJson" | "NotSendable">
  | "MissingDeviceToken"
  | "PayloadEmpty"
  | "PayloadTooLarge";

/** Prepared payloads in the cache, for senders that send each to many devices. */
const cachedPayloads = 256;

/**
 * Makes notifications out of frames. Legacy senders send one payload to many devices, frame after frame: the cache
 * entry of the last frame is tried first (a comparison of bytes, 30 ns), then a few hundred others.
 */
export class Translator {
  readonly #options: Required<Omit<TranslationOptions, "maxPayloadBytes">> & { maxPayloadBytes: number | undefined };
  readonly #cache = new Map<string, PreparedPayload>();
  #last: PreparedPayload | undefined;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: TranslationOptions) {
    const { maxPayloadBytes } = options;
    this.#options = {
      topic: checkText("topic", options.topic),
      pushTypes: options.pushTypes ?? [],
      maxPayloadBytes:
        maxPayloadBytes === undefined ? undefined : checkInteger("maxPayloadBytes", maxPayloadBytes, 1, 5120),
      minDeviceTokenBytes: checkInteger("minDeviceTokenBytes", options.minDeviceTokenBytes ?? 32, 1, 200),
      maxDeviceTokenBytes: checkInteger("maxDeviceTokenBytes", options.maxDeviceTokenBytes ?? 100, 1, 200),
      absentExpiry: checkOneOf("absentExpiry", options.absentExpiry ?? "default", ["default", "once"] as const),
      hugeExpiry: checkOneOf("hugeExpiry", options.hugeExpiry ?? "once", ["once", "date"] as const),
      invalidJson: checkOneOf("invalidJson", options.invalidJson ?? "forward", ["forward", "refuse"] as const),
    };
    // Throws now, and not with the first frame, if the topic cannot be sent.
    new Notification({ topic: this.#options.topic, pushType: "alert", payload: {} });
  }

  /**
   * The notification that a frame asks for, or why it is refused. Judged in the order in which the gateway did: a frame
   * that has neither device token nor payload lacks the device token (observed).
   */
  translate(frame: DecodedFrame): Prepared | LocalRefusal {
    const tokenBytes = frame.deviceToken.length;
    const { minDeviceTokenBytes, maxDeviceTokenBytes } = this.#options;
    if (tokenBytes === 0) return "MissingDeviceToken";
    if (tokenBytes < minDeviceTokenBytes || tokenBytes > maxDeviceTokenBytes) return "InvalidTokenSize";
    const { payload, expiry, priority } = frame;
    if (payload.length === 0) return "PayloadEmpty";
    const last = this.#last;
    if (last?.fits(payload, expiry, priority, frame.command)) return last.result;
    const key = `${frame.command === 0 ? "" : expiry} ${priority} ${text(payload)}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#last = cached;
      return cached.result;
    }
    const made = new PreparedPayload(frame, this.#make(frame));
    if (this.#cache.size >= cachedPayloads) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(key, made);
    this.#last = made;
    return made.result;
  }

  #make(frame: DecodedFrame): Prepared | LocalRefusal {
    const { topic, pushTypes, invalidJson } = this.#options;
    const priority = frame.priority ?? 10;
    if (priority !== 10 && priority !== 5 && priority !== 1) return "InvalidPriority";
    const payload = parsePayload(frame.payload);
    if (payload === undefined && invalidJson === "refuse") return "InvalidJson";
    const pushType = inferPushType(topic, payload, pushTypes);
    if (frame.payload.length > (this.#options.maxPayloadBytes ?? maxPayloadBytes(pushType, "binary"))) {
      return "PayloadTooLarge";
    }
    try {
      return prepare(
        new Notification({
          topic: topicFor(pushType, topic),
          pushType,
          payload: frame.payload,
          expiration: this.#expiration(frame),
          ...priorityFor(pushType, priority),
        }),
      );
    } catch (error) {
      return error instanceof PayloadTooLargeError ? "PayloadTooLarge" : "NotSendable";
    }
  }

  #expiration({ command, expiry }: DecodedFrame): Expiration {
    // Command 0 has no expiry: it was stored, and delivered however late.
    if (command === 0) return "default";
    if (expiry === undefined) return this.#options.absentExpiry;
    if (expiry === 0 || (expiry >= 0x8000_0000 && this.#options.hugeExpiry === "once")) return "once";
    return new Date(expiry * 1000);
  }
}

/** Background notifications have one priority only, whatever an old sender asks for. */
function priorityFor(pushType: PushType, priority: Priority): { priority?: Priority } {
  return pushType === "background" ? {} : { priority };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A cache entry: payload, expiry and priority as the key, and the notification or refusal made of them. */
class PreparedPayload {
  readonly result: Prepared | LocalRefusal;
  readonly #payload: Buffer;
  readonly #expiry: number | undefined;
  readonly #priority: number | undefined;
  readonly #simple: boolean;

  constructor(frame: DecodedFrame, result: Prepared | LocalRefusal) {
    this.result = result;
    this.#payload = Buffer.from(frame.payload);
    this.#expiry = frame.expiry;
    this.#priority = frame.priority;
    this.#simple = frame.command === 0;
  }

  fits(payload: Uint8Array, expiry: number | undefined, priority: number | undefined, command: number): boolean {
    return (
      expiry === this.#expiry &&
      priority === this.#priority &&
      (command === 0) === this.#simple &&
      payload.length === this.#payload.length &&
      this.#payload.equals(payload)
    );
  }
}

export function prepare(notification: Notification): Prepared {
  return new PreparedNotification(notification);
}

class PreparedNotification implements Prepared {
  readonly notification: Notification;
  #digest: string | undefined;

  constructor(notification: Notification) {
    this.notification = notification;
  }

  digest(): string {
    const { encodedPayload, priority } = this.notification;
    this.#digest ??= digestOf(encodedPayload, priority);
    return this.#digest;
  }
}

/** Of payload and priority, the same for the same content. */
export function digestOf(payload: Uint8Array, priority: number | undefined): string {
  return createHash("sha256").update(`${priority} `).update(payload).digest("base64");
}
