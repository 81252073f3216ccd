import type { SendProgress } from "@apns/core";
import { Presets, SingleBar } from "cli-progress";

/** A live bar on a terminal, silence everywhere else. */
export function progressBar(
  title: string,
  total: number,
  enabled: boolean,
): { update(progress: SendProgress): void; stop(): void } {
  if (!enabled || process.stderr.isTTY !== true) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `${title.padEnd(16)} {bar} {percentage}%  {value}/{total}  {rate}/s  rejected {rejected}  ETA {eta}s`,
      hideCursor: true,
      clearOnComplete: false,
      autopadding: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { rate: 0, rejected: 0 });
  return {
    update: (progress) =>
      bar.update(progress.settled, { rate: Math.round(progress.perSecond), rejected: progress.rejected }),
    stop: () => bar.stop(),
  };
}
