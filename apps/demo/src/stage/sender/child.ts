// A sender in a process of its own: its CPU time can be told apart, and showing the figures does not slow it down.
import { answerParent } from "@apns/processes";
import type { SenderCalls, SenderEvent } from "./calls.js";
import { Sending } from "./sending.js";

/** As often as people can follow; the cost is negligible. */
const sampleEveryMs = 100;

let sending: Sending | undefined;

function sendSample(): void {
  send({ lanes: sending!.sample(), ...sending!.takeNotes() });
}

const send = answerParent<SenderCalls, SenderEvent>({
  open: ({ apple, settings, wires }) => {
    sending = new Sending(apple, settings, wires);
  },
  run: async () => {
    const timer = setInterval(sendSample, sampleEveryMs);
    try {
      await sending!.run();
    } finally {
      clearInterval(timer);
    }
    sendSample();
  },
  pause: () => sending?.pause(),
  resume: () => sending?.resume(),
  stop: () => sending?.stop(),
  setShare: (sharePercent) => sending?.setShare(sharePercent),
  report: ({ accepted, faulty }) => sending!.report(accepted, faulty),
});
