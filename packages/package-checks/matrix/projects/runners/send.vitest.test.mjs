import { expect, test } from "vitest";
import { sendBoth } from "./send-both.mjs";

test("sends over both wires", async () => expect(await sendBoth()).toBe("accepted accepted"));
