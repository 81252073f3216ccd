// The hot path of sending: a frame is written straight into the bytes that a connection sends.
import {
  assertPayloadFits,
  deviceTokenProblem,
  InvalidArgumentError,
  maxPayloadBytes,
  type Notification,
  type SendOptions,
} from "@apns/core";
import { commandOf, type Format, storeAsLongAsPossible } from "./format.js";
import { type FrameCommand, frameBytes, framedHeaderBytes, frameItemIds, itemHeaderBytes } from "./wire/frame.js";
import { writeUint16, writeUint32 } from "./wire/integers.js";

/** Apple's last documentation of the binary interface: device tokens of up to 100 bytes. */
const maxLegacyTokenBytes = 100;

/** A regular expression is several times as fast as a loop over the characters. */
const hexadecimal = /^[0-9a-f]+$/i;

export interface TemplateOptions {
  readonly format: Format;
  /** `undefined`: by push type. */
  readonly maxPayloadBytes: number | undefined;
  readonly strict: boolean;
}

/** Where the device token begins. */
const deviceTokenOffsets: Readonly<Record<Format, number>> = {
  simple: 3,
  enhanced: 11,
  framed: framedHeaderBytes + itemHeaderBytes + 4 + itemHeaderBytes,
};

/**
 * One notification in one format, checked, ready to be written for any device token. Nothing is laid out beforehand: a notification
 * that is sent once costs no more than one of a million sends.
 */
export class FrameTemplate {
  readonly #command: FrameCommand;
  readonly #payload: Uint8Array;
  readonly #expiry: number;
  readonly #priority: number;
  readonly #bytesWithoutToken: number;
  readonly #deviceTokenAt: number;

  /**
   * @throws {PayloadTooLargeError} if the payload exceeds the limit of this wire
   * @throws {InvalidArgumentError} `ERR_APNS_UNSUPPORTED`, naming what the format cannot carry
   */
  constructor(notification: Notification, options: TemplateOptions) {
    assertCarries(notification, options);
    this.#command = commandOf[options.format];
    this.#payload = notification.encodedPayload;
    this.#expiry = notification.expiration ?? storeAsLongAsPossible;
    this.#priority = notification.priority ?? 10;
    this.#bytesWithoutToken = frameBytes(this.#command, 0, this.#payload.length);
    this.#deviceTokenAt = deviceTokenOffsets[options.format];
  }

  /** Size of the frame for a device token of so many bytes. */
  size(tokenBytes: number): number {
    return this.#bytesWithoutToken + tokenBytes;
  }

  /** Writes the frame, for which there must be room, and returns the offset behind it. */
  write(target: Buffer, start: number, identifier: number, deviceToken: string): number {
    const tokenBytes = deviceToken.length >> 1;
    target[start] = this.#command;
    if (this.#command === 2) this.#writeItemsInFront(target, start, identifier, tokenBytes);
    else {
      if (this.#command === 1) {
        writeUint32(target, start + 1, identifier);
        writeUint32(target, start + 5, this.#expiry);
      }
      writeUint16(target, start + this.#deviceTokenAt - 2, tokenBytes);
    }
    let offset = start + this.#deviceTokenAt;
    // The digits were checked before the send was queued; Node's own decoder is the fastest.
    offset += target.write(deviceToken, offset, "hex");
    if (this.#command === 2) target[offset++] = frameItemIds.payload;
    writeUint16(target, offset, this.#payload.length);
    target.set(this.#payload, offset + 2);
    offset += 2 + this.#payload.length;
    return this.#command === 2 ? this.#writeItemsBehind(target, offset) : offset;
  }

  /**
   * Command 2 from behind the command up to the device token. The identifier is the first item, so that even a gateway that cannot
   * parse the rest can name the frame; the others are in the order of the shorter formats.
   */
  #writeItemsInFront(target: Buffer, start: number, identifier: number, tokenBytes: number): void {
    writeUint32(target, start + 1, this.size(tokenBytes) - framedHeaderBytes);
    const offset = writeItemHeader(target, start + framedHeaderBytes, frameItemIds.identifier, 4);
    writeUint32(target, offset, identifier);
    writeItemHeader(target, offset + 4, frameItemIds.deviceToken, tokenBytes);
  }

  /** Command 2 from behind the payload on. */
  #writeItemsBehind(target: Buffer, start: number): number {
    const offset = writeItemHeader(target, start, frameItemIds.expiry, 4);
    writeUint32(target, offset, this.#expiry);
    const end = writeItemHeader(target, offset + 4, frameItemIds.priority, 1);
    target[end] = this.#priority;
    return end + 1;
  }
}

function writeItemHeader(target: Buffer, offset: number, itemId: number, length: number): number {
  target[offset] = itemId;
  writeUint16(target, offset + 1, length);
  return offset + itemHeaderBytes;
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
