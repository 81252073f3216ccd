const { equal } = require("node:assert/strict");
const { sendBoth } = require("./send-both.cjs");

it("sends over both wires", async () => equal(await sendBoth(), "accepted accepted"));
