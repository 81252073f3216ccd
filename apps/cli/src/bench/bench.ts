import { BinaryTransport } from "@apns/binary";
import { alert, type SendProgress, type Wire } from "@apns/core";
import { showPath } from "@apns/core/internal";
import { Http2Transport } from "@apns/http2";
import { UsageError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { openList } from "../send/targets/open-list.js";
import { isBad } from "../send/targets/target.js";
import { Settings } from "../settings/settings.js";
import { http2ClientOptions, legacyConnectOptions } from "../settings/transports.js";
import { print, printJson } from "../terminal/output.js";
import { startProgress } from "../terminal/progress.js";
import { comparisonTable, type WireReport } from "./comparison-table.js";
import { generatedTokens, indexOfGenerated, repeated } from "./device-tokens.js";
import type { BenchFlags } from "./flags.js";
import { type CountingTransport, runWire } from "./run-wire.js";
import type { Apple } from "./simulator-calls.js";
import { SimulatorProcess } from "./simulator-process.js";

/** Long enough for any load: no notification is to time out. */
const timeoutMs = 3_600_000;

const titles: Readonly<Record<Wire, string>> = { binary: "binary (legacy)", http2: "HTTP/2" };

type Openers = Readonly<Record<Wire, () => CountingTransport>>;

/** Measures each wire in turn and prints the figures. */
export async function bench(flags: BenchFlags): Promise<void> {
  if (flags.host === undefined && flags.environment === undefined) {
    const simulator = await SimulatorProcess.start(flags.count, flags.delayMs);
    try {
      await measure(flags, openersFor(simulator.apple, flags), () => generatedTokens(flags.count), simulator);
    } finally {
      await simulator.stop();
    }
    return;
  }
  assertConfirmed(flags);
  const tokens = flags.to === undefined ? undefined : await readTokens(flags.to);
  const list = (): Iterable<string> =>
    tokens === undefined ? generatedTokens(flags.count) : repeated(tokens, flags.count);
  await measure(flags, await openersForServer(flags), list, undefined);
}

async function measure(
  flags: BenchFlags,
  openers: Openers,
  deviceTokens: () => Iterable<string>,
  simulator: SimulatorProcess | undefined,
): Promise<void> {
  const wires: readonly Wire[] = flags.transport === "both" ? ["binary", "http2"] : [flags.transport];
  const notification = alert({
    aps: { alert: { title: "Hello", body: "The same notification, over both wires." }, sound: "default" },
  });
  const reports: WireReport[] = [];
  for (const wire of wires) {
    const bar = startProgress(flags.count, flags.json !== true);
    const onInterrupt = (): void => {
      bar.stop();
      process.exit(ExitCode.interrupted);
    };
    process.once("SIGINT", onInterrupt);
    try {
      const acceptedByClient = new Uint8Array(flags.count);
      const onAccepted = (deviceToken: string): void => {
        if (simulator !== undefined) acceptedByClient[indexOfGenerated(deviceToken)] = 1;
      };
      const onProgress = ({ settled }: SendProgress): void => bar.update(settled, () => titles[wire]);
      const run = await runWire(openers[wire](), notification, deviceTokens(), flags.count, onAccepted, onProgress);
      reports.push({ ...run, ...(await simulator?.arrived(wire, acceptedByClient)) });
    } finally {
      process.off("SIGINT", onInterrupt);
      bar.stop();
    }
  }
  const { count, delayMs } = flags;
  if (flags.json) printJson({ count, ...(simulator === undefined ? {} : { delayMs }), wires: reports });
  else print(comparisonTable(reports, titles));
  const unaccounted = reports.some(({ lost = 0, doubled = 0 }) => lost + doubled > 0);
  const unreached = reports.some(({ unsent, unconfirmed }) => unsent + unconfirmed > 0);
  const rejected = reports.some((report) => report.rejected > 0);
  process.exitCode = unaccounted || rejected ? ExitCode.rejected : unreached ? ExitCode.unreachable : ExitCode.ok;
}

function openersFor(apple: Apple, { connections, reconnectEvery }: BenchFlags): Openers {
  const { signingKey: key, keyId, teamId, topic, cert, key: certKey } = apple;
  return {
    binary: () =>
      new BinaryTransport({
        environment: apple.gateway,
        auth: { type: "certificate", cert, key: certKey },
        maxConnections: connections,
        reconnectEvery,
        timeoutMs,
      }),
    http2: () =>
      new Http2Transport({
        environment: apple.http2,
        auth: { type: "token", key, keyId, teamId },
        topic,
        maxConnections: connections,
        timeoutMs,
      }),
  };
}

/** Only the wires that are asked for have to have credentials. */
async function openersForServer(flags: BenchFlags): Promise<Openers> {
  const settings = await Settings.read(flags);
  const { connections, reconnectEvery, transport } = flags;
  const legacy = transport === "http2" ? undefined : await legacyConnectOptions(settings, "gateway");
  const modern = transport === "binary" ? undefined : await http2ClientOptions(settings, "http2");
  const topic = settings.value("topic");
  return {
    binary: () =>
      new BinaryTransport({
        ...legacy!,
        maxConnections: connections,
        reconnectEvery,
        timeoutMs,
        maxConnectFailures: 1,
      }),
    http2: () =>
      new Http2Transport({
        ...modern!,
        ...(topic === undefined ? {} : { topic }),
        maxConnections: connections,
        timeoutMs,
      }),
  };
}

const thisMachine = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Refuses to load a server that is not this machine, unless it was named twice and has a list of device tokens. */
function assertConfirmed({ host, environment, confirmHost, to }: BenchFlags): void {
  const named = host ?? environment!;
  if (host !== undefined && thisMachine.test(host)) return;
  if (confirmHost !== named) {
    throw new UsageError(
      `this pushes for real to ${showPath(named)}, as fast as it can: if that is meant, add --confirm-host ${showPath(named)}`,
    );
  }
  if (to === undefined) {
    throw new UsageError(
      `made-up device tokens are an abuse of ${showPath(named)}: give a list of your own by --to FILE`,
    );
  }
}

async function readTokens(path: string): Promise<string[]> {
  const tokens: string[] = [];
  for await (const entry of (await openList([], { file: path, format: "plain" })).read()) {
    if (isBad(entry)) throw new UsageError(`--to: line ${entry.line} ${entry.problem}`);
    tokens.push(entry.deviceToken);
    if (tokens.length === maxTokens) break;
  }
  if (tokens.length === 0) throw new UsageError("--to: there is no device token in the list");
  return tokens;
}

/** Kept in memory, and repeated. */
const maxTokens = 1_000_000;
