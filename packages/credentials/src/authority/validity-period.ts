import { InvalidArgumentError } from "@apns/core";

export interface ValidityOptions {
  /** @default an hour ago, so that clocks that differ a little do not matter */
  readonly notBefore?: Date;
  /** @default 397 days later (an authority: ten years), but not after the issuer's own end */
  readonly notAfter?: Date;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const hourMs = 3_600_000;

/** From when to when a certificate is valid. Only the defaults keep within the issuer's: tests want broken ones too. */
export function resolveValidity(options: ValidityOptions, days: number, issuer?: Validity): Validity {
  const notBefore = checkDate("notBefore", options.notBefore ?? new Date(Date.now() - hourMs));
  const usual = notBefore.getTime() + days * 24 * hourMs;
  const end = Math.min(usual, issuer?.notAfter.getTime() ?? usual);
  const notAfter = checkDate("notAfter", options.notAfter ?? new Date(end));
  if (notAfter <= notBefore) {
    throw new InvalidArgumentError(
      "notAfter",
      `${notAfter.toISOString()} is not later than notBefore, ${notBefore.toISOString()}.`,
    );
  }
  return { notBefore, notAfter };
}

function checkDate(field: string, value: Date): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new InvalidArgumentError(field, `${String(value)} is not a valid Date.`);
}
