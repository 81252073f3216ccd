import { type ApnsError, isRetryable, type Reason, reasonRow } from "@apns/core";
import { checkInteger, checkSignal } from "@apns/core/internal";
import type { HeaderFields, RequestTemplateOptions, TemplateField } from "@apns/h2";
import { Request } from "./dispatcher/request.js";
import { checkUuid, field, once, pseudoFields } from "./request-headers.js";
import { dateOf, fallbackReason, parseBody, parseRetryAfter } from "./response.js";
import type { ServiceContext } from "./service.js";

/** Options of every broadcast and channel request. */
export interface RequestOptions {
  /** Your own id of the request, a UUID; APNs returns it. @default made by APNs */
  readonly apnsRequestId?: string;
  /** How long the request may take in all, in milliseconds. @default the client's `timeoutMs` */
  readonly timeoutMs?: number;
  /** Gives up on the request. */
  readonly signal?: AbortSignal;
}

/** @throws {InvalidArgumentError} naming the option that is wrong */
export function checkRequestOptions({ apnsRequestId, timeoutMs, signal }: RequestOptions): void {
  if (apnsRequestId !== undefined) checkUuid("apnsRequestId", apnsRequestId);
  if (timeoutMs !== undefined) checkInteger("timeoutMs", timeoutMs, 1);
  if (signal !== undefined) checkSignal("signal", signal);
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly channelId?: string | undefined;
  readonly fields?: readonly TemplateField[];
  readonly body?: Uint8Array;
}

/** APNs answered. */
export interface ApiAnswer {
  readonly kind: "answered";
  readonly attempts: number;
  readonly httpStatus: number;
  readonly apnsRequestId: string | undefined;
  readonly channelId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly date: Date | undefined;
  readonly body: Uint8Array;
}

/** The request ended without an answer. */
export interface ApiFailure {
  readonly kind: "unsent" | "unconfirmed";
  readonly attempts: number;
  readonly cause: ApnsError;
}

/** A rejection by the API of broadcasts and channels: the content of an answer with a status other than 2xx. */
export interface ApiRejection {
  readonly reason: Reason;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly detail?: string;
}

/** Makes one request; resolves, whatever happens. */
export function perform(
  service: ServiceContext,
  request: ApiRequest,
  { apnsRequestId, timeoutMs = service.options.timeoutMs, signal }: RequestOptions,
): Promise<ApiAnswer | ApiFailure> {
  return new Promise((resolve) => {
    service.dispatcher.submit(new PendingApiRequest(service, request, apnsRequestId, timeoutMs, resolve), signal);
  });
}

/** Reads a status other than 2xx. @param bundleId the app that the request named */
export function rejectionOf(answer: ApiAnswer, { explain }: ServiceContext, bundleId: string): ApiRejection {
  const { httpStatus, retryAfterMs, date, body } = answer;
  const row = reasonRow(parseBody(body).reason ?? fallbackReason(httpStatus), httpStatus);
  const detail = explain(row.reason, bundleId, date);
  return {
    reason: row.reason,
    httpStatus,
    retryable: isRetryable(row.retry),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(detail === undefined ? {} : { detail }),
  };
}

const noBody: Uint8Array = new Uint8Array(0);

class PendingApiRequest extends Request {
  readonly #service: ServiceContext;
  readonly #request: ApiRequest;
  readonly #apnsRequestId: string | undefined;
  readonly #resolve: (result: ApiAnswer | ApiFailure) => void;

  constructor(
    service: ServiceContext,
    request: ApiRequest,
    apnsRequestId: string | undefined,
    timeoutMs: number,
    resolve: (result: ApiAnswer | ApiFailure) => void,
  ) {
    super(timeoutMs);
    this.#service = service;
    this.#request = request;
    this.#apnsRequestId = apnsRequestId;
    this.#resolve = resolve;
  }

  /** The result of a GET is the body; that of the other methods is the status. */
  override isDecidedBy(httpStatus: number): boolean {
    return this.#request.method !== "GET" || httpStatus >= 300;
  }

  /** Templates are not shared: these requests are few, and hardly ever alike. */
  override get templateKey(): object {
    return this;
  }

  override describeHeaders(authorization: string | undefined): RequestTemplateOptions {
    const { method, path, channelId, fields = [] } = this.#request;
    const { authority, options } = this.#service;
    return {
      pathPrefix: path,
      fields: [
        ...pseudoFields(method, authority),
        ...field("authorization", authorization),
        ...once("apns-channel-id", channelId),
        ...once("apns-request-id", this.#apnsRequestId),
        ...fields,
        ...Object.entries(options.headers).flatMap(([name, value]) => field(name, value)),
      ],
    };
  }

  override get headerValues(): undefined {
    return undefined;
  }

  override get path(): string {
    return "";
  }

  override get variable(): undefined {
    return undefined;
  }

  override get body(): Uint8Array {
    return this.#request.body ?? noBody;
  }

  override answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    const { clock } = this.#service.options;
    const retryAfter = headers.get("retry-after");
    this.#resolve({
      kind: "answered",
      attempts: this.attempts,
      httpStatus,
      apnsRequestId: headers.get("apns-request-id") ?? this.#apnsRequestId,
      channelId: headers.get("apns-channel-id"),
      retryAfterMs: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, clock),
      date: dateOf(headers, clock),
      body,
    });
  }

  override failed(processed: "no" | "unknown", cause: ApnsError): void {
    this.#resolve({ kind: processed === "no" ? "unsent" : "unconfirmed", attempts: this.attempts, cause });
  }
}
