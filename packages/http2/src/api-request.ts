import { type ApnsError, checkInteger, checkSignal, isRetryable, type Reason, reasonRow } from "@apns/core";
import type { HeaderFields, TemplateField } from "@apns/h2";
import type { Client } from "./client.js";
import type { Connection } from "./engine/connection.js";
import { Exchange } from "./engine/exchange.js";
import { checkUuid, field, pseudoFields } from "./request.js";
import { fallbackReason, parseBody, parseDate, parseRetryAfter } from "./response.js";

/** What every broadcast and channel request can be told. */
export interface RequestOptions {
  /** Your own id of the request, a UUID; APNs gives it back. @default APNs makes one */
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

/** There is no answer, and none will come. */
export interface ApiFailure {
  readonly kind: "unsent" | "unconfirmed";
  readonly attempts: number;
  readonly cause: ApnsError;
}

/** What a status other than 2xx says. */
export interface Refusal {
  readonly reason: Reason;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly detail?: string;
}

/** Makes one request; resolves, whatever happens. */
export function perform(
  client: Client,
  request: ApiRequest,
  { apnsRequestId, timeoutMs = client.options.timeoutMs, signal }: RequestOptions,
): Promise<ApiAnswer | ApiFailure> {
  return new Promise((resolve) => {
    client.engine.submit(new ApiExchange(client, request, apnsRequestId, timeoutMs, resolve), signal);
  });
}

/** Reads a status other than 2xx. */
export function refusalOf(answer: ApiAnswer, { authorizer }: Client): Refusal {
  const { httpStatus, retryAfterMs, date, body } = answer;
  const row = reasonRow(parseBody(body).reason ?? fallbackReason(httpStatus), httpStatus);
  const detail = authorizer?.diagnose(row.reason, date);
  return {
    reason: row.reason,
    httpStatus,
    retryable: isRetryable(row.retry),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(detail === undefined ? {} : { detail }),
  };
}

const noBody: Uint8Array = new Uint8Array(0);

class ApiExchange extends Exchange {
  readonly #client: Client;
  readonly #request: ApiRequest;
  readonly #apnsRequestId: string | undefined;
  readonly #resolve: (result: ApiAnswer | ApiFailure) => void;

  constructor(
    client: Client,
    request: ApiRequest,
    apnsRequestId: string | undefined,
    timeoutMs: number,
    resolve: (result: ApiAnswer | ApiFailure) => void,
  ) {
    super(timeoutMs);
    this.#client = client;
    this.#request = request;
    this.#apnsRequestId = apnsRequestId;
    this.#resolve = resolve;
  }

  /** What was asked for is in the body; what was done is in the status. */
  override isDecidedBy(httpStatus: number): boolean {
    return this.#request.method !== "GET" || httpStatus >= 300;
  }

  override write(connection: Connection, authorization: string | undefined): number {
    const { method, path, channelId, fields = [], body = noBody } = this.#request;
    const { authority, options } = this.#client;
    // A template of its own for each: these requests are few, and hardly ever alike.
    const template = connection.addTemplate(this, authorization, {
      pathPrefix: path,
      fields: [
        ...pseudoFields(method, authority),
        ...field("authorization", authorization),
        ...once("apns-channel-id", channelId),
        ...once("apns-request-id", this.#apnsRequestId),
        ...fields,
        ...Object.entries(options.headers).flatMap(([name, value]) => field(name, value)),
      ],
    });
    return connection.request(template, "", undefined, body, this);
  }

  override answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    const retryAfter = headers.get("retry-after");
    this.#resolve({
      kind: "answered",
      attempts: this.attempts,
      httpStatus,
      apnsRequestId: headers.get("apns-request-id") ?? this.#apnsRequestId,
      channelId: headers.get("apns-channel-id"),
      retryAfterMs: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, this.#client.options.clock),
      date: parseDate(headers.get("date")),
      body,
    });
  }

  override failed(processed: "no" | "unknown", cause: ApnsError): void {
    this.#resolve({ kind: processed === "no" ? "unsent" : "unconfirmed", attempts: this.attempts, cause });
  }
}

/** A field whose value will not come again: it must not push others out of the header table. */
function once(name: string, value: string | undefined): TemplateField[] {
  return value === undefined ? [] : [{ name, value, indexing: "none" }];
}
