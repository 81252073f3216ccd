import type { TransportObserver } from "@apns/core";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { metricsObserver } from "./metrics-observer.js";

/** Metrics for Prometheus, without a server of their own. */
export interface PrometheusMetrics {
  /** Give it to `observe`, for as many transports as you like: they are told apart by their protocol. */
  readonly observer: TransportObserver<void>;
  /** The `Content-Type` of the text. */
  readonly contentType: string;
  /** All metrics, as text for a scrape. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Metrics in the text format of Prometheus, to be served by an HTTP server you have already. It is OpenTelemetry's SDK
 * underneath: whoever has that set up gives its meter to `metricsObserver` instead.
 */
export function prometheusMetrics(): PrometheusMetrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  // Without labels that say the same of every line: the SDK, the process, the scope.
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return {
    observer: metricsObserver({ meter: provider.getMeter("@apns/telemetry") }),
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    text: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      return serializer.serialize(resourceMetrics);
    },
    close: () => provider.shutdown(),
  };
}
