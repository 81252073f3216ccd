import { drawOver } from "../terminal/output.js";
import { drawTable } from "../terminal/table.js";
import type { Printed } from "../terminal/text.js";

const redrawEveryMs = 200;
const maxRows = 12;

/** The newest rows of something that never ends, on a terminal: drawn over itself a few times a second. */
export class LiveTable {
  readonly #head: readonly string[];
  #rows: (() => Printed[])[] = [];
  #count = 0;
  #linesDrawn = 0;
  #changed = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(head: readonly string[]) {
    this.#head = head;
  }

  start(): void {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), redrawEveryMs);
  }

  /** @param row asked only if it is still among the newest when the table is drawn */
  add(row: () => Printed[]): void {
    this.#count++;
    this.#rows.push(row);
    if (this.#rows.length > 2 * maxRows) this.#rows = this.#rows.slice(-maxRows);
    this.#changed = true;
  }

  /** A line that stays, above the table. */
  above(text: string): void {
    drawOver(this.#erase(), text);
    this.#changed = true;
    this.#draw();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#draw();
  }

  #draw(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const rows = this.#rows.slice(-maxRows).map((row) => row());
    const table = drawTable(this.#head, rows, "left");
    this.#linesDrawn = drawOver(this.#erase(), table, `${this.#count.toLocaleString("en-US")} arrived`);
  }

  /** How many lines were drawn last, which are to be taken away. */
  #erase(): number {
    const lines = this.#linesDrawn;
    this.#linesDrawn = 0;
    return lines;
  }
}
