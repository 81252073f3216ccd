// Apple's stand-in for the page, in a process of its own: three phones, the faults of the buttons, and the count of what
// was really received.
import { type Simulator, startSimulator } from "@apns/simulator";
import type { AcceptedCounts } from "../../simulator/messages.js";
import { indexOf, Workload, type WorkloadOptions } from "../../workload.js";
import { FaultBox } from "./fault-box.js";
import type { FromApple, ToApple } from "./messages.js";
import { Phone } from "./phone.js";

/** Screens are told of so often at most, and spent faults are taken off as often. */
const tellEveryMs = 50;

let counts: AcceptedCounts = { http2: new Uint8Array(0), binary: new Uint8Array(0) };
let workload: Workload | undefined;
let simulator: Simulator | undefined;
let faults: FaultBox | undefined;
let phones: Phone[] = [];
let phonesChanged = false;

function tell(message: FromApple): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

function tellPhones(): void {
  phonesChanged = false;
  tell({ type: "phones", phones: phones.map(({ view }) => view), addresses: phones.map(({ address }) => address) });
}

async function start(delayMs: number): Promise<void> {
  simulator = await startSimulator({
    latencyMs: delayMs,
    maxReceived: 0,
    onReceived: ({ wire, deviceToken, verdict }) => {
      const seen = counts[wire];
      const index = indexOf(deviceToken);
      // Not of the run: for a phone, which may be offline and not tell of it.
      if (index >= seen.length) phonesChanged = true;
      else if (verdict.kind === "accepted" && seen[index]! < 255) seen[index]!++;
    },
  });
  const { world, credentials, authority } = simulator;
  faults = new FaultBox(simulator, () => tell({ type: "faults", active: faults!.active }));
  const onChange = (): void => {
    phonesChanged = true;
  };
  phones = ["Ada", "Grace", "Alan"].map((name) => new Phone(name, world, credentials.bundleId, onChange));
  setInterval(() => {
    if (phonesChanged) tellPhones();
    faults!.tidy();
  }, tellEveryMs);

  const { topic, teamId, keyId, signingKey, tls, ca } = credentials;
  const { http2, gateway, feedback } = simulator;
  const server = await authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
  tell({ type: "ready", apple: { http2, gateway, feedback, ca, topic, teamId, keyId, signingKey, tls }, server });
  tellPhones();
}

/** The device tokens of this run are known from now on, and those of the last one never existed. */
function prepare(options: WorkloadOptions): void {
  const { world } = simulator!;
  if (workload !== undefined) world.forget(workload.deviceTokens());
  workload = new Workload(options);
  for (let index = 0; index < workload.count; index++) {
    const kind = workload.kind(index);
    if (kind === "bad") continue;
    world.register(workload.deviceToken(index));
    if (kind === "unregistered") world.unregister(workload.deviceToken(index));
  }
  counts = { http2: new Uint8Array(workload.count), binary: new Uint8Array(workload.count) };
  tell({ type: "prepared" });
}

process.on("message", (message: ToApple) => {
  try {
    if (message.type === "start") {
      start(message.delayMs).catch((error: Error) => tell({ type: "failed", message: error.message }));
    } else if (message.type === "prepare") prepare(message.workload);
    else if (message.type === "counts") tell({ type: "counts", counts });
    else if (message.type === "fault") faults!.strike(message.name);
    else if (message.type === "clearFaults") faults!.clear();
    else phones[message.phone]?.act(message.action);
  } catch (error) {
    tell({ type: "failed", message: (error as Error).message });
  }
});

// The demo is gone: nobody is left to ask, and nothing here is worth keeping.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the demo decides when this one ends.
process.on("SIGINT", () => {});
