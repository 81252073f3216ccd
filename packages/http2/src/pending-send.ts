import type { ApnsError, Clock, Notification, Outcome } from "@apns/core";
import type { HeaderFields, RequestTemplateOptions } from "@apns/h2";
import type { Connection } from "./engine/connection.js";
import { Exchange } from "./engine/exchange.js";
import type { HeaderKinds } from "./header-kinds.js";
import { outcomeOf } from "./response.js";

/** What every send of a transport needs of it. */
export interface SendContext {
  readonly clock: Clock;
  readonly kinds: HeaderKinds;
  template(notification: Notification, authorization: string | undefined): RequestTemplateOptions;
  diagnose(reason: string, serverDate: Date | undefined): string | undefined;
}

/** A notification on its way to a device. */
export class PendingSend extends Exchange {
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

  override write(connection: Connection, authorization: string | undefined): number {
    const { notification } = this;
    const kind = this.#context.kinds.kindOf(notification);
    const template =
      connection.knownTemplate(kind, authorization) ??
      connection.addTemplate(kind, authorization, this.#context.template(kind, authorization));
    return connection.request(template, this.deviceToken, this.apnsId, notification.encodedPayload, this);
  }

  override answered(httpStatus: number, headers: HeaderFields, body: Uint8Array): void {
    const { clock, diagnose } = this.#context;
    this.#resolve(outcomeOf(httpStatus, headers, body, this, clock, diagnose));
  }

  override failed(processed: "no" | "unknown", cause: ApnsError): void {
    const { deviceToken, apnsId, attempts } = this;
    this.#resolve({ kind: processed === "no" ? "unsent" : "unconfirmed", deviceToken, apnsId, attempts, cause });
  }
}
