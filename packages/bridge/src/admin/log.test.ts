import { expect, test } from "vitest";
import { type BridgeLog, printableLog } from "./log.js";

test("what a peer chose steers no terminal through the log, and forges no line of it", () => {
  const lines: unknown[] = [];
  const keep =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push([level, fields, message]);
  const log: BridgeLog = { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  const at = new Date(0);
  const subject = 'CN=x\u001b[2J\n{"level":30}\u009b31m\u202e';
  for (const level of ["debug", "info", "warn", "error"] as const) {
    printableLog(log)[level](
      { subject, list: [subject], nested: { [subject]: subject }, at, count: 1 },
      `of ${subject}`,
    );
  }
  const escaped = String.raw`CN=x\u001b[2J\n{"level":30}\u009b31m\u202e`;
  const fields = { subject: escaped, list: [escaped], nested: { [escaped]: escaped }, at, count: 1 };
  expect(lines).toEqual(["debug", "info", "warn", "error"].map((level) => [level, fields, `of ${escaped}`]));
});
