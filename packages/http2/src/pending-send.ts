import type { ApnsError, Clock, Notification, Outcome } from "@apns/core";
import type { FieldValues, HeaderFields, RequestTemplateOptions } from "@apns/h2";
import { Request } from "./dispatcher/request.js";
import type { HeaderValues } from "./header-values.js";
import { outcomeOf } from "./response.js";

/** The parts of a transport that its sends use. */
export interface SendContext {
  readonly clock: Clock;
  readonly headerValues: HeaderValues;
  describeHeaders(authorization: string | undefined): RequestTemplateOptions;
  explain(reason: string, notification: Notification, serverDate: Date | undefined): string | undefined;
}

/** A notification on its way to a device. */
export class PendingSend extends Request {
  readonly notification: Notification;
  readonly deviceToken: string;
  /** The caller's, if any. */
  readonly apnsId: string | undefined;
  readonly #context: SendContext;
  readonly #resolve: (outcome: Outcome) => void;

  constructor(
    context: SendContext,
    notification: Notification,
    deviceToken: string,
    apnsId: string | undefined,
    timeoutMs: number,
    resolve: (outcome: Outcome) => void,
  ) {
    super(timeoutMs);
    this.#context = context;
    this.notification = notification;
    this.deviceToken = deviceToken;
    this.apnsId = apnsId;
    this.#resolve = resolve;
  }

  /** All sends of a transport share their constant headers. */
  override get templateKey(): SendContext {
    return this.#context;
  }

  override describeHeaders(authorization: string | undefined): RequestTemplateOptions {
    return this.#context.describeHeaders(authorization);
  }

  override get headerValues(): FieldValues {
    return this.#context.headerValues.of(this.notification);
  }

  override get path(): string {
    return this.deviceToken;
  }

  override get variable(): string | undefined {
    return this.apnsId;
  }

  override get body(): Uint8Array {
    return this.notification.encodedPayload;
  }

  override answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    const { clock } = this.#context;
    this.#resolve(outcomeOf(httpStatus, headers, body, this, clock));
  }

  /** The probable cause of a rejection. */
  explain(reason: string, serverDate: Date | undefined): string | undefined {
    return this.#context.explain(reason, this.notification, serverDate);
  }

  override failed(processed: "no" | "unknown", cause: ApnsError): void {
    const { deviceToken, apnsId, attempts } = this;
    this.#resolve({ kind: processed === "no" ? "unsent" : "unconfirmed", deviceToken, apnsId, attempts, cause });
  }
}
