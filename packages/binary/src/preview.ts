import type { Notification } from "@apns/core";
import { checkInteger, checkOneOf } from "@apns/core/internal";
import type { Format } from "./format.js";
import { assertLegacyDeviceToken, FrameTemplate } from "./frame-template.js";
import type { BinaryTransportOptions } from "./options.js";

export interface FramePreviewOptions extends Pick<BinaryTransportOptions, "maxPayloadBytes" | "strict"> {
  /** @default "enhanced" */
  readonly format?: Format;
  /** The transport counts from 1. @default 1 */
  readonly identifier?: number;
}

/**
 * The frame that `BinaryTransport` would write for this notification and device token, made by the same code and sent
 * nowhere.
 * @throws {InvalidArgumentError} naming what is wrong or what the format cannot carry, as `send` would
 */
export function previewFrame(
  notification: Notification,
  deviceToken: string,
  options: FramePreviewOptions = {},
): Uint8Array {
  const { maxPayloadBytes, strict = false } = options;
  const format = checkOneOf<Format>("format", options.format ?? "enhanced", ["simple", "enhanced", "framed"]);
  const identifier = checkInteger("identifier", options.identifier ?? 1, 0, 0xffff_ffff);
  assertLegacyDeviceToken(deviceToken);
  const template = new FrameTemplate(notification, { format, maxPayloadBytes, strict });
  const frame = Buffer.alloc(template.size(deviceToken.length / 2));
  template.write(frame, 0, identifier, deviceToken);
  return frame;
}
