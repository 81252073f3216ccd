import { printable } from "@apns/core/internal";
import type { ReceivedNotification, SimulatorStats } from "@apns/simulator";
import { print, printRecord } from "../terminal/output.js";
import type { TerminalText } from "../terminal/text.js";
import { type FaultKeys, keyHelp } from "./faults.js";
import { readKeys } from "./keys.js";
import { type Cell, LiveTable, tableLines } from "./live-table.js";

/** The addresses of a simulator. */
export interface Listening {
  readonly http2: string;
  readonly gateway: string;
  readonly feedback: string;
  readonly channels: string;
  /** The control API, if it is open. */
  readonly control: string | undefined;
  readonly folder: string;
  readonly config: string;
}

/** Shows the events of a simulator. */
export interface View {
  listening(where: Listening): void;
  received(notification: ReceivedNotification): void;
  note(text: string): void;
  /** Lets a person switch faults by keys, where there is a terminal. */
  useKeys(faults: FaultKeys): void;
  end(stats: SimulatorStats): void;
}

const ctrlC = "\u0003";

/** More of a payload has no room on a line. */
const maxPayloadCharacters = 200;
const maxLineColumns = 110;

/** More than this unread on stdout, and what arrives is counted instead of printed. */
const maxUnreadBytes = 8_388_608;

export function makeView(json: boolean): View {
  if (json) return new JsonView();
  return process.stdout.isTTY ? new LiveView() : new LineView();
}

/** NDJSON. */
class JsonView implements View {
  #dropped = 0;

  listening(where: Listening): void {
    this.#print({ kind: "listening", ...where });
  }

  received(notification: ReceivedNotification): void {
    if (process.stdout.writableLength > maxUnreadBytes) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) this.#print({ kind: "dropped", count: this.#dropped });
    this.#dropped = 0;
    this.#print({ kind: "received", ...notification });
  }

  note(text: string): void {
    this.#print({ kind: "note", text });
  }

  useKeys(): void {}

  end(stats: SimulatorStats): void {
    this.#print({ kind: "ended", dropped: this.#dropped, stats });
  }

  #print(record: object): void {
    printRecord(record);
  }
}

/** A line each. */
class LineView implements View {
  listening(where: Listening): void {
    print(...introduction(where));
  }

  received(notification: ReceivedNotification): void {
    if (process.stdout.writableLength <= maxUnreadBytes) print(lineOf(cellsOf(notification)));
  }

  note(text: string): void {
    print(text);
  }

  useKeys(): void {}

  end(stats: SimulatorStats): void {
    print(farewell(stats));
  }
}

/** The newest, in a table that is drawn over itself. */
class LiveView implements View {
  #stopKeys: () => void = () => {};
  readonly #table = new LiveTable(["at", "wire", "device token", "verdict", "payload"]);

  listening(where: Listening): void {
    print(...introduction(where), "");
    this.#table.start();
  }

  received(notification: ReceivedNotification): void {
    this.#table.add(() => cellsOf(notification));
  }

  note(text: string): void {
    this.#table.above(text);
  }

  useKeys(faults: FaultKeys): void {
    if (process.stdin.isTTY !== true) return;
    this.#table.footer = () => `${faults.text} (keys 1 to 6 switch faults, ? lists them)`;
    this.#table.redraw();
    this.#stopKeys = readKeys((key) => {
      if (key === "q" || key === ctrlC) process.kill(process.pid, "SIGINT");
      else if (key === "?") for (const text of keyHelp) this.#table.above(text);
      else {
        faults.press(key);
        this.#table.redraw();
      }
    });
  }

  end(stats: SimulatorStats): void {
    this.#stopKeys();
    this.#table.stop();
    print(farewell(stats));
  }
}

function introduction({ http2, channels, gateway, feedback, control, folder, config }: Listening): string[] {
  return [
    "Apple's stand-in is listening; Ctrl-C ends it.",
    "",
    `  HTTP/2            ${http2}`,
    `  channels          ${channels}`,
    `  legacy gateway    ${gateway}`,
    `  feedback service  ${feedback}`,
    ...(control === undefined ? [] : [`  control API       ${control}`]),
    `  credentials       ${folder}`,
    "",
    `Try: apns send --config ${config} --body Hello DEVICE_TOKEN`,
  ];
}

function farewell({ http2, binary }: SimulatorStats): string {
  const of = (name: string, { accepted, rejected }: { accepted: number; rejected: number }): string =>
    `${name}: ${accepted.toLocaleString("en-US")} accepted, ${rejected.toLocaleString("en-US")} rejected`;
  return `${of("HTTP/2", http2)}; ${of("binary", binary)}`;
}

/** The cells of a row, the widest last. */
function cellsOf({ receivedAt, wire, deviceToken, payload, verdict }: ReceivedNotification): Cell[] {
  const token =
    deviceToken.length > 16 ? `${deviceToken.slice(0, 8)}…${deviceToken.slice(-7)}` : deviceToken || "(none)";
  const said: Cell =
    verdict.kind === "accepted" ? { text: "accepted", format: "green" } : { text: verdict.reason, format: "red" };
  const texts = [new Date(receivedAt).toISOString().slice(11, 23), wire, token];
  const cells: Cell[] = [...texts.map((text) => ({ text })), said, { text: payload.slice(0, maxPayloadCharacters) }];
  // Before they are cut to what there is room for.
  return cells.map((cell) => ({ ...cell, text: printable(cell.text) }));
}

/** On a line of its own, where no other depends on its width. */
function lineOf(cells: readonly Cell[]): TerminalText {
  return tableLines([cells], maxLineColumns)[0]!.painted;
}
