import { InvalidArgumentError, type Notification, topicFor } from "@apns/core";
import type { RequestTemplateOptions, TemplateField } from "@apns/h2";

/** Headers beyond those APNs documents, for experts: lower-case names, visible ASCII values. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** Everything of a device request that is the same for every device. */
export function deviceRequest(
  notification: Notification,
  authority: string,
  defaultTopic: string | undefined,
  extraHeaders: ExtraHeaders,
  authorization: string | undefined,
): RequestTemplateOptions {
  return {
    pathPrefix: "/3/device/",
    variable: "apns-id",
    fields: [
      ...pseudoFields("POST", authority),
      ...field("authorization", authorization),
      ...field("apns-topic", topicOf(notification, defaultTopic)),
      ...notificationFields(notification),
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

type Delivery = Pick<Notification, "pushType" | "priority" | "expiration" | "collapseId">;

/** The header fields of a notification, except its topic. */
export function notificationFields(notification: Delivery): TemplateField[] {
  const { pushType, priority, expiration, collapseId } = notification;
  return [
    ...field("apns-push-type", pushType),
    ...field("apns-priority", priority?.toString()),
    ...field("apns-expiration", expiration?.toString()),
    // Header values are octets: the bytes of the UTF-8 text, written as latin-1.
    ...field(
      "apns-collapse-id",
      collapseId === undefined ? undefined : Buffer.from(collapseId, "utf8").toString("latin1"),
    ),
  ];
}

export function pseudoFields(method: string, authority: string): TemplateField[] {
  return [...field(":method", method), ...field(":scheme", "https"), ...field(":authority", authority)];
}

export function field(name: string, value: string | undefined): TemplateField[] {
  return value === undefined ? [] : [{ name, value }];
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
