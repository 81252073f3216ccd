// Answers calls, and ends or falls silent when told to.
import { answerParent } from "../../dist/index.js";

const sendEvent = answerParent({
  double: (value) => value * 2,
  later: async (value) => {
    await new Promise((resolve) => setImmediate(resolve));
    return { value, bytes: new Uint8Array([1, 2, 3]) };
  },
  nothing: () => {},
  fail: () => {
    throw new TypeError("no such thing");
  },
  never: () => new Promise(() => {}),
  exit: (code) => process.exit(code),
  throwLater: () => {
    setImmediate(() => {
      throw new Error("uncaught");
    });
    return new Promise(() => {});
  },
  // Takes no message any more, and no signal that can be handled.
  block: () => {
    process.on("SIGTERM", () => {});
    sendEvent("blocking");
    for (;;);
  },
  events: (count) => {
    for (let index = 0; index < count; index++) sendEvent({ index });
  },
  pid: () => process.pid,
});
