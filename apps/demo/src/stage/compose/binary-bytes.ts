// The bytes of the legacy wire, frame by frame and field by field, as they were read off the wire.
import {
  type DecodedFrame,
  type ErrorResponse,
  ErrorResponseDecoder,
  encodeErrorResponse,
  FrameDecoder,
  frameItemIds,
} from "@apns/binary/wire";
import { legacyStatusRow } from "@apns/core";
import type { AnnotatedBytes } from "../../page/protocol.js";
import { FieldWriter, hexOf } from "./field-writer.js";
import type { Direction } from "./tap.js";

/** Reads both directions of connections of the legacy wire, and says what each byte is. */
export class BinaryAnnotator {
  readonly #sent = new FrameDecoder();
  readonly #received = new ErrorResponseDecoder();

  /** @returns what is complete now */
  receive(direction: Direction, bytes: Buffer): AnnotatedBytes[] {
    if (direction === "sent") {
      return this.#sent.receive(bytes).flatMap((event) => (event.kind === "frame" ? [frame(event)] : []));
    }
    const response = this.#received.receive(bytes);
    return response === undefined ? [] : [errorResponse(response)];
  }
}

function errorResponse(response: ErrorResponse): AnnotatedBytes {
  const { statusCode, identifier } = response;
  const { name, meaning } = legacyStatusRow(statusCode);
  const { fields, add } = writer();
  add(1, "command", "8", "An error response: the only thing a gateway ever says.");
  add(1, "status code", `${statusCode}, ${name}`, meaning);
  add(4, "identifier", String(identifier), "Which notification is meant. Everything behind it was thrown away.");
  const hex = hexOf(encodeErrorResponse(response));
  return { direction: "received", title: "Error response", about: "notification", hex, fields };
}

function frame(decoded: DecodedFrame): AnnotatedBytes {
  const { command, deviceToken, raw } = decoded;
  const title = deviceToken.length === 0 ? "A barrier, made to be refused" : `Your notification (command ${command})`;
  const fields = command === 2 ? framed(decoded) : plain(decoded);
  return { direction: "sent", title, about: "notification", hex: hexOf(raw), fields };
}

function plain({ command, identifier, expiry, deviceToken, payload }: DecodedFrame): AnnotatedBytes["fields"] {
  const { fields, add } = writer();
  add(1, "command", String(command), command === 0 ? "Simple: no identifier." : "Enhanced: with an identifier.");
  if (command === 1) {
    add(4, "identifier", String(identifier), meanings.identifier);
    add(4, "expiry", expiryText(expiry), meanings.expiry);
  }
  add(2, "token length", String(deviceToken.length), "Bytes of the device token.");
  add(deviceToken.length, "device token", hexOf(deviceToken), meanings.deviceToken);
  add(2, "payload length", String(payload.length), "Bytes of the payload.");
  add(payload.length, "payload", textOf(payload), meanings.payload);
  return fields;
}

/** The items in the order in which they stand. */
function framed(decoded: DecodedFrame): AnnotatedBytes["fields"] {
  const { raw, deviceToken, payload, identifier, expiry, priority } = decoded;
  const view = Buffer.from(raw);
  const values: Readonly<Record<number, readonly [name: string, value: string, meaning: string]>> = {
    [frameItemIds.deviceToken]: ["device token", hexOf(deviceToken), meanings.deviceToken],
    [frameItemIds.payload]: ["payload", textOf(payload), meanings.payload],
    [frameItemIds.identifier]: ["identifier", String(identifier), meanings.identifier],
    [frameItemIds.expiry]: ["expiry", expiryText(expiry), meanings.expiry],
    [frameItemIds.priority]: ["priority", String(priority), "10: at once; 5: when it suits the battery."],
  };
  const { fields, add } = writer();
  add(1, "command", "2", "Framed: a list of items.");
  add(4, "frame length", String(view.readUInt32BE(1)), "Bytes of all items together.");
  for (let offset = 5; offset < view.length; ) {
    const id = view.readUInt8(offset);
    const length = view.readUInt16BE(offset + 1);
    const [name, value, meaning] = values[id] ?? ["?", "", ""];
    add(3, `item ${id}`, `${length} bytes`, `Item number ${id} and its length: the ${name}.`);
    add(length, name, value, meaning);
    offset += 3 + length;
  }
  return fields;
}

const meanings = {
  identifier: "The sender's number for it; an error response names it.",
  expiry: "Until when Apple keeps trying, in UNIX seconds; 0: once.",
  deviceToken: "Which phone, and which app on it.",
  payload: "What is to be shown: JSON.",
} as const;

function writer(): { fields: FieldWriter["fields"]; add: FieldWriter["add"] } {
  const fields = new FieldWriter();
  return { fields: fields.fields, add: fields.add.bind(fields) };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function expiryText(expiry = 0): string {
  return expiry === 0 ? "0" : `${expiry} (${new Date(expiry * 1000).toISOString().slice(0, 10)})`;
}
