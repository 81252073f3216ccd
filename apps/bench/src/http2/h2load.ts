import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Load } from "../contender.js";
import type { Figures } from "../figures.js";
import { contenderCore, pinned } from "../processes.js";
import { deviceToken, payload, topic } from "./setting.js";

const run = promisify(execFile);

/** h2load (C, nghttp2), one thread, one connection: the same request over and over. */
export async function h2load(port: number, { count, inFlight }: Load): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "apns-bench-"));
  try {
    const body = join(folder, "payload.json");
    writeFileSync(body, JSON.stringify(payload));
    const headers = [`authorization: bearer ${"x".repeat(200)}`, `apns-topic: ${topic}`, "apns-push-type: alert"];
    const [program, args] = pinned(contenderCore, [
      "bash",
      "-c",
      'TIMEFORMAT="cpu %U %S"; time "$@"',
      "bash",
      "h2load",
      ...["-n", String(count), "-c", "1", "-t", "1", "-m", String(inFlight), "-d", body],
      ...headers.flatMap((header) => ["-H", header]),
      `https://127.0.0.1:${port}/3/device/${deviceToken(0)}`,
    ]);
    const { stdout, stderr } = await run(program, args, { maxBuffer: 1 << 24 });
    const [, perSecond] = /finished in [^,]+, ([\d.]+) req\/s/.exec(stdout) ?? [];
    const [, succeeded] = /, (\d+) succeeded,/.exec(stdout) ?? [];
    const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
    return {
      perSecond: Number(perSecond),
      cpuSecondsPer100k: ((Number(user) + Number(system)) / count) * 100_000,
      peakRssMiB: null,
      p50Ms: null,
      p99Ms: null,
      failed: count - Number(succeeded ?? 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
