const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";
const month = `(?<month>${months.join("|")})`;

/** The three forms that a recipient must accept, newest first. */
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]+day, (?<day>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * Reads an HTTP date (RFC 9110, section 5.6.7); undefined if the text is anything else. `Date.parse` reads dates into texts
 * such as `-5` and `garbage 7`.
 * @param now decides the century of a year of two digits: at most 50 years in the future; milliseconds since the epoch
 */
export function parseHttpDate(text: string, now: number): Date | undefined {
  for (const form of forms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const number = (name: string): number => Number(parts[name]);
    const year = parts["year"]!.length === 2 ? centuryOf(number("year"), now) : number("year");
    const date = new Date(0);
    date.setUTCFullYear(year, months.indexOf(parts["month"]!), number("day"));
    date.setUTCHours(number("hour"), number("minute"), number("second"));
    // 31 February and 25:00 would roll over.
    const isReal = date.getUTCDate() === number("day") && date.getUTCHours() === number("hour");
    return isReal ? date : undefined;
  }
  return undefined;
}

function centuryOf(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
