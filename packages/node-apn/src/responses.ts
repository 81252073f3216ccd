// What a provider's methods resolve with.
import { foreseenAnswer } from "@apns/core/internal";
import { type BroadcastOutcome, InvalidArgumentError, type Outcome } from "@apns/http2";
import { ProviderError } from "./provider-error.js";

export interface ResponseSent {
  device: string;
  /** The id that the notification has at APNs. */
  "apns-id"?: string;
}

/** APNs' refusal (`status` and `response`), or an error that kept the notification from being answered (`error`). */
export interface ResponseFailure {
  device: string;
  "apns-id"?: string;
  error?: ProviderError;
  status?: number;
  response?: {
    reason: string;
    /** Since when the device token is dead, in milliseconds. */
    timestamp?: number;
  };
}

export interface BroadcastResponse {
  bundleId: string;
  "apns-request-id"?: string;
  "apns-channel-id"?: string;
  "message-storage-policy"?: number;
  "push-type"?: string;
  channels?: string[];
}

export interface BroadcastResponseFailure extends Omit<ResponseFailure, "device" | "apns-id"> {
  bundleId: string;
  "apns-request-id"?: string;
}

export interface LoggerResponse extends Partial<ResponseSent>, Partial<BroadcastResponse> {}

export interface LoggerResponseFailure extends Partial<ResponseFailure>, Partial<BroadcastResponseFailure> {}

/** The results, in the order of the recipients. */
export interface Responses<Sent = ResponseSent, Failure = ResponseFailure> {
  sent: Sent[];
  failed: Failure[];
}

type Refusal = Required<Pick<ResponseFailure, "status" | "response">>;

/** A part of a failure: APNs' answer, or an error. */
export type Failed = Refusal | { readonly error: ProviderError };

/** The answer of APNs to a mistake that was found here; the error itself if APNs has none. */
export function failedBy(error: unknown): Failed {
  const answer = foreseenAnswer(error);
  if (answer !== undefined) return { status: answer.httpStatus, response: { reason: answer.reason } };
  return { error: error instanceof ProviderError ? error : new ProviderError("unsent", error) };
}

type NotAccepted = Exclude<Outcome | BroadcastOutcome, { kind: "accepted" }>;

/** @param connectError why connecting failed, if the send was given up for that */
export function failedWith(outcome: NotAccepted, connectError?: Error): Failed {
  if (outcome.kind === "rejected") {
    const { httpStatus = 0, reason } = outcome;
    const since = "unregisteredAt" in outcome ? outcome.unregisteredAt : undefined;
    return { status: httpStatus, response: { reason, ...(since !== undefined && { timestamp: since.getTime() }) } };
  }
  const { kind, cause } = outcome;
  if (cause instanceof InvalidArgumentError) return failedBy(cause);
  return { error: new ProviderError(kind, connectError ?? cause, outcome) };
}
