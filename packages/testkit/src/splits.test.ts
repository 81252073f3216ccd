import { expect, test } from "vitest";
import { everySplit, fromHex } from "./splits.js";

test("every split holds the same bytes", () => {
  const bytes = fromHex("00 01 02\n03");
  const splits = [...everySplit(bytes)];
  expect(splits.map((split) => split.name)).toEqual(["whole", "byte by byte", "cut at 1", "cut at 2", "cut at 3"]);
  for (const { chunks } of splits) expect(Buffer.concat(chunks)).toEqual(bytes);
});

test("text that is not hexadecimal is refused", () => {
  expect(() => fromHex("0")).toThrow("not hexadecimal");
  expect(() => fromHex("zz")).toThrow("not hexadecimal");
});
