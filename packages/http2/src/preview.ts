import { assertDeviceToken, type Notification, type SendOptions } from "@apns/core";
import { checkHeaderText } from "@apns/core/internal";
import { ClientConnection, frameHeadBytes, HeaderFields, HpackDecoder, readFrameHead } from "@apns/h2";
import { type Http2TransportOptions, resolveDeviceEndpoint } from "./options.js";
import { checkExtraHeaders, checkUuid, deliveryValues, deviceRequest, topicOf } from "./request-headers.js";
import { authorityOf } from "./service.js";

export interface RequestPreviewOptions
  extends Pick<Http2TransportOptions, "environment" | "port" | "topic" | "headers">,
    Pick<SendOptions, "apnsId"> {
  /** Value of `authorization` to show; a real one is a secret. @default none, as with a certificate */
  readonly authorization?: string;
}

/** A device request as it would be written. */
export interface RequestPreview {
  /** All header fields, in the order of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly payload: Uint8Array;
  /**
   * The frames, HEADERS and DATA, as they are when the request is the first of its connection. Later ones are shorter:
   * header fields that were sent before are then named by their place in a table (RFC 7541).
   */
  readonly frames: readonly Uint8Array[];
}

/**
 * What `Http2Transport` would write for this notification and device token, made by the same code and sent nowhere.
 * @throws {InvalidArgumentError} naming what is wrong, as `send` and the transport's constructor would
 */
export function previewRequest(
  notification: Notification,
  deviceToken: string,
  options: RequestPreviewOptions,
): RequestPreview {
  assertDeviceToken(deviceToken);
  const { apnsId, topic, authorization, headers = {} } = options;
  if (apnsId !== undefined) checkUuid("apnsId", apnsId);
  if (topic !== undefined) checkHeaderText("topic", topic);
  const authority = authorityOf(resolveDeviceEndpoint(options));
  const template = deviceRequest(authority, checkExtraHeaders(headers), authorization);
  const values = deliveryValues(notification, topicOf(notification, topic));
  const machine = new ClientConnection<undefined>({ now: 0 }, { onResponse: () => {}, onRequestFailed: () => {} });
  // The preface, which belongs to the connection.
  takeAll(machine);
  machine.request(
    machine.createTemplate(template),
    deviceToken,
    apnsId,
    notification.encodedPayload,
    undefined,
    values,
  );
  const frames = split(takeAll(machine));
  return { headers: readHeaders(frames), payload: notification.encodedPayload, frames };
}

function takeAll(machine: ClientConnection<undefined>): Buffer {
  const taken: Buffer[] = [];
  for (let output = machine.takeOutput(); output !== undefined; output = machine.takeOutput()) {
    // The machine uses its memory again.
    taken.push(Buffer.from(output));
    machine.outputWritten();
  }
  return Buffer.concat(taken);
}

function split(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + frameHeadBytes + readFrameHead(bytes, offset).length;
    frames.push(bytes.subarray(offset, end));
    offset = end;
  }
  return frames;
}

/** Decoded from the frame, so that the fields shown are those in the bytes. */
function readHeaders([first]: readonly Buffer[]): [string, string][] {
  const decoder = new HpackDecoder(4096, 65_536);
  const fields = new HeaderFields();
  decoder.decode(first!, frameHeadBytes, first!.length, fields);
  return fields.toArray().map(([name, value]) => [name, value]);
}
