// The bridge in a process of its own, between a legacy sender and Apple.
import { answerParent } from "@apns/processes";
import { Bridging } from "./bridging.js";
import type { BridgeCalls, BridgeEvent } from "./calls.js";

/** As often as people can follow; the cost is negligible. */
const sampleEveryMs = 100;

let bridging: Bridging | undefined;
let timer: NodeJS.Timeout | undefined;

function sendSample(): void {
  send({ lanes: [bridging!.lane()], ...bridging!.takeNotes(), bridge: bridging!.bridge() });
}

const send = answerParent<BridgeCalls, BridgeEvent>({
  open: async ({ apple, server, settings }) => {
    bridging = await Bridging.start(apple, server, settings);
    timer = setInterval(sendSample, sampleEveryMs);
    return bridging.gateway;
  },
  finish: ({ accepted, faulty }) => {
    clearInterval(timer);
    sendSample();
    return bridging!.finish(accepted, faulty);
  },
});
