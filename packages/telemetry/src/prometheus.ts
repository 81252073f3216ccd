import type { TransportObserver } from "@apns/core";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { metricsObserver } from "./metrics-observer.js";

/** Metrics for Prometheus, without an HTTP server. */
export interface PrometheusMetrics {
  /** For `observe`, on any number of transports; the label `apns_protocol` tells them apart. */
  readonly observer: TransportObserver<void>;
  /** The `Content-Type` of the text. */
  readonly contentType: string;
  /** All metrics, as text for a scrape. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Metrics in the text format of Prometheus, to be served by your own HTTP server. Based on OpenTelemetry's SDK; if that is set up
 * already, give its meter to `metricsObserver` instead.
 */
export function prometheusMetrics(): PrometheusMetrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  // Without the labels that are the same on every line: SDK, process, scope.
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
