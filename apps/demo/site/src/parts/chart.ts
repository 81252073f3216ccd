import uPlot from "uplot";

/** A colour of the theme of the moment. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Settings of the axes of every chart. */
export function axis(format: (value: number) => string, size: number): uPlot.Axis {
  return {
    stroke: colour("muted"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    gap: 6,
    size,
    values: (_, splits) => splits.map((value) => (value === null ? "" : format(value))),
  };
}

/** Both lanes of a chart; the old wire's line is broken, so that colour is not all that tells them apart. */
export function laneSeries(make: (wire: "binary" | "http2") => Partial<uPlot.Series>): uPlot.Series[] {
  return [
    {},
    { label: "Binary", stroke: colour("binary"), width: 2, dash: [6, 4], points: { show: false }, ...make("binary") },
    { label: "HTTP/2", stroke: colour("http2"), width: 2, points: { show: false }, ...make("http2") },
  ];
}

/** A chart in an element that follows its width. Drawn at most once a frame, however often it is told. */
export class Chart {
  readonly #plot: uPlot;
  readonly #observer: ResizeObserver;
  #frame = 0;

  constructor(element: HTMLElement, options: Omit<uPlot.Options, "width">) {
    const width = (): number => Math.max(200, element.clientWidth);
    this.#plot = new uPlot({ ...options, width: width() }, [[], [], []], element);
    this.#observer = new ResizeObserver(() => this.#plot.setSize({ width: width(), height: options.height }));
    this.#observer.observe(element);
  }

  draw(data: () => uPlot.AlignedData): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#plot.setData(data());
    });
  }

  remove(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    this.#plot.destroy();
  }
}
