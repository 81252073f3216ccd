import { type ApnsError, InvalidArgumentError } from "@apns/core";
import { checkHeaderText } from "@apns/core/internal";
import type { TemplateField } from "@apns/h2";
import { type ApiRejection, checkRequestOptions, perform, type RequestOptions, rejectionOf } from "../api-request.js";
import { field, once } from "../request-headers.js";
import type { ServiceContext } from "../service.js";
import { type BroadcastNotification, bundleIdOf } from "./broadcast-notification.js";

interface BroadcastBase {
  readonly channelId: string;
  /** The request's id at APNs: yours, or the one APNs made. */
  readonly apnsRequestId: string | undefined;
  /** How often it was written to a connection. */
  readonly attempts: number;
}

/** What is known about one broadcast; the kinds mean what they mean for notifications. */
export type BroadcastOutcome =
  | (BroadcastBase & { readonly kind: "accepted" })
  | (BroadcastBase & ApiRejection & { readonly kind: "rejected" })
  | (BroadcastBase & { readonly kind: "unsent" | "unconfirmed"; readonly cause: ApnsError });

/** @throws {InvalidArgumentError} naming what is wrong; nothing was sent then */
export async function broadcast(
  service: ServiceContext,
  topic: string | undefined,
  notification: BroadcastNotification,
  channelId: string,
  options: RequestOptions,
): Promise<BroadcastOutcome> {
  checkHeaderText("channelId", channelId);
  checkRequestOptions(options);
  const bundleId = notification.bundleId ?? (topic === undefined ? undefined : bundleIdOf("topic", topic));
  if (bundleId === undefined) {
    throw new InvalidArgumentError("bundleId", "is given neither by the broadcast nor as the transport's topic.");
  }
  const result = await perform(
    service,
    {
      method: "POST",
      path: `/4/broadcasts/apps/${encodeURIComponent(bundleId)}`,
      channelId,
      fields: fieldsOf(notification),
      body: notification.encodedPayload,
    },
    options,
  );
  const { kind, attempts } = result;
  if (kind !== "answered")
    return { kind, channelId, apnsRequestId: options.apnsRequestId, attempts, cause: result.cause };
  const base = { channelId, apnsRequestId: result.apnsRequestId, attempts };
  if (result.httpStatus < 300) return { kind: "accepted", ...base };
  return { kind: "rejected", ...base, ...rejectionOf(result, service, bundleId) };
}

/** An instant differs from one broadcast to the next. */
function fieldsOf({ pushType, priority, expiration }: BroadcastNotification): TemplateField[] {
  return [
    ...field("apns-push-type", pushType),
    ...field("apns-priority", priority?.toString()),
    ...once("apns-expiration", expiration?.toString()),
  ];
}
