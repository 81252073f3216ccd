import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { widerBuckets } from "../../../src/page/latency-buckets.js";
import type { LaneSample, WireName } from "../../../src/page/protocol.js";
import { ms, short, wireTitles } from "../format.js";
import { rates, series, seriesVersion } from "../state/history.js";
import { laneOf, lanes } from "../state/store.js";
import { shownTheme } from "../state/theme.js";
import { axis, Chart, colour, laneSeries } from "./chart.js";

const height = 190;
const wires: readonly WireName[] = ["binary", "http2"];
/** Steps between lines that need no fractions. */
const wholeSteps: number[] = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));

export function Charts() {
  return (
    <>
      <p class="legend" aria-hidden="true">
        {wires.map((wire) => (
          <span key={wire}>
            <span class={`marker ${wire}`} />
            {wireTitles[wire]}
          </span>
        ))}
      </p>
      <div class="charts">
        <ChartCard
          title="Throughput"
          unit="written per second"
          make={(element) => overTime(element)}
          data={() => [series.times, series.rate.binary, series.rate.http2]}
          text={() => sentence("Written per second", (wire) => short(rates[wire].value))}
        />
        <ChartCard
          title="In flight"
          unit="sent, no outcome yet"
          make={(element) => overTime(element)}
          data={() => [series.times, series.inFlight.binary, series.inFlight.http2]}
          text={() => sentence("In flight", (wire) => short(laneOf(wire)?.inFlight ?? 0))}
        />
        <ChartCard
          title="Time to outcome"
          unit="share of all"
          make={(element) => distribution(element)}
          data={distributionData}
          text={() => sentence("Half settled within", (wire) => ms(laneOf(wire)?.p50Ms ?? 0))}
        />
      </div>
    </>
  );
}

interface ChartCardProps {
  readonly title: string;
  readonly unit: string;
  readonly make: (element: HTMLElement) => Chart;
  readonly data: () => uPlot.AlignedData;
  /** The same for those who cannot see it. */
  readonly text: () => string;
}

function ChartCard({ title, unit, make, data, text }: ChartCardProps) {
  const element = useRef<HTMLDivElement>(null);
  const theme = shownTheme.value;
  useEffect(() => {
    const chart = make(element.current!);
    const unsubscribe = seriesVersion.subscribe(() => chart.draw(data));
    const unsubscribeLanes = lanes.subscribe(() => chart.draw(data));
    return () => {
      unsubscribe();
      unsubscribeLanes();
      chart.remove();
    };
  }, [theme]);
  return (
    <figure class="card chart">
      <figcaption>
        <b>{title}</b> <span class="muted">{unit}</span>
      </figcaption>
      <div ref={element} aria-hidden="true" />
      <ChartText text={text} />
    </figure>
  );
}

function ChartText({ text }: { readonly text: () => string }) {
  return <p class="visually-hidden">{text()}</p>;
}

function sentence(what: string, of: (wire: WireName) => string): string {
  return `${what}: binary ${of("binary")}, HTTP/2 ${of("http2")}.`;
}

function overTime(element: HTMLElement): Chart {
  return new Chart(element, {
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_, __, max) => [0, Math.max(5, max ?? 5)] },
      y: { range: (_, __, max) => [0, Math.max(10, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis((value) => `${value} s`, 28), incrs: wholeSteps },
      { ...axis((value) => short(value).replace(".0k", "k"), 48), incrs: wholeSteps },
    ],
    series: laneSeries((wire) => ({ fill: `color-mix(in srgb, ${colour(wire)} 12%, transparent)` })),
  });
}

const bucketsTogether = 10;
const firstShown = 4;
const lastShown = 23;

function distribution(element: HTMLElement): Chart {
  const bars = (align: -1 | 1): uPlot.Series.PathBuilder => uPlot.paths.bars!({ size: [0.42, 28], align });
  return new Chart(element, {
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [firstShown - 0.5, lastShown + 0.5] },
      y: { range: (_, __, max) => [0, Math.max(0.1, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis(bucketLabel, 28), splits: () => [4, 8, 12, 16, 20] },
      { ...axis((value) => `${Math.round(value * 100)} %`, 48), incrs: [0.02, 0.05, 0.1, 0.2, 0.5] },
    ],
    series: laneSeries((wire) => ({
      width: 1,
      dash: [],
      fill: wire === "binary" ? `color-mix(in srgb, ${colour("binary")} 35%, transparent)` : colour("http2"),
      paths: bars(wire === "binary" ? -1 : 1),
    })),
  });
}

/** The end of the wide bucket: 0.1 ms times 10 to the quarter. */
function bucketLabel(index: number): string {
  const end = 0.1 * 10 ** (index / 4);
  return end < 1000 ? `${Number(end.toPrecision(1))} ms` : `${Number((end / 1000).toPrecision(1))} s`;
}

function distributionData(): uPlot.AlignedData {
  // Nothing, where there is nothing: a bar of no height would be a line.
  const shares = (lane: LaneSample | undefined): (number | null)[] => {
    const wide = widerBuckets(lane?.histogram ?? [], bucketsTogether);
    const total = wide.reduce((sum, [, count]) => sum + count, 0);
    return indices.map((index) => (wide[index]?.[1] ? wide[index][1] / total : null));
  };
  return [indices, shares(laneOf("binary")), shares(laneOf("http2"))];
}

const indices: number[] = Array.from({ length: lastShown - firstShown + 1 }, (_, index) => firstShown + index);
