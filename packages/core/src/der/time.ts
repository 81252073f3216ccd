import { DerError, type DerReader } from "./reader.js";

const utcTime = 0x17;
const generalizedTime = 0x18;

/** Seconds may be missing, and a zone may stand in place of Z: not allowed since RFC 2459, but found in old certificates. */
const shape = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d{1,9})?(?:Z|([+-])(\d\d)(\d\d))$/;

/** Reads the next value, a UTCTime or GeneralizedTime (RFC 5280, section 4.1.2.5). */
export function readTime(reader: DerReader, what: string): Date {
  const { tag, content } = reader.next(what);
  const yearDigits = tag === utcTime ? 2 : tag === generalizedTime ? 4 : 0;
  const found = content.length > 32 ? null : shape.exec(String.fromCharCode(...content));
  if (found === null || found[1]!.length !== yearDigits) throw new DerError(`${what} is no time.`);
  const [digits, month, day, hour, minute, second = 0] = found.slice(1, 7).map((text) => Number(text ?? 0));
  // A year of two digits is from 1950 to 2049.
  const year = yearDigits === 4 ? digits! : digits! + (digits! < 50 ? 2000 : 1900);
  const [sign, zoneHours, zoneMinutes] = found.slice(7);
  const offsetMinutes = (sign === "-" ? -1 : 1) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0));
  const time = new Date(0);
  time.setUTCFullYear(year, month! - 1, day);
  time.setUTCHours(hour!, minute!, second);
  const isReal = time.getUTCMonth() === month! - 1 && time.getUTCDate() === day && minute! < 60 && second < 61;
  if (!isReal) throw new DerError(`${what} is no time.`);
  return new Date(time.getTime() - offsetMinutes * 60_000);
}
