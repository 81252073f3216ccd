// The bytes of the legacy wire, field by field: written by the codec the transport uses, from the same figures.

import { encodeErrorResponse, encodeFrame, type FrameCommand } from "@apns/binary/wire";
import { decodeDeviceToken, legacyStatusRow, type Notification } from "@apns/core";
import type { AnnotatedBytes, ByteField } from "../../page/protocol.js";
import { FieldWriter, hexOf } from "./field-writer.js";

/** What the transport says for "no expiration given": as long as even old, signed readers can count. */
const storeAsLongAsPossible = 0x7fff_ffff;

interface FrameContent {
  readonly identifier: number;
  readonly expiry: number;
  readonly priority: number;
  readonly deviceToken: Uint8Array;
  readonly payload: Uint8Array;
}

/** A notification as it went out: the first one of its connection. */
export function notificationFrame(
  command: FrameCommand,
  { encodedPayload, expiration, priority }: Notification,
  deviceToken: string,
): AnnotatedBytes {
  const content: FrameContent = {
    identifier: 1,
    expiry: expiration ?? storeAsLongAsPossible,
    priority: priority ?? 10,
    deviceToken: decodeDeviceToken(deviceToken),
    payload: encodedPayload,
  };
  return frame(`Your notification (command ${command})`, command, content);
}

/** What the transport sends behind it, to be refused: the refusal proves everything before it. */
export function barrierFrame(command: FrameCommand, identifier: number): AnnotatedBytes {
  const nothing = new Uint8Array(0);
  const content: FrameContent = { identifier, expiry: 0, priority: 10, deviceToken: nothing, payload: nothing };
  // Command 0 has no identifier that could be echoed.
  return frame("A barrier, made to be refused", command === 0 ? 1 : command, content);
}

export function errorResponse(statusCode: number, identifier: number): AnnotatedBytes {
  const bytes = encodeErrorResponse({ statusCode, identifier });
  const { name, meaning } = legacyStatusRow(statusCode);
  const fields = new FieldWriter(0);
  fields.add(1, "command", "8", "An error response: the only thing a gateway ever says.");
  fields.add(1, "status code", `${statusCode}, ${name}`, meaning);
  fields.add(4, "identifier", String(identifier), "Which notification is meant. Everything behind it was thrown away.");
  return { direction: "received", title: "Error response", hex: hexOf(bytes), fields: fields.fields };
}

function frame(title: string, command: FrameCommand, content: FrameContent): AnnotatedBytes {
  const { identifier, expiry, priority, deviceToken, payload } = content;
  const bytes = encodeFrame({
    command,
    deviceToken,
    payload,
    identifier: command === 0 ? undefined : identifier,
    expiry: command === 0 ? undefined : expiry,
    priority: command === 2 ? priority : undefined,
    // Identifier first, as the transport does: so that it can be named even if the rest cannot be read.
    itemOrder: [3, 1, 2, 4, 5],
  });
  return {
    direction: "sent",
    title,
    hex: hexOf(bytes),
    fields: command === 2 ? framed(content) : plain(command, content),
  };
}

function plain(command: 0 | 1, { identifier, expiry, deviceToken, payload }: FrameContent): ByteField[] {
  const fields = new FieldWriter(0);
  fields.add(1, "command", String(command), command === 0 ? "Simple: no identifier." : "Enhanced: with an identifier.");
  if (command === 1) {
    fields.add(4, "identifier", String(identifier), "The sender's number for it; an error response names it.");
    fields.add(4, "expiry", expiryText(expiry), "Until when Apple keeps trying, in UNIX seconds; 0: once.");
  }
  fields.add(2, "token length", String(deviceToken.length), "Bytes of the device token.");
  fields.add(deviceToken.length, "device token", hexOf(deviceToken), "Which phone, and which app on it.");
  fields.add(2, "payload length", String(payload.length), "Bytes of the payload.");
  fields.add(payload.length, "payload", textOf(payload), "What is to be shown: JSON.");
  return fields.fields;
}

function framed({ identifier, expiry, priority, deviceToken, payload }: FrameContent): ByteField[] {
  const fields = new FieldWriter(0);
  const itemsBytes = 3 * 5 + 4 + deviceToken.length + payload.length + 4 + 1;
  fields.add(1, "command", "2", "Framed: a list of items.");
  fields.add(4, "frame length", String(itemsBytes), "Bytes of all items together.");
  const item = (id: number, length: number, name: string, value: string, meaning: string): void => {
    fields.add(3, `item ${id}`, `${length} bytes`, `Item number ${id} and its length: the ${name}.`);
    fields.add(length, name, value, meaning);
  };
  item(3, 4, "identifier", String(identifier), "The sender's number for it; an error response names it.");
  item(1, deviceToken.length, "device token", hexOf(deviceToken), "Which phone, and which app on it.");
  item(2, payload.length, "payload", textOf(payload), "What is to be shown: JSON.");
  item(4, 4, "expiry", expiryText(expiry), "Until when Apple keeps trying, in UNIX seconds; 0: once.");
  item(5, 1, "priority", String(priority), "10: at once; 5: when it suits the battery.");
  return fields.fields;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function expiryText(expiry: number): string {
  return expiry === 0 ? "0" : `${expiry} (${new Date(expiry * 1000).toISOString().slice(0, 10)})`;
}
