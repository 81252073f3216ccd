// The bridge in a process of its own, as it would stand in a back room: between a sender that knows nothing and Apple.
import { Bridging } from "./bridging.js";
import type { FromBridge, ToBridge } from "./messages.js";

/** Ten times a second is enough for eyes, and costs nothing. */
const sampleEveryMs = 100;

let bridging: Bridging | undefined;
let timer: NodeJS.Timeout | undefined;

function tell(message: FromBridge): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

function tellSample(): void {
  tell({ type: "sample", lanes: [bridging!.lane()], ...bridging!.takeNotes(), bridge: bridging!.bridge() });
}

async function open({ apple, server, settings }: ToBridge & { readonly type: "open" }): Promise<void> {
  bridging = await Bridging.start(apple, server, settings);
  timer = setInterval(tellSample, sampleEveryMs);
  tell({ type: "ready", gateway: bridging.gateway });
}

async function finish({ accepted, faulty }: ToBridge & { readonly type: "finish" }): Promise<void> {
  clearInterval(timer);
  tellSample();
  tell({ type: "report", ...(await bridging!.finish(accepted, faulty)) });
}

process.on("message", (message: ToBridge) => {
  (message.type === "open" ? open(message) : finish(message)).catch((error: Error) =>
    tell({ type: "failed", message: error.message }),
  );
});

// The demo is gone: nobody is left to bridge for.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the demo decides when this one ends.
process.on("SIGINT", () => {});
