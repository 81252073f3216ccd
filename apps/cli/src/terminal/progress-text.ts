import { cut, displayWidth } from "./width.js";

const maxBarColumns = 40;
/** A shorter one says nothing. */
const minBarColumns = 8;

export interface Progress {
  readonly done: number;
  readonly total: number | undefined;
  readonly elapsedMs: number;
  readonly note: string;
}

/** A run on one line of so many columns: where there is no room, the bar goes first, then the end of the note. */
export function progressText({ done, total, elapsedMs, note }: Progress, columns: number): string {
  const perSecond = Math.round((done / Math.max(1, elapsedMs)) * 1000);
  if (total === undefined) return cut(`${done} done  ${perSecond}/s  ${note}`.trimEnd(), columns);
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const eta = perSecond === 0 ? "" : `  ETA ${duration((total - done) / perSecond)}`;
  const text = `${Math.floor(share * 100)}%  ${done}/${total}  ${perSecond}/s${eta}  ${note}`.trimEnd();
  const barColumns = Math.min(maxBarColumns, columns - displayWidth(text) - 1);
  if (barColumns < minBarColumns) return cut(text, columns);
  const full = Math.round(share * barColumns);
  return `${"█".repeat(full)}${"░".repeat(barColumns - full)} ${text}`;
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h${Math.floor((whole % 3600) / 60)}m`;
}
