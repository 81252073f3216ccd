// Sends some events, and exits as soon as the last one has been handed over.
import { answerParent } from "../../dist/index.js";

const sendEvent = answerParent({
  burst: (count) => {
    for (let index = 0; index < count; index++) sendEvent(index);
    process.send({ event: "last" }, () => process.exit(7));
    return new Promise(() => {});
  },
});
