import { printable } from "@apns/core/internal";
import { showStatus } from "./output.js";
import { type Progress, progressText } from "./progress-text.js";
import { columnsOf } from "./width.js";

/** A bar that follows a run; silence where stderr is no terminal. */
export interface ProgressBar {
  update(done: number, note: string): void;
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
