import type { BenchResult, Progress } from "../report.js";

export async function benchBinary(_quick: boolean, _progress: Progress): Promise<BenchResult> {
  return { bench: "binary", rounds: 0, rows: [], ratios: {}, notes: [] };
}
