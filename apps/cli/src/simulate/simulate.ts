import { join } from "node:path";
import { normalizeDeviceToken } from "@apns/core";
import { type Simulator, startSimulator } from "@apns/simulator";
import { UsageError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { openList } from "../send/targets/open-list.js";
import { isBad } from "../send/targets/target.js";
import { onStdoutFailure, printNote } from "../terminal/output.js";
import { addFaults, FaultKeys } from "./faults.js";
import type { SimulateFlags } from "./flags.js";
import { SimulatorFolder } from "./folder.js";
import { servePortal } from "./portal.js";
import { type Listening, makeView } from "./view.js";

/** Runs until Ctrl-C, SIGTERM or SIGHUP, or until the reader of stdout has closed it. */
export async function simulate(flags: SimulateFlags): Promise<void> {
  const deviceTokens = flags.device.map((text) => normalizeDeviceToken(text));
  const view = makeView(flags.json === true);
  // From the start on: what is written to the folder tells others that they may use it, and end it.
  const interruption = interrupted();
  const simulator = await startSimulator({
    host: flags.host,
    ports: {
      http2: flags.port,
      gateway: flags.gatewayPort,
      feedback: flags.feedbackPort,
      channels: flags.channelsPort,
    },
    unknownDeviceTokens: flags.acceptUnknown ? "accept" : "reject",
    environment: flags.environment,
    bundleId: flags.bundleId,
    teamId: flags.teamId,
    keyId: flags.keyId,
    latencyMs: flags.latencyMs,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    keyType: flags.rsa ? "rsa" : "ec",
    ...(flags.legacyTls ? { legacyTls: oldTls } : {}),
    // The view keeps what it shows: only the control API is asked for what came.
    ...(flags.controlPort === undefined ? { maxReceived: 0 } : {}),
    onReceived: (notification) => view.received(notification),
  });
  try {
    simulator.world.register(deviceTokens);
    if (flags.devices !== undefined) await registerList(simulator, flags.devices);
    addFaults(simulator, flags.fault);
    const control = flags.controlPort === undefined ? undefined : await openControl(simulator, flags);
    const folder = await SimulatorFolder.open(simulator, flags.dir, flags.environment);
    try {
      view.listening(listening(simulator, control?.url, flags.dir));
      view.useKeys(new FaultKeys(simulator));
      const portal = servePortal(simulator, flags.dir, folder.files, (text) => view.note(text));
      await interruption;
      portal.stop();
    } finally {
      await folder.close();
      await control?.close();
    }
  } finally {
    await simulator.close();
  }
  view.end(simulator.stats());
}

/** As the OpenSSL of such senders speaks it; today's refuses it unless told otherwise. */
const oldTls = { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;

/** How many device tokens are registered at a time. */
const registeredAtATime = 10_000;

/** @throws {UsageError} naming the first line that is no device token */
async function registerList(simulator: Simulator, file: string): Promise<void> {
  let some: string[] = [];
  const list = await openList([], { file, format: undefined, option: "--devices" });
  for await (const entry of list.read()) {
    if (isBad(entry)) throw new UsageError(`--devices: line ${entry.line} ${entry.problem}`);
    some.push(entry.deviceToken);
    if (some.length < registeredAtATime) continue;
    simulator.world.register(some);
    some = [];
  }
  simulator.world.register(some);
  list.close();
}

/** Loaded only if it is asked for: it brings an HTTP server. */
async function openControl(
  simulator: Simulator,
  { host, controlPort }: SimulateFlags,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { startControl } = await import("@apns/simulator/control");
  return startControl(simulator, { host, port: controlPort! });
}

function listening(
  { http2, gateway, feedback, channels }: Simulator,
  control: string | undefined,
  folder: string,
): Listening {
  const at = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`;
  return {
    http2: at(http2),
    gateway: at(gateway),
    feedback: at(feedback),
    channels: at(channels),
    control,
    folder,
    config: join(folder, "apns.json"),
  };
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.once(signal, () => resolve());
    onStdoutFailure(({ message, cause }) => {
      if ((cause as NodeJS.ErrnoException).code !== "EPIPE") {
        printNote(`apns: ${message}`);
        process.exitCode = ExitCode.output;
      }
      resolve();
    });
  });
}
