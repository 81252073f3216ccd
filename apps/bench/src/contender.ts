// Common to every contender that runs in Node: sends with one promise or callback a push, a number of them in flight, each
// outcome checked, all measured in the same way.
import type { Figures } from "./figures.js";

export interface Load {
  /** How many pushes are measured. */
  readonly count: number;
  /** How many are sent before, not measured: connecting, compiling, warming up. */
  readonly warmUp: number;
  readonly inFlight: number;
  /** Pushes per second; as fast as it goes if absent. */
  readonly pacedPerSecond?: number | undefined;
}

/** Sends push `index` and resolves with whether it was accepted. */
export type SendOne = (index: number) => Promise<boolean>;

/** One push in `sampleEvery` is timed. */
const sampleEvery = 64;

export async function measure(send: SendOne, load: Load): Promise<Figures> {
  await run(send, { ...load, count: load.warmUp, pacedPerSecond: undefined }, undefined);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const times: number[] = [];
  const failed = await run(send, load, times);
  const used = usage(load.count, startedAt, cpuBefore);
  times.sort((a, b) => a - b);
  const percentile = (share: number): number | null => times[Math.floor(times.length * share)] ?? null;
  return { ...used, p50Ms: percentile(0.5), p99Ms: percentile(0.99), failed };
}

function run(send: SendOne, load: Load, times: number[] | undefined): Promise<number> {
  return load.pacedPerSecond === undefined ? runInFlight(send, load, times) : runPaced(send, load, times ?? []);
}

/** As many in flight as the load says; the next starts when one ends. */
function runInFlight(send: SendOne, { count, inFlight }: Load, times: number[] | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let started = 0;
    let ended = 0;
    let failed = 0;
    const end = (accepted: boolean): void => {
      if (!accepted) failed++;
      if (++ended === count) resolve(failed);
      else if (started < count) start();
    };
    const start = (): void => {
      const index = started++;
      if (times === undefined || index % sampleEvery !== 0) {
        send(index).then(end, reject);
        return;
      }
      const startedAt = performance.now();
      send(index).then((accepted) => {
        times.push(performance.now() - startedAt);
        end(accepted);
      }, reject);
    };
    if (count === 0) resolve(0);
    while (started < Math.min(inFlight, count)) start();
  });
}

/** A push every so often, however long each takes. */
function runPaced(send: SendOne, { count, pacedPerSecond = 1 }: Load, times: number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let started = 0;
    let ended = 0;
    let failed = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * pacedPerSecond));
      while (started < due) {
        const sentAt = performance.now();
        send(started++).then((accepted) => {
          times.push(performance.now() - sentAt);
          if (!accepted) failed++;
          if (++ended === count) resolve(failed);
        }, reject);
      }
      if (started === count) clearInterval(timer);
    }, 1);
  });
}

/** Sends that many at once and resolves with how many of them failed, when all have ended. */
export type SendBatch = (count: number) => Promise<number>;

/** For contenders whose documented bulk use takes an array: batch after batch, each as large as the others' in-flight. */
export async function measureBatches(send: SendBatch, load: Load): Promise<Figures> {
  await send(Math.min(load.warmUp, load.inFlight));
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let failed = 0;
  for (let sent = 0; sent < load.count; sent += load.inFlight) {
    failed += await send(Math.min(load.inFlight, load.count - sent));
  }
  return { ...usage(load.count, startedAt, cpuBefore), p50Ms: null, p99Ms: null, failed };
}

/** The CPU time that the process has used since, and its peak memory. */
function usage(
  count: number,
  startedAt: number,
  cpuBefore: NodeJS.CpuUsage,
): Pick<Figures, "perSecond" | "cpuSecondsPer100k" | "peakRssMiB"> {
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    perSecond: count / seconds,
    cpuSecondsPer100k: ((cpu.user + cpu.system) / 1e6 / count) * 100_000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}
