import { printable } from "@apns/core/internal";
import { showStatus } from "./output.js";
import { columnsOf, cut, displayWidth } from "./width.js";

/** A bar that follows a run; silence where stderr is no terminal. */
export interface ProgressBar {
  update(done: number, note: string): void;
  stop(): void;
}

const redrawEveryMs = 100;
const maxBarColumns = 40;
/** A terminal echoes Ctrl-C as ^C behind the line, which is not to wrap then. */
const echoColumns = 3;
/** A shorter one says nothing. */
const minBarColumns = 8;

/**
 * @param total `undefined` if it is not known: then there is a count, and no bar
 * @param enabled by the command line; a terminal is needed besides
 */
export function startProgress(total: number | undefined, enabled: boolean): ProgressBar {
  if (!enabled || process.stderr.isTTY !== true || process.env["TERM"] === "dumb") {
    return { update: () => {}, stop: () => {} };
  }
  const startedAt = performance.now();
  let state: Progress = { done: 0, total, elapsedMs: 0, note: "" };
  const draw = (): void => showStatus(progressText(state, columnsOf(process.stderr) - echoColumns));
  const timer = setInterval(draw, redrawEveryMs);
  process.stderr.on("resize", draw);
  return {
    update: (done, note) => {
      state = { done, total, elapsedMs: performance.now() - startedAt, note: printable(note) };
    },
    stop: () => {
      clearInterval(timer);
      process.stderr.off("resize", draw);
      showStatus("");
    },
  };
}

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
