// The hot path of sending: what is the same for every device token is laid out once per notification, so that a frame
// costs a copy, four bytes of identifier and the device token.
import {
  assertPayloadFits,
  deviceTokenProblem,
  InvalidArgumentError,
  maxPayloadBytes,
  type Notification,
  type SendOptions,
} from "@apns/core";
import { commandOf, type Format, storeAsLongAsPossible } from "./format.js";
import { writeUint32 } from "./wire/integers.js";
import { encodeFrame } from "./wire.js";

/** Apple's last documentation of the binary interface: device tokens of up to 100 bytes. */
const maxLegacyTokenBytes = 100;

/** Where the identifier stands in a frame of each format; -1 if it has none. Behind the item header in command 2. */
const identifierOffsets: Readonly<Record<Format, number>> = { simple: -1, enhanced: 1, framed: 8 };

/**
 * Identifier first, so that even a gateway that cannot parse the rest can name the frame; then in the order of the
 * shorter formats.
 */
const framedItemOrder: readonly number[] = [3, 1, 2, 4, 5];

/** A regular expression is several times as fast as a loop over the characters. */
const hexadecimal = /^[0-9a-f]+$/i;

export interface TemplateOptions {
  readonly format: Format;
  /** `undefined`: by push type. */
  readonly maxPayloadBytes: number | undefined;
  readonly strict: boolean;
}

/** One notification in one format, ready to be written for any device token. */
export class FrameTemplate {
  readonly #notification: Notification;
  readonly #format: Format;
  readonly #identifierAt: number;
  /** The bytes before the device token, for tokens of the length used last. */
  #head: Uint8Array = new Uint8Array(0);
  #headTokenBytes = -1;
  /** The bytes behind the device token. */
  #tail: Uint8Array = new Uint8Array(0);

  /**
   * @throws {PayloadTooLargeError} if the payload exceeds the limit of this wire
   * @throws {InvalidArgumentError} `ERR_APNS_UNSUPPORTED`, naming what the format cannot carry
   */
  constructor(notification: Notification, options: TemplateOptions) {
    assertCarries(notification, options);
    this.#notification = notification;
    this.#format = options.format;
    this.#identifierAt = identifierOffsets[options.format];
    this.#layOut(32);
  }

  /** Size of the frame for a device token of so many bytes. */
  size(tokenBytes: number): number {
    if (tokenBytes !== this.#headTokenBytes) this.#layOut(tokenBytes);
    return this.#head.length + tokenBytes + this.#tail.length;
  }

  /** Writes the frame, for which there must be room, and returns the offset behind it. */
  write(target: Buffer, start: number, identifier: number, deviceToken: string): number {
    const tokenBytes = deviceToken.length >> 1;
    if (tokenBytes !== this.#headTokenBytes) this.#layOut(tokenBytes);
    const head = this.#head;
    // A dozen bytes: the loop is faster than a call of `set`.
    for (let index = 0; index < head.length; index++) target[start + index] = head[index]!;
    if (this.#identifierAt !== -1) writeUint32(target, start + this.#identifierAt, identifier);
    // The digits were checked before the send was queued; Node's own decoder is the fastest.
    const offset = start + head.length + target.write(deviceToken, start + head.length, "hex");
    target.set(this.#tail, offset);
    return offset + this.#tail.length;
  }

  #layOut(tokenBytes: number): void {
    const { encodedPayload, priority, expiration } = this.#notification;
    const simple = this.#format === "simple";
    const whole = encodeFrame({
      command: commandOf[this.#format],
      identifier: simple ? undefined : 0,
      expiry: simple ? undefined : (expiration ?? storeAsLongAsPossible),
      priority: this.#format === "framed" ? (priority ?? 10) : undefined,
      deviceToken: new Uint8Array(tokenBytes),
      payload: encodedPayload,
      itemOrder: framedItemOrder,
    });
    const headBytes = this.#format === "framed" ? 15 : this.#format === "enhanced" ? 11 : 3;
    this.#head = whole.subarray(0, headBytes);
    this.#tail = whole.subarray(headBytes + tokenBytes);
    this.#headTokenBytes = tokenBytes;
  }
}

/** Throws if this wire cannot carry the notification, or, with `strict`, would drop some of its fields. */
function assertCarries(notification: Notification, { format, maxPayloadBytes: limit, strict }: TemplateOptions): void {
  const { pushType, encodedPayload, priority, expiration, collapseId, topic } = notification;
  assertPayloadFits(
    encodedPayload,
    limit ?? maxPayloadBytes(pushType, "binary"),
    limit === undefined ? `push type ${pushType} on the legacy wire` : "the transport's maxPayloadBytes",
  );
  if (format === "simple" && expiration !== undefined) {
    throw unsupported("expiration", 'format "simple" has none and stores as it likes; use "enhanced" or "framed".');
  }
  if (format === "framed" && priority === 1) {
    throw unsupported("priority", "1 is newer than the legacy wire, which knows 10 and 5.");
  }
  if (!strict) return;
  if (format !== "framed" && priority !== undefined && priority !== 10) {
    throw unsupported("priority", `format "${format}" means 10, so ${priority} would be lost; use "framed".`);
  }
  if (collapseId !== undefined) throw unsupported("collapseId", "the legacy wire has none; it would be lost.");
  if (topic !== undefined) {
    throw unsupported("topic", "the legacy wire has none: the certificate decides, and this one would be lost.");
  }
  if (pushType !== "alert" && pushType !== "background") {
    throw unsupported(
      "pushType",
      `the legacy wire has none: the certificate decides, and "${pushType}" would be lost.`,
    );
  }
}

/** Throws if a send asks for something the legacy wire does not have. */
export function assertSendOptionsCarried(options: SendOptions): void {
  if (options.apnsId !== undefined) throw unsupported("apnsId", "the legacy wire has none; it would be lost.");
}

/**
 * Throws unless the device token is hexadecimal and of a length this wire carries.
 * @throws {InvalidArgumentError} `ERR_APNS_INVALID_DEVICE_TOKEN`
 */
export function assertLegacyDeviceToken(deviceToken: string): void {
  const length = typeof deviceToken === "string" ? deviceToken.length : 0;
  if (length > 0 && length <= maxLegacyTokenBytes * 2 && length % 2 === 0 && hexadecimal.test(deviceToken)) return;
  const problem =
    deviceTokenProblem(deviceToken) ??
    (deviceToken.length > maxLegacyTokenBytes * 2
      ? `${deviceToken.length / 2} bytes are more than the ${maxLegacyTokenBytes} of the legacy wire.`
      : "is not hexadecimal.");
  throw new InvalidArgumentError("deviceToken", problem, { code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
}

function unsupported(field: string, problem: string): InvalidArgumentError {
  return new InvalidArgumentError(field, problem, { code: "ERR_APNS_UNSUPPORTED" });
}
