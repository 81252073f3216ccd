import { equal } from "node:assert/strict";
import { sendBoth } from "./send-both";

it("sends over both wires", async () => equal(await sendBoth(), "accepted accepted"));
