import { equal } from "node:assert/strict";
import { test } from "node:test";
import { sendBoth } from "./send-both.mjs";

test("sends over both wires", async () => equal(await sendBoth(), "accepted accepted"));
