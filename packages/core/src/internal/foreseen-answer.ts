import { InvalidArgumentError, PayloadTooLargeError } from "../errors.js";

export interface ForeseenAnswer {
  readonly httpStatus: number;
  readonly reason: string;
}

/** By the field that is wrong. */
const reasons: Readonly<Record<string, string>> = {
  deviceToken: "BadDeviceToken",
  apnsId: "BadMessageId",
  apnsRequestId: "BadMessageId",
  topic: "BadTopic",
  bundleId: "BadTopic",
  channelId: "BadChannelId",
  collapseId: "BadCollapseId",
  pushType: "InvalidPushType",
  expiration: "BadExpirationDate",
  priority: "BadPriority",
  payload: "PayloadEmpty",
};

/**
 * The answer that APNs would have given to what was not sent, because it was certain to be refused; `undefined` if the error is of
 * another kind. For packages with the API of a library that sends such things.
 */
export function foreseenAnswer(error: unknown): ForeseenAnswer | undefined {
  if (error instanceof PayloadTooLargeError) return { httpStatus: 413, reason: "PayloadTooLarge" };
  const reason = error instanceof InvalidArgumentError ? reasons[error.field] : undefined;
  return reason === undefined ? undefined : { httpStatus: 400, reason };
}
