import { ApnsError, type Reason, reasonRow } from "@apns/core";
import type { ApiFailure, ApiRejection } from "../api-request.js";

/** A channel request did not succeed. */
export class ChannelError extends ApnsError {
  override readonly name = "ChannelError";
  /**
   * `rejected`: APNs refused it, and nothing has changed. `unsent`: certainly never processed. `unconfirmed`: it may have
   * been processed; `list` shows what there is now.
   */
  readonly kind: "rejected" | "unsent" | "unconfirmed";
  /** Of a refusal. */
  readonly reason: Reason | undefined;
  /** Of a refusal. */
  readonly httpStatus: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The wait that APNs asks for, if it does. */
  readonly retryAfterMs: number | undefined;
  /** The request's id at APNs, where it is known. */
  readonly apnsRequestId: string | undefined;

  constructor(code: string, message: string, facts: ChannelErrorFacts) {
    super(code, message, { cause: facts.cause });
    this.kind = facts.kind;
    this.reason = facts.reason;
    this.httpStatus = facts.httpStatus;
    this.retryable = facts.retryable;
    this.retryAfterMs = facts.retryAfterMs;
    this.apnsRequestId = facts.apnsRequestId;
  }
}

interface ChannelErrorFacts extends Partial<ApiRejection> {
  readonly kind: ChannelError["kind"];
  readonly retryable: boolean;
  readonly apnsRequestId?: string | undefined;
  readonly cause?: unknown;
}

export function rejectedRequest(what: string, refusal: ApiRejection, apnsRequestId: string | undefined): ChannelError {
  const { reason, httpStatus, detail } = refusal;
  const why = detail ?? reasonRow(reason, httpStatus).meaning;
  // APNs was seen to answer so for a channel that was deleted or never existed.
  const unknown = httpStatus === 404 ? " It is also APNs' answer to a channel that does not exist." : "";
  return new ChannelError("ERR_APNS_REJECTED", `${what}: APNs answered ${httpStatus} ${reason}. ${why}${unknown}`, {
    kind: "rejected",
    ...refusal,
    apnsRequestId,
  });
}

export function failedRequest(what: string, failure: ApiFailure, apnsRequestId: string | undefined): ChannelError {
  const { kind, cause } = failure;
  const said = kind === "unsent" ? "not sent" : "sent, and no answer came";
  return new ChannelError(cause.code, `${what}: ${said}. ${cause.message}`, {
    kind,
    retryable: kind === "unsent",
    apnsRequestId,
    cause,
  });
}

export function unreadableAnswer(what: string, problem: string, apnsRequestId: string | undefined): ChannelError {
  return new ChannelError("ERR_APNS_PROTOCOL", `${what}: APNs answered with success, but ${problem}.`, {
    kind: "unconfirmed",
    retryable: false,
    apnsRequestId,
  });
}
