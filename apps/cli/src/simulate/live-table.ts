import { drawTable } from "../terminal/table.js";

const redrawEveryMs = 200;
const maxRows = 12;

/** The newest rows of something that never ends, on a terminal: drawn over itself a few times a second. */
export class LiveTable {
  readonly #head: readonly string[];
  #rows: (() => string[])[] = [];
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
  add(row: () => string[]): void {
    this.#count++;
    this.#rows.push(row);
    if (this.#rows.length > 2 * maxRows) this.#rows = this.#rows.slice(-maxRows);
    this.#changed = true;
  }

  /** A line that stays, above the table. */
  above(text: string): void {
    process.stdout.write(`${this.#erase()}${text}\n`);
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
    const text = `${drawTable(this.#head, rows, "left")}\n${this.#count.toLocaleString("en-US")} arrived\n`;
    process.stdout.write(this.#erase() + text);
    this.#linesDrawn = text.split("\n").length - 1;
  }

  /** Takes away what was drawn last. */
  #erase(): string {
    const lines = this.#linesDrawn;
    this.#linesDrawn = 0;
    return lines === 0 ? "" : `\u001b[${lines}A\u001b[0J`;
  }
}
