import type { Child } from "@apns/processes";
import type { BinarySetting } from "../binary/setting.js";
import type { Load } from "../contender.js";
import { type Figures, medianRow, type Row } from "../figures.js";
import { rowGoal } from "../goals.js";
import { allDeviceTokens, type Http2Setting } from "../http2/setting.js";
import { contenderCore, runScript, sinkCore, startScript } from "../processes.js";
import type { BenchResult, Progress } from "../report.js";
import type { SimulatorCalls, SimulatorFigures, SimulatorPorts } from "./setting.js";

/** Between two looks at how far the simulator is. */
const lookEveryMs = 50;

/** The simulator with one wire under load, and how it is asked. */
class Subject {
  readonly #child: Child<SimulatorCalls>;
  readonly #ports: SimulatorPorts;

  private constructor(child: Child<SimulatorCalls>, ports: SimulatorPorts) {
    this.#child = child;
    this.#ports = ports;
  }

  static async start(): Promise<Subject> {
    const child = startScript<SimulatorCalls>(new URL("server.js", import.meta.url), sinkCore);
    return new Subject(child, await child.call("start"));
  }

  figures(): Promise<SimulatorFigures> {
    return this.#child.call("figures");
  }

  /** Sends `count` notifications over a wire and resolves with the figures of the simulator, not of the sender. */
  async take(wire: "http2" | "binary", count: number): Promise<Figures> {
    const before = await this.figures();
    const startedAt = performance.now();
    const sending = wire === "http2" ? this.#sendHttp2(count) : this.#sendBinary(count);
    let now = before;
    let rejectedBySender = 0;
    const sent = sending.then(({ failed }) => {
      rejectedBySender = failed ?? 0;
      return true;
    });
    for (let done = false; !done || now[wire] - before[wire] < count - rejectedBySender; ) {
      const isOver = await Promise.race([
        sent,
        new Promise<false>((resolve) => setTimeout(resolve, lookEveryMs, false)),
      ]);
      const last = now;
      now = await this.figures();
      // Nothing has arrived since the sender ended: nothing will.
      if (isOver && done && now[wire] === last[wire]) break;
      done = isOver;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const accepted = now[wire] - before[wire];
    return {
      perSecond: accepted / seconds,
      cpuSecondsPer100k: ((now.cpuSeconds - before.cpuSeconds) / count) * 100_000,
      peakRssMiB: now.peakRssMiB,
      p50Ms: null,
      p99Ms: null,
      failed: count - accepted + (now.rejected - before.rejected),
    };
  }

  stop(): Promise<void> {
    return this.#child.end();
  }

  #sendHttp2(count: number): Promise<Figures> {
    const { http2, ca, signingKey } = this.#ports;
    const load: Load = { count, warmUp: 0, inFlight: 1000 };
    const setting: Http2Setting = { port: http2, ca, signingKey, deviceTokens: allDeviceTokens, load };
    return runScript(new URL("../http2/ours.js", import.meta.url), setting, contenderCore);
  }

  #sendBinary(count: number): Promise<Figures> {
    const { gateway, ca, cert, key } = this.#ports;
    const setting: BinarySetting = { port: gateway, ca, cert, key, count, warmUp: 0 };
    return runScript(new URL("../binary/slab.js", import.meta.url), setting, contenderCore);
  }
}

/** Name, wire, how many are sent, and the goal per second: a simulator that is never the bottleneck of a test. */
const wires = [
  ["HTTP/2", "http2", 1_000_000, 60_000],
  ["legacy frames", "binary", 2_000_000, 400_000],
] as const;

export async function benchSimulator(quick: boolean, progress: Progress): Promise<BenchResult> {
  const times = quick ? 1 : 5;
  const rows: Row[] = [];
  const ratios: Record<string, number | null> = {};
  const notes = [
    "CPU and memory are the simulator's, with the faithful verdict, 4,096 registered device tokens and the log of the newest 10,000; the rate includes connecting. Senders: @apns/http2 with a promise a push, and frames in a slab.",
  ];
  for (const [name, wire, full] of wires) {
    const subject = await Subject.start();
    try {
      const count = quick ? full / 4 : full;
      progress(`${name}: warming up`);
      await subject.take(wire, count / 2);
      const figures: Figures[] = [];
      for (let round = 0; round < times; round++) {
        progress(`${name}: round ${round + 1}/${times}`);
        figures.push(await subject.take(wire, count));
      }
      const row = medianRow(name, figures);
      rows.push(row);
      notes.push(`${name}: ${perCore(row.cpuSecondsPer100k)} for each second of the simulator's CPU time.`);
      if (quick) continue;
      progress(`${name}: ten million`);
      const before = await subject.figures();
      const long = await subject.take(wire, 10_000_000);
      rows.push(medianRow(`${name}, ten million`, [long]));
      ratios[`${name}: peak memory after ten million more / before`] = Number(
        ((long.peakRssMiB ?? 0) / before.peakRssMiB).toFixed(2),
      );
    } finally {
      await subject.stop();
    }
  }
  const goals = wires.map(([name, , , perSecond]) => rowGoal(rows, name, "perSecond", { atLeast: perSecond }));
  return { bench: "simulator", rounds: times, rows, ratios, goals, notes };
}

function perCore(cpuSecondsPer100k: number | null): string {
  return cpuSecondsPer100k === null ? "unknown" : Math.round(100_000 / cpuSecondsPer100k).toLocaleString("en-US");
}
