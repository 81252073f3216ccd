import { join } from "node:path";
import { normalizeDeviceToken } from "@apns/core";
import { type Simulator, startSimulator } from "@apns/simulator";
import { ExitCode } from "../exit-code.js";
import { onStdoutFailure, printNote } from "../terminal/output.js";
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
    // The view keeps what it shows: only the control API is asked for what came.
    ...(flags.controlPort === undefined ? { maxReceived: 0 } : {}),
    onReceived: (notification) => view.received(notification),
  });
  try {
    for (const deviceToken of deviceTokens) simulator.world.register(deviceToken);
    const control = flags.controlPort === undefined ? undefined : await openControl(simulator, flags);
    const folder = await SimulatorFolder.open(simulator, flags.dir, flags.environment);
    try {
      view.listening(listening(simulator, control?.url, flags.dir));
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
