import { InvalidArgumentError, type Notification, topicFor } from "@apns/core";
import type { FieldValues, RequestTemplateOptions, TemplateField } from "@apns/h2";

/** Headers beyond those APNs documents, for experts: lower-case names, visible ASCII values. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** The header fields whose values a notification decides; {@link deliveryValues} has them in this order. */
const deliveryFields: readonly string[] = [
  "apns-topic",
  "apns-push-type",
  "apns-priority",
  "apns-expiration",
  "apns-collapse-id",
];

/** Everything of a device request that is the same for every notification and device. */
export function deviceRequest(
  authority: string,
  extraHeaders: ExtraHeaders,
  authorization: string | undefined,
): RequestTemplateOptions {
  return {
    pathPrefix: "/3/device/",
    variable: "apns-id",
    varying: deliveryFields,
    fields: [
      ...pseudoFields("POST", authority),
      ...field("authorization", authorization),
      ...Object.entries(extraHeaders).flatMap(([name, value]) => field(name, value)),
    ],
  };
}

/** The topic that a notification is sent with; undefined if none is known. */
export function topicOf(
  { topic, pushType }: Pick<Notification, "topic" | "pushType">,
  defaultTopic: string | undefined,
): string | undefined {
  return topic ?? (defaultTopic === undefined ? undefined : topicFor(pushType, defaultTopic));
}

/** The values of a notification's header fields; undefined where it has none. */
export function deliveryValues(
  { pushType, priority, expiration, collapseId }: Notification,
  topic: string | undefined,
): FieldValues {
  return [
    topic,
    pushType,
    priority === undefined ? undefined : String(priority),
    expiration === undefined ? undefined : String(expiration),
    collapseId === undefined ? undefined : octetsOf(collapseId),
  ];
}

/** Header values are octets: the bytes of the UTF-8 text, written as latin-1. Those of ASCII are the text itself. */
function octetsOf(text: string): string {
  // A loop: a regular expression takes longer for the 64 characters that a collapse id has at most.
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, "utf8").toString("latin1");
  }
  return text;
}

export function pseudoFields(method: string, authority: string): TemplateField[] {
  return [...field(":method", method), ...field(":scheme", "https"), ...field(":authority", authority)];
}

export function field(name: string, value: string | undefined): TemplateField[] {
  return value === undefined ? [] : [{ name, value }];
}

/** A field whose value does not repeat: not indexed, so that it takes no room in the header table. */
export function once(name: string, value: string | undefined): TemplateField[] {
  return value === undefined ? [] : [{ name, value, indexing: "none" }];
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws {InvalidArgumentError} unless the id is a UUID, as APNs wants `apns-id` and `apns-request-id` */
export function checkUuid(name: string, id: unknown): string {
  if (typeof id === "string" && uuid.test(id)) return id;
  throw new InvalidArgumentError(name, "is not a UUID of hexadecimal digits, 8-4-4-4-12; APNs would refuse it.");
}

/** Header fields that the transport sets itself. */
const ownFields: ReadonlySet<string> = new Set([
  "authorization",
  "apns-topic",
  "apns-push-type",
  "apns-priority",
  "apns-expiration",
  "apns-collapse-id",
  "apns-id",
  "apns-channel-id",
  "apns-request-id",
]);

/** Header fields that belong to the connection or to HTTP/2 itself: with one of them a request is malformed (RFC 9113, section 8.2.2). */
const protocolFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @throws {InvalidArgumentError} naming the header that cannot be sent, never its value */
export function checkExtraHeaders(headers: ExtraHeaders): ExtraHeaders {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      throw new InvalidArgumentError(`headers.${name}`, "is no header name; HTTP/2 wants it in lower case.");
    }
    if (ownFields.has(name)) {
      throw new InvalidArgumentError(
        `headers.${name}`,
        "is set by the transport; APNs refuses a header that is repeated.",
      );
    }
    if (protocolFields.has(name)) {
      throw new InvalidArgumentError(
        `headers.${name}`,
        "belongs to the connection or to HTTP/2 itself; a request that has it is malformed.",
      );
    }
    if (typeof value !== "string" || !/^[\x20-\x7e]*$/.test(value)) {
      throw new InvalidArgumentError(`headers.${name}`, "has a value that is not a text of visible ASCII.");
    }
  }
  return { ...headers };
}
