import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority } from "@apns/credentials";
import type { Child } from "@apns/processes";
import { type Figures, medianRatio, medianRow } from "../figures.js";
import { rowGoal } from "../goals.js";
import {
  allDeviceTokens,
  deviceToken,
  keyId,
  makeSigningKey,
  type SinkCalls,
  teamId,
  topic,
} from "../http2/setting.js";
import { contenderCore, runScript, sinkCore, startScript } from "../processes.js";
import type { BenchResult, Progress } from "../report.js";
import type {
  BridgeCalls,
  BridgeSetting,
  BridgeUsage,
  SenderFigures,
  SenderSetting,
  SimulatorAddress,
  SimulatorCalls,
  SimulatorSetting,
} from "./setting.js";

interface Case {
  readonly name: string;
  readonly window: number;
  readonly command: 1 | 2;
  readonly personal?: boolean;
  /** Delay of the simulated upstream's answers, in milliseconds. */
  readonly answerAfterMs?: number;
  /** Answers at once and judges nothing, so that the bridge is what is measured. */
  readonly fastSink?: boolean;
  /** Whether there is a store for what upstream does not take. */
  readonly hold?: boolean;
  /** Nothing listens where upstream should be. */
  readonly away?: boolean;
  /** Share of the full load that is enough for a figure. */
  readonly share: number;
}

const alone: Case = { name: "window 1,000, to the fast sink", window: 1000, command: 1, fastSink: true, share: 1 };
const aloneHolding: Case = { ...alone, name: `${alone.name}, with a hold on disk`, hold: true };
const away: Case = {
  name: "upstream away, held on disk",
  window: 1000,
  command: 1,
  hold: true,
  away: true,
  share: 0.5,
};
const usual: Case = { name: "window 1,000, command 1", window: 1000, command: 1, share: 1 };
const framed: Case = { name: "window 1,000, command 2", window: 1000, command: 2, share: 1 };
const personal: Case = {
  name: "window 1,000, each payload different",
  window: 1000,
  command: 1,
  personal: true,
  share: 0.5,
};
const narrow: Case = { name: "window 100", window: 100, command: 1, share: 0.5 };
const exact: Case = { name: "window 1 (exact)", window: 1, command: 1, share: 0.02 };
const far: Case = {
  name: "window 1,000, upstream 20 ms away",
  window: 1000,
  command: 1,
  answerAfterMs: 20,
  share: 0.3,
};
const exactFar: Case = {
  name: "window 1 (exact), upstream 20 ms away",
  window: 1,
  command: 1,
  answerAfterMs: 20,
  share: 0.0005,
};
const all = [usual, alone, aloneHolding, away, framed, personal, narrow, exact, far, exactFar];

/** Those that fit into 45 seconds. */
const few = [usual, alone, aloneHolding, away, exact, far, exactFar];

/** The goal, in notifications per second on two cores. */
const goalPerSecond = 60_000;

/** The goal while upstream is away: notifications per second that are on disk. */
const heldGoalPerSecond = 10_000;

const deviceTokens = Array.from({ length: allDeviceTokens }, (_, index) => deviceToken(index));
const script = (name: string): URL => new URL(`${name}.js`, import.meta.url);

export async function benchBridge(quick: boolean, progress: Progress): Promise<BenchResult> {
  const authority = await CertificateAuthority.create({ commonName: "Bench CA", keyType: "rsa" });
  const tls = await authority.issueServer({ hosts: ["127.0.0.1", "localhost"] });
  const client = await authority.issuePushCertificate({
    bundleId: "com.example.App",
    teamId: "TEAM123456",
    environments: ["production", "development"],
  });
  const setting = { tls, clientCa: authority.cert, ca: authority.cert, client };
  const cases = quick ? few : all;
  const times = quick ? 1 : 5;
  const full = quick ? 100_000 : 600_000;
  const results = new Map<Case, Figures[]>(cases.map((one) => [one, []]));
  for (let round = 0; round < times; round++) {
    for (const one of cases) {
      progress(`round ${round + 1}/${times}: ${one.name}`);
      results.get(one)!.push(await run(one, Math.round(full * one.share), setting));
    }
  }
  progress("upstream down");
  const down = await runDown(quick ? 2_000 : 20_000, setting);
  const rows = cases.map((one) => medianRow(one.name, results.get(one)!));
  return {
    bench: "bridge",
    rounds: times,
    rows,
    ratios: {
      "window 1,000 / window 1": medianRatio(results.get(usual)!, results.get(exact)!, "perSecond"),
      "with a hold on disk / without": medianRatio(results.get(aloneHolding)!, results.get(alone)!, "perSecond"),
      "window 1,000 / window 1, upstream 20 ms away": medianRatio(
        results.get(far)!,
        results.get(exactFar)!,
        "perSecond",
      ),
    },
    goals: [
      rowGoal(rows, usual.name, "perSecond", { atLeast: goalPerSecond }),
      rowGoal(rows, away.name, "perSecond", { atLeast: heldGoalPerSecond }),
    ],
    notes: [
      "Binary in, HTTP/2 out: sender, bridge and simulator are a process each; the bridge has one core to itself, the other two share the other. One connection in, TLS 1.2; TLS 1.3 out, to the faithful simulator. CPU and memory are the bridge's.",
      "The clock stops when the refusal of a last, empty frame proves that all before it were accepted upstream.",
      `Upstream silent for ${down.seconds.toFixed(0)} s: the bridge took ${down.undecided.toLocaleString("en-US")} notifications, then stopped reading; ${(down.bytes / 2 ** 20).toFixed(1)} MiB left the sender, the bridge's memory rose from ${down.before.toFixed(0)} to ${down.peak.toFixed(0)} MiB.`,
    ],
  };
}

