import { printable } from "@apns/core/internal";
import { showStatus } from "./output.js";
import { type Progress, progressText } from "./progress-text.js";
import { columnsOf } from "./width.js";

/** A bar that follows a run; silence where stderr is no terminal. */
export interface ProgressBar {
  /** @param note what to say beside the figures; asked for when the bar is drawn */
  update(done: number, note: () => string): void;
  stop(): void;
}

const redrawEveryMs = 100;
/** A terminal echoes Ctrl-C as ^C behind the line, which is not to wrap then. */
const echoColumns = 3;

/**
 * @param total `undefined` if it is not known: then there is a count, and no bar
 * @param enabled by the command line; a terminal is needed besides
 */
export function startProgress(total: number | undefined, enabled: boolean): ProgressBar {
  if (!enabled || process.stderr.isTTY !== true || process.env["TERM"] === "dumb") {
    return { update: () => {}, stop: () => {} };
  }
  const startedAt = performance.now();
  let state: Omit<Progress, "note"> = { done: 0, total, elapsedMs: 0 };
  let noteOf = (): string => "";
  const draw = (): void => {
    const progress = { ...state, note: printable(noteOf()) };
    showStatus(progressText(progress, columnsOf(process.stderr) - echoColumns));
  };
  const timer = setInterval(draw, redrawEveryMs);
  process.stderr.on("resize", draw);
  return {
    update: (done, note) => {
      state = { done, total, elapsedMs: performance.now() - startedAt };
      noteOf = note;
    },
    stop: () => {
      clearInterval(timer);
      process.stderr.off("resize", draw);
      showStatus("");
    },
  };
}
