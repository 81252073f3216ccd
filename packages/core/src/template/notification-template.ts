import { InvalidArgumentError, PayloadTooLargeError } from "../errors.js";
import { type Expiration, expirationSeconds } from "../expiration.js";
import { show } from "../internal/check.js";
import { checkOptions, type OptionNames } from "../internal/check-options.js";
import { type Notification, notificationOf } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import {
  checkCollapseId,
  fitPayload,
  limitOwner,
  makeParts,
  NotificationParts,
  type PayloadLimit,
  payloadLimitOf,
} from "../notification-parts.js";
import { isObject } from "../payload/shape.js";
import type { PushType } from "../push-type.js";
import { checkFieldValues, type FieldValues, fieldText, fieldValue, missingField } from "./field-values.js";
import { type KindAt, PayloadTemplate } from "./payload-template.js";
import { onlyName, piecesOf, type TextPieces } from "./placeholder.js";

/** A merge field in place of a whole value. */
export type Placeholder = `{{${string}}}`;

/** How the notifications of a template are delivered; collapse id and expiration may hold fields. */
export interface TemplateDeliveryOptions<Fields extends FieldValues = FieldValues>
  extends Omit<DeliveryOptions, "expiration"> {
  /** As for a notification, or a field whose value is one of these. */
  readonly expiration?: Expiration | Placeholder;
  /** Values of fields that a device has none for. @default none: a field without a value is refused */
  readonly defaults?: Partial<NoInfer<Fields>>;
}

export interface NotificationTemplateOptions<Fields extends FieldValues = FieldValues>
  extends TemplateDeliveryOptions<Fields> {
  readonly pushType: PushType;
  /** An object with fields, `{{name}}`, in its texts. A text that is nothing but a field becomes the field's own value. */
  readonly payload: object;
}

const templateOptionNames: OptionNames = new Set([
  "pushType",
  "payload",
  "defaults",
  ...namesWith<DeliveryOptions>({}),
]);

/**
 * A notification with merge fields: made and checked once, filled for each device. A filled one is a {@link Notification}, and costs
 * a third of the time that `alert` takes.
 */
export class NotificationTemplate<Fields extends FieldValues = FieldValues> {
  /** The names of all fields, in the order of the payload. */
  readonly fields: readonly string[];
  /** Bytes of the payload that are the same for every device: `limitBytes` less these are left for the values. */
  readonly fixedBytes: number;
  /** The size limit of a payload, in bytes of UTF-8. */
  readonly limitBytes: number;
  readonly #base: NotificationParts;
  readonly #payload: PayloadTemplate;
  readonly #limit: PayloadLimit;
  readonly #collapseId: TextPieces | undefined;
  readonly #expiration: string | undefined;
  readonly #defaults: FieldValues;

  /**
   * @param kindAt what is known of the kinds of values in the payload
   * @throws {InvalidArgumentError} naming the field
   * @throws {PayloadTooLargeError} if the constant part alone exceeds the limit, unless told to `fit`
   */
  constructor(options: NotificationTemplateOptions<Fields>, kindAt?: KindAt) {
    checkOptions("a template", options, templateOptionNames);
    this.#payload = new PayloadTemplate(checkPayload(options.payload), kindAt);
    this.#defaults = checkFieldValues("defaults", options.defaults ?? {});
    const { expiration, collapseId, ...others } = options;
    const expirationPieces = typeof expiration === "string" ? piecesOf(expiration) : undefined;
    this.#expiration = expirationPieces === undefined ? undefined : onlyName(expirationPieces);
    const collapseIdPieces = typeof collapseId === "string" ? piecesOf(collapseId) : undefined;
    this.#collapseId =
      collapseIdPieces === undefined || collapseIdPieces.names.length === 0 ? undefined : collapseIdPieces;
    const constant: DeliveryOptions = {
      ...others,
      ...(expiration === undefined || this.#expiration !== undefined ? {} : { expiration: expiration as Expiration }),
      ...(collapseId === undefined || this.#collapseId !== undefined ? {} : { collapseId }),
    };
    // The payload is checked when it is filled.
    this.#base = makeParts(options.pushType, "0", constant);
    this.#limit = payloadLimitOf(this.#base.pushType, constant);
    this.limitBytes = this.#limit.limitBytes;
    this.fixedBytes = this.#payload.fixedBytes;
    const names = [...this.#payload.names, ...(this.#collapseId?.names ?? [])];
    if (this.#expiration !== undefined) names.push(this.#expiration);
    this.fields = Object.freeze([...new Set(names)]);
    if (this.fixedBytes > this.limitBytes && this.#limit.keys === undefined) {
      throw new PayloadTooLargeError(this.fixedBytes, this.limitBytes, limitOwner(this.#limit));
    }
    Object.freeze(this);
  }

  /**
   * The notification of one device.
   * @throws {InvalidArgumentError} `ERR_APNS_MISSING_FIELD` naming a field that has neither value nor default;
   * `ERR_APNS_INVALID_ARGUMENT` naming one whose value cannot be
   * @throws {PayloadTooLargeError} if the payload exceeds its limit, unless told to `fit`
   */
  fill(values: Partial<Fields>): Notification {
    const given = checkFieldValues("fields", values);
    const base = this.#base;
    const encoded = this.#payload.fill(given, this.#defaults);
    return notificationOf(
      new NotificationParts(
        base.pushType,
        base.topic,
        base.priority,
        this.#expiration === undefined ? base.expiration : this.#expirationOf(this.#expiration, given),
        this.#collapseId === undefined ? base.collapseId : this.#collapseIdOf(this.#collapseId, given),
        fitPayload(encoded, this.#limit, true),
      ),
    );
  }

  #expirationOf(name: string, values: FieldValues): number | undefined {
    const value = fieldValue(name, values, this.#defaults);
    if (value === undefined) throw missingField(name);
    return expirationSeconds(value as Expiration);
  }

  #collapseIdOf({ pieces, names }: TextPieces, values: FieldValues): string {
    let text = pieces[0]!;
    for (let i = 0; i < names.length; i++) text += fieldText(names[i]!, values, this.#defaults) + pieces[i + 1]!;
    return checkCollapseId(text);
  }
}

function checkPayload(payload: unknown): object {
  if (isObject(payload)) return payload;
  throw new InvalidArgumentError(
    "payload",
    `${show(payload)} is not an object; a template takes no text and no bytes.`,
  );
}

/**
 * A notification of any push type with merge fields, `{{name}}`, in the texts of its payload, its collapse id and its expiration. The
 * payload is taken as it is, like that of `notification`.
 * @throws {InvalidArgumentError} naming the field
 */
export function notificationTemplate<Fields extends FieldValues = FieldValues>(
  options: NotificationTemplateOptions<Fields>,
): NotificationTemplate<Fields> {
  return new NotificationTemplate(options);
}
