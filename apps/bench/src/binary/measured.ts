import type { Figures } from "../figures.js";

/** Runs `work` of `count` notifications, which resolves with how many failed, and takes the figures. */
export async function measured(count: number, work: () => Promise<number>): Promise<Figures> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const failed = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    perSecond: count / seconds,
    cpuSecondsPer100k: ((cpu.user + cpu.system) / 1e6 / count) * 100_000,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    p50Ms: null,
    p99Ms: null,
    failed,
  };
}
