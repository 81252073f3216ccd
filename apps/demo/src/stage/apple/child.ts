// Apple's stand-in for the page, in a process of its own: three phones, the faults of the buttons, and the count of the
// notifications that were received.
import { answerParent } from "@apns/processes";
import { type Simulator, startSimulator } from "@apns/simulator";
import type { AcceptedCounts, Apple, TlsFiles } from "../../simulator/calls.js";
import { indexOf, Workload, type WorkloadOptions } from "../../workload.js";
import type { AppleCalls, AppleEvent } from "./calls.js";
import { FaultBox } from "./fault-box.js";
import { Phone } from "./phone.js";

/** How often changed screens are sent, and spent faults removed. */
const sendEveryMs = 50;

let counts: AcceptedCounts = { http2: new Uint8Array(0), binary: new Uint8Array(0) };
let workload: Workload | undefined;
let simulator: Simulator | undefined;
let faults: FaultBox | undefined;
let phones: Phone[] = [];
let phonesChanged = false;

function sendPhones(): void {
  phonesChanged = false;
  send({ type: "phones", phones: phones.map(({ view }) => view), addresses: phones.map(({ address }) => address) });
}

async function start(delayMs: number): Promise<{ readonly apple: Apple; readonly server: TlsFiles }> {
  simulator = await startSimulator({
    latencyMs: delayMs,
    maxReceived: 0,
    onReceived: ({ wire, deviceToken, verdict }) => {
      const seen = counts[wire];
      const index = indexOf(deviceToken);
      // For a phone, and not of the run. A phone that is offline reports no change by itself.
      if (index >= seen.length) phonesChanged = true;
      else if (verdict.kind === "accepted" && seen[index]! < 255) seen[index]!++;
    },
  });
  const { world, credentials, authority } = simulator;
  faults = new FaultBox(simulator, () => send({ type: "faults", active: faults!.active, struck: faults!.counts }));
  const onChange = (): void => {
    phonesChanged = true;
  };
  phones = ["Ada", "Grace", "Alan"].map((name) => new Phone(name, world, credentials.bundleId, onChange));
  setInterval(() => {
    if (phonesChanged) sendPhones();
    faults!.tidy();
  }, sendEveryMs);

  const { topic, teamId, keyId, signingKey, tls, ca } = credentials;
  const { http2, gateway, feedback } = simulator;
  const server = await authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
  sendPhones();
  return { apple: { http2, gateway, feedback, ca, topic, teamId, keyId, signingKey, tls }, server };
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
}

const send = answerParent<AppleCalls, AppleEvent>({
  start,
  prepare,
  counts: () => counts,
  strike: (name) => faults!.strike(name),
  clearFaults: () => faults!.clear(),
  actOnPhone: ({ phone, action }) => phones[phone]?.act(action),
});
