import { drawOver } from "../terminal/output.js";
import { painter } from "../terminal/style.js";
import { line, type Printed, type TerminalText } from "../terminal/text.js";
import { columnsOf, cut, displayWidth } from "../terminal/width.js";

const redrawEveryMs = 200;
const maxRows = 12;
/** Lines beside the rows: the heading, the count, the footer, and the one below that the cursor stands on. */
const otherLines = 4;

/** The text of a cell, and how it is painted. */
export interface Cell {
  /** Printable. */
  readonly text: string;
  readonly format?: Parameters<ReturnType<typeof painter>>[0];
}

/** The newest rows of something that never ends, on a terminal: drawn over itself a few times a second, as large as fits. */
export class LiveTable {
  /** A line below the table, while it is drawn. */
  footer: () => string = () => "";
  readonly #head: readonly string[];
  #rows: (() => readonly Cell[])[] = [];
  #count = 0;
  /** The width of each line that was drawn last. */
  #drawn: readonly number[] = [];
  #changed = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(head: readonly string[]) {
    this.#head = head;
  }

  start(): void {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), redrawEveryMs);
    process.stdout.on("resize", this.#onResize);
  }

  /** @param row asked only if it is still among the newest when the table is drawn */
  add(row: () => readonly Cell[]): void {
    this.#count++;
    this.#rows.push(row);
    if (this.#rows.length > 2 * maxRows) this.#rows = this.#rows.slice(-maxRows);
    this.#changed = true;
  }

  /** A line that stays, above the table. */
  above(text: string): void {
    drawOver(this.#erase(), text);
    this.redraw();
  }

  stop(): void {
    clearInterval(this.#timer);
    process.stdout.off("resize", this.#onResize);
    this.footer = () => "";
    this.redraw();
  }

  /** At once, though no row has come. */
  redraw(): void {
    this.#changed = true;
    this.#draw();
  }

  readonly #onResize = (): void => this.redraw();

  #draw(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const { stdout } = process;
    const shown = Math.max(1, Math.min(maxRows, (stdout.rows || maxRows + otherLines) - otherLines));
    const rows = [this.#head.map((text): Cell => ({ text, format: "bold" })), ...this.#newest(shown)];
    const lines = tableLines(rows, columnsOf(stdout) - 1);
    const count = `${this.#count.toLocaleString("en-US")} arrived`;
    const footer = cut(this.footer(), columnsOf(stdout) - 1);
    const below = footer === "" ? [count] : [count, footer];
    drawOver(this.#erase(), ...lines.map(({ painted }) => painted), ...below);
    this.#drawn = [...lines.map(({ width }) => width), ...below.map(displayWidth)];
  }

  #newest(count: number): (readonly Cell[])[] {
    return this.#rows.slice(-count).map((row) => row());
  }

  /** How many lines the table takes now, which are to be taken away: a terminal that has become narrower wraps its lines. */
  #erase(): number {
    const columns = columnsOf(process.stdout);
    const lines = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    this.#drawn = [];
    return lines;
  }
}

interface TableLine {
  readonly painted: TerminalText;
  readonly width: number;
}

/** Rows with their cells below each other, cut to so many columns. */
export function tableLines(rows: readonly (readonly Cell[])[], columns: number): TableLine[] {
  const paint = painter(process.stdout);
  const widths = rows[0]!.map((_, index) => Math.max(...rows.map((row) => displayWidth(row[index]!.text))));
  return rows.map((row) => {
    const parts: Printed[] = [];
    let width = 0;
    const last = row.findLastIndex(({ text }) => text !== "");
    for (const [index, { text, format }] of row.slice(0, last + 1).entries()) {
      const gap = index === 0 ? "" : "  ";
      const room = columns - width - gap.length;
      if (room < 2) break;
      const fitting = cut(text, room);
      const padding = index === last ? 0 : Math.min(room, widths[index]!) - displayWidth(fitting);
      parts.push(gap, format === undefined ? fitting : paint(format, fitting), " ".repeat(Math.max(0, padding)));
      width += gap.length + displayWidth(fitting) + Math.max(0, padding);
    }
    return { painted: line(...parts), width };
  });
}
