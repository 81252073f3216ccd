// A sender in a process of its own: so that its CPU time can be told apart, and nothing that is shown slows it down.
import type { FromSender, ToSender } from "./messages.js";
import { Sending } from "./sending.js";

/** Ten times a second is enough for eyes, and costs nothing. */
const sampleEveryMs = 100;

let sending: Sending | undefined;

function tell(message: FromSender): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

function tellSample(): void {
  tell({ type: "sample", lanes: sending!.sample(), ...sending!.takeNotes() });
}

async function go(): Promise<void> {
  const timer = setInterval(tellSample, sampleEveryMs);
  await sending!.run();
  clearInterval(timer);
  tellSample();
  tell({ type: "settled" });
}

function failed(error: unknown): void {
  tell({ type: "failed", message: (error as Error).message });
}

process.on("message", (message: ToSender) => {
  try {
    if (message.type === "open") {
      sending = new Sending(message.apple, message.settings, message.wires);
      tell({ type: "ready" });
    } else if (message.type === "go") go().catch(failed);
    else if (message.type === "pause") sending?.pause();
    else if (message.type === "resume") sending?.resume();
    else if (message.type === "stop") sending?.stop();
    else if (message.type === "share") sending?.setShare(message.sharePercent);
    else tell({ type: "report", lanes: sending!.report(message.accepted, message.faulty) });
  } catch (error) {
    failed(error);
  }
});

// The demo is gone: nobody is left to send for.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the demo decides when this one ends.
process.on("SIGINT", () => {});
