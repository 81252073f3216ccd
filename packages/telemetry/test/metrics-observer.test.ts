import { alert, InMemoryTransport, observe } from "@apns/core";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { expect, onTestFinished, test } from "vitest";
import { metricsObserver } from "../src/index.js";

const hello = alert({ aps: { alert: "Hi" } });

function measured() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  onTestFinished(() => provider.shutdown());
  /** Every data point by metric name: its attributes and value, of histograms the count. */
  const points = async (): Promise<Record<string, [object, number][]>> => {
    exporter.reset();
    await provider.forceFlush();
    const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return Object.fromEntries(
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) => [
          attributes,
          typeof value === "number" ? value : value.count,
        ]),
      ]),
    );
  };
  return { observer: metricsObserver({ meter: provider.getMeter("test") }), points };
}

test("counts outcomes with their reasons, attempts, and sends in flight", async () => {
  const { observer, points } = measured();
  let release: () => void = () => {};
  const inner = new InMemoryTransport({
    outcome: () => new Promise((resolve) => (release = () => resolve("accepted"))),
  });
  inner.script("01", "Unregistered");
  inner.script("02", "unsent");
  inner.script("03", "accepted");
  const transport = observe(inner, observer);
  for (const deviceToken of ["01", "01", "02", "03"]) await transport.send(hello, deviceToken);
  await expect(transport.send(hello, "xyz")).rejects.toThrow();
  const waiting = transport.send(hello, "04");

  const memory = { "apns.protocol": "memory" };
  expect(await points()).toEqual({
    "apns.send.duration": [
      [{ ...memory, "apns.outcome": "rejected", "apns.reason": "Unregistered" }, 2],
      [{ ...memory, "apns.outcome": "unsent", "apns.reason": "ERR_APNS_CONNECT_FAILED" }, 1],
      [{ ...memory, "apns.outcome": "accepted" }, 1],
    ],
    "apns.send.in_flight": [[memory, 1]],
    "apns.send.refused": [[{ ...memory, "error.type": "ERR_APNS_INVALID_DEVICE_TOKEN" }, 1]],
    "apns.send.attempts": [[memory, 3]],
  });
  release();
  await waiting;
  expect((await points())["apns.send.in_flight"]).toEqual([[memory, 0]]);
});

test("limits the number of series when a peer invents reasons", async () => {
  const { observer, points } = measured();
  const transport = observe(new InMemoryTransport({ outcome: ({ index }) => `MadeUp${index}` }), observer);
  for (let n = 0; n < 600; n++) await transport.send(hello, "00");
  const series = (await points())["apns.send.duration"] ?? [];
  expect(series).toHaveLength(501);
  expect(series.at(-1)).toEqual([
    { "apns.protocol": "memory", "apns.outcome": "rejected", "apns.reason": "(other)" },
    100,
  ]);
});

test("a reason of any length is cut", async () => {
  const { observer, points } = measured();
  const transport = observe(new InMemoryTransport({ outcome: () => "x".repeat(15_000) }), observer);
  for (let n = 0; n < 2; n++) await transport.send(hello, "00");
  const reason = `${"x".repeat(100)}… (14900 more)`;
  expect((await points())["apns.send.duration"]).toEqual([
    [{ "apns.protocol": "memory", "apns.outcome": "rejected", "apns.reason": reason }, 2],
  ]);
});

test("counts connections", async () => {
  const { observer, points } = measured();
  const base = { connection: 1, endpoint: "localhost:1" };
  observer.connection?.({ ...base, type: "opened" }, "http2");
  observer.connection?.({ ...base, connection: 2, type: "opened" }, "http2");
  observer.connection?.({ ...base, type: "draining" }, "http2");
  observer.connection?.({ ...base, type: "closed" }, "http2");
  const http2 = { "apns.protocol": "http2" };
  expect(await points()).toEqual({
    "apns.connection.events": [
      [{ ...http2, "apns.connection.event": "opened" }, 2],
      [{ ...http2, "apns.connection.event": "draining" }, 1],
      [{ ...http2, "apns.connection.event": "closed" }, 1],
    ],
    "apns.connection.open": [[http2, 1]],
  });
});