/** Of tcpmux, which nobody runs. */
const closedPort = 1;

interface Upstream extends Omit<SimulatorSetting, "deviceTokens"> {
  readonly fastSink?: boolean;
  readonly away?: boolean;
}

type UpstreamProcess = Child<SimulatorCalls> | Child<SinkCalls>;

/** The fast sink, or the simulator with its faults. */
async function startUpstream(
  { fastSink, away, ...faults }: Upstream,
  { tls, ca }: Setting,
): Promise<{ readonly server: UpstreamProcess; readonly address: SimulatorAddress }> {
  if (fastSink) {
    const server = startScript<SinkCalls>(new URL("../http2/sink.js", import.meta.url), sinkCore);
    const port = await server.call("listen", tls);
    return { server, address: { port, ca, topic, teamId, keyId, signingKey: await makeSigningKey() } };
  }
  const server = startScript<SimulatorCalls>(script("simulator"), sinkCore);
  const address = await server.call("start", { deviceTokens, ...faults });
  return { server, address: away ? { ...address, port: closedPort } : address };
}

interface Setting {
  readonly tls: BridgeSetting["tls"];
  readonly clientCa: string;
  readonly ca: string;
  readonly client: SenderSetting["tls"];
}

async function withBridge<Result>(
  upstream: Upstream,
  { window, hold = false }: Pick<Case, "window" | "hold">,
  setting: Setting,
  work: (port: number, usage: () => Promise<BridgeUsage>) => Promise<Result>,
): Promise<Result> {
  const { server, address } = await startUpstream(upstream, setting);
  const bridge = startScript<BridgeCalls>(script("bridge"), contenderCore);
  const store = hold ? mkdtempSync(join(tmpdir(), "apns-bench-")) : undefined;
  try {
    const { tls, clientCa } = setting;
    const port = await bridge.call("start", { simulator: address, tls, clientCa, window, store });
    return await work(port, () => bridge.call("usage"));
  } finally {
    await Promise.all([server.end(), bridge.end()]);
    if (store !== undefined) rmSync(store, { recursive: true, force: true });
  }
}

function run(
  { command, personal = false, answerAfterMs, fastSink = false, away = false, ...bridge }: Case,
  count: number,
  setting: Setting,
): Promise<Figures> {
  const upstream = { fastSink, away, ...(answerAfterMs === undefined ? {} : { answerAfterMs }) };
  return withBridge(upstream, bridge, setting, async (port, usage) => {
    const { ca, client } = setting;
    const sender = { port, ca, tls: client, command, personal, deviceTokens };
    const send = (frames: number): Promise<SenderFigures> =>
      runScript<SenderFigures>(script("sender"), { ...sender, count: frames } satisfies SenderSetting, sinkCore);
    await send(Math.min(50_000, Math.ceil(count / 4)));
    await usage();
    const { seconds, failed } = await send(count);
    const { cpuSeconds, peakRssMiB } = await usage();
    return {
      perSecond: count / seconds,
      cpuSecondsPer100k: (cpuSeconds / count) * 100_000,
      peakRssMiB,
      p50Ms: null,
      p99Ms: null,
      failed,
    };
  });
}

/** A sender that writes as much as it can while upstream says nothing. */
function runDown(forMs: number, setting: Setting) {
  return withBridge({ silent: true }, { window: 1000 }, setting, async (port, usage) => {
    const before = await usage();
    const { ca, client } = setting;
    const sender: SenderSetting = {
      port,
      ca,
      tls: client,
      command: 1,
      personal: false,
      deviceTokens,
      count: 100_000_000,
      forMs,
    };
    const { seconds, bytes } = await runScript<SenderFigures>(script("sender"), sender, sinkCore);
    const after = await usage();
    return { seconds, bytes, undecided: after.undecided, before: before.rssMiB, peak: after.peakRssMiB };
  });
}
