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
      // Cut to its line: a terminal would write the end of a longer one over its last column.
      format: (_, { progress, value, total: all, eta }, { rate, rejected }) => {
        const columns = (process.stderr.columns || 80) - 1;
        const figures = `${Math.floor(progress * 100)}%  ${value}/${all}  ${rate}/s  rejected ${rejected}  ETA ${eta}s`;
        const room = Math.min(40, columns - title.length - figures.length - 2);
        const full = Math.round(progress * Math.max(0, room));
        const drawn = room < 8 ? "" : `${"█".repeat(full)}${"░".repeat(room - full)} `;
        return `${title} ${drawn}${figures}`.slice(0, columns);
      },
      hideCursor: true,
      clearOnComplete: true,
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
