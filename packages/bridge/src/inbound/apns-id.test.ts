import { expect, test } from "vitest";
import { ApnsIds } from "./apns-id.ts";

test("apns ids are UUIDs that end in number and identifier, and begin alike on one connection", () => {
  const ids = new ApnsIds("old script");
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(ids.idFor(0, undefined)).toMatch(uuid);
  expect(ids.idFor(0x1234567, 0xffffffff)).toMatch(uuid);
  expect(ids.idFor(0x1234567, 0xffffffff)).toBe(`${ids.prefix}123-4567ffffffff`);
  expect(new ApnsIds("old script").prefix.slice(0, 8)).toBe(ids.prefix.slice(0, 8));
  expect(new ApnsIds("old script").prefix).not.toBe(ids.prefix);
});
