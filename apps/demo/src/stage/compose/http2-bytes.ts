// The bytes of HTTP/2, frame by frame and field by field: written by the machine the transport uses, from the same fields.
import { type Notification, topicFor } from "@apns/core";
import {
  ClientConnection,
  FrameType,
  frameHeadBytes,
  type HeaderField,
  readFrameHead,
  type TemplateField,
} from "@apns/h2";
import type { AnnotatedBytes } from "../../page/protocol.js";
import { FieldWriter, hexOf } from "./field-writer.js";
import { splitHeaderBlock } from "./header-block.js";

export interface Http2Request {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly apnsId: string;
  /** `host:port`. */
  readonly authority: string;
  /** The app's bundle ID. */
  readonly bundleId: string;
  readonly providerToken: string;
}

/** Everything that goes out on a connection of its own up to the end of the request, in order. */
export function requestFrames(request: Http2Request): AnnotatedBytes[] {
  const fields = headerFields(request);
  const machine = new ClientConnection({}, { onResponse: () => {}, onRequestFailed: () => {} });
  const template = machine.createTemplate({ pathPrefix: "/3/device/", variable: "apns-id", fields });
  machine.request(template, request.deviceToken, request.apnsId, request.notification.encodedPayload, undefined);
  const chunks: Buffer[] = [];
  for (let chunk = machine.takeOutput(); chunk !== undefined; chunk = machine.takeOutput())
    chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  const pseudo = fields.filter(({ name }) => name.startsWith(":"));
  const regular = fields.filter(({ name }) => !name.startsWith(":"));
  const inOrder: HeaderField[] = [
    ...pseudo.map(({ name, value }): HeaderField => [name, value]),
    [":path", `/3/device/${request.deviceToken}`],
    ...regular.map(({ name, value }): HeaderField => [name, value]),
    ["apns-id", request.apnsId],
  ];
  return annotate(bytes, inOrder, request.notification);
}

function headerFields({ notification, authority, bundleId, providerToken }: Http2Request): TemplateField[] {
  const { pushType, priority, expiration, collapseId } = notification;
  const optional = (name: string, value: string | undefined): TemplateField[] =>
    value === undefined ? [] : [{ name, value }];
  return [
    { name: ":method", value: "POST" },
    { name: ":scheme", value: "https" },
    { name: ":authority", value: authority },
    { name: "authorization", value: `bearer ${providerToken}` },
    { name: "apns-topic", value: topicFor(pushType, bundleId) },
    { name: "apns-push-type", value: pushType },
    ...optional("apns-priority", priority?.toString()),
    ...optional("apns-expiration", expiration?.toString()),
    ...optional("apns-collapse-id", collapseId),
  ];
}

const prefaceBytes = 24;

function annotate(bytes: Buffer, headers: readonly HeaderField[], { encodedPayload }: Notification): AnnotatedBytes[] {
  const preface = new FieldWriter(0);
  preface.add(prefaceBytes, "preface", "PRI * HTTP/2.0 … SM", "Says once per connection: this is HTTP/2.");
  const frames: AnnotatedBytes[] = [
    {
      direction: "sent",
      title: "Connection preface",
      hex: hexOf(bytes.subarray(0, prefaceBytes)),
      fields: preface.fields,
    },
  ];
  let offset = prefaceBytes;
  while (offset < bytes.length) {
    const head = readFrameHead(bytes, offset);
    const end = offset + frameHeadBytes + head.length;
    const payload = bytes.subarray(offset + frameHeadBytes, end);
    const fields = new FieldWriter(0);
    const kind = kinds[head.type] ?? { title: `frame of type ${head.type}`, meaning: "" };
    fields.add(3, "length", String(head.length), "Bytes behind this head of nine.");
    fields.add(1, "type", `${head.type}, ${kind.title}`, kind.meaning);
    fields.add(1, "flags", `0x${head.flags.toString(16).padStart(2, "0")}`, flagsText(head.type, head.flags));
    fields.add(4, "stream", String(head.streamId), streamText(head.streamId));
    if (head.type === FrameType.HEADERS) addHeaders(fields, payload, headers);
    else if (head.type === FrameType.DATA) {
      fields.add(payload.length, "payload", new TextDecoder().decode(encodedPayload), "What is to be shown: JSON.");
    } else if (head.type === FrameType.SETTINGS) addSettings(fields, payload);
    else fields.add(4, "increment", String(payload.readUInt32BE(0)), "So many more bytes of answers are welcome.");
    frames.push({
      direction: "sent",
      title: `${kind.title} frame`,
      hex: hexOf(bytes.subarray(offset, end)),
      fields: fields.fields,
    });
    offset = end;
  }
  return frames;
}

function addHeaders(fields: FieldWriter, block: Uint8Array, headers: readonly HeaderField[]): void {
  for (const [index, { length, how }] of splitHeaderBlock(block).entries()) {
    const [name, value] = headers[index] ?? ["?", "?"];
    fields.add(length, name, value, `${headerMeanings[name] ?? ""} Here ${length} bytes: ${how}.`.trim());
  }
}

function addSettings(fields: FieldWriter, payload: Buffer): void {
  for (let offset = 0; offset < payload.length; offset += 6) {
    const name = settingNames[payload.readUInt16BE(offset)] ?? `setting ${payload.readUInt16BE(offset)}`;
    fields.add(6, name, String(payload.readUInt32BE(offset + 2)), "What this side can take.");
  }
}

const kinds: Readonly<Record<number, { readonly title: string; readonly meaning: string }>> = {
  [FrameType.DATA]: { title: "DATA", meaning: "The body of the request." },
  [FrameType.HEADERS]: { title: "HEADERS", meaning: "Opens a stream: one request and its answer." },
  [FrameType.SETTINGS]: { title: "SETTINGS", meaning: "What this side can take." },
  [FrameType.WINDOW_UPDATE]: { title: "WINDOW_UPDATE", meaning: "How much may be sent to this side." },
};

const settingNames: Readonly<Record<number, string>> = {
  1: "header table size",
  2: "server push",
  4: "initial window",
  5: "largest frame",
  6: "largest header list",
};

const headerMeanings: Readonly<Record<string, string>> = {
  ":method": "Every notification is a POST.",
  ":scheme": "TLS, always.",
  ":authority": "Apple's server, here its stand-in.",
  ":path": "Which phone, and which app on it: the device token.",
  authorization: "The sender's pass, signed with the team's key and good for an hour.",
  "apns-topic": "Which app.",
  "apns-push-type": "What kind of notification.",
  "apns-priority": "10: at once; 5: when it suits the battery.",
  "apns-expiration": "Until when Apple keeps trying; 0: once.",
  "apns-collapse-id": "Notifications with the same id replace each other on the phone.",
  "apns-id": "The sender's own number for this one notification; the answer repeats it.",
};

function flagsText(type: number, flags: number): string {
  if (type === FrameType.SETTINGS || type === FrameType.WINDOW_UPDATE) return "None.";
  const names = [
    ...((flags & 1) !== 0 ? ["END_STREAM: nothing follows"] : []),
    ...((flags & 4) !== 0 ? ["END_HEADERS: all headers are here"] : []),
  ];
  return `${names.join("; ")}.`;
}

function streamText(streamId: number): string {
  return streamId === 0 ? "0 is the connection itself." : "Which request this belongs to; many are open at a time.";
}
