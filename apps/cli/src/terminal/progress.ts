import { printable } from "@apns/core/internal";
import { Presets, SingleBar } from "cli-progress";

/** A bar that follows a run; silence where stderr is no terminal. */
export interface ProgressBar {
  update(done: number, note: string): void;
  stop(): void;
}

/**
 * @param total `undefined` if nobody knows: then there is a count, and no bar
 * @param enabled what the command line says; a terminal is needed besides
 */
export function startProgress(total: number | undefined, enabled: boolean): ProgressBar {
  if (!enabled || process.stderr.isTTY !== true) return { update: () => {}, stop: () => {} };
  const known = "{bar} {percentage}%  {value}/{total}  {rate}/s  ETA {eta_formatted}  {note}";
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: total === undefined ? "{value} done  {rate}/s  {note}" : known,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      etaBuffer: 1000,
    },
    Presets.shades_classic,
  );
  const startedAt = performance.now();
  bar.start(total ?? 0, 0, { rate: 0, note: "" });
  return {
    update: (done, note) => {
      const rate = Math.round((done / Math.max(1, performance.now() - startedAt)) * 1000);
      bar.update(done, { rate, note: printable(note) });
    },
    stop: () => bar.stop(),
  };
}
