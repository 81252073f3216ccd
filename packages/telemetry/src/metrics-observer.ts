import type { ConnectionEvent, ObservedSend, Outcome, TransportObserver } from "@apns/core";
import { type Attributes, type Meter, metrics } from "@opentelemetry/api";
import { attributeNames, reasonOf } from "./attributes.js";

export interface MetricsOptions {
  /** The meter for the instruments. @default the one named `@apns/telemetry` of the global meter provider */
  readonly meter?: Meter;
}

/** Names of the metrics. */
export const metricNames = {
  /** Histogram, seconds: from handing a notification to the transport until its outcome is known. */
  duration: "apns.send.duration",
  /** Up-down counter: sends without an outcome yet. */
  inFlight: "apns.send.in_flight",
  /** Counter: sends rejected as misuse, by error code. */
  refused: "apns.send.refused",
  /** Counter: writes of notifications to connections; a surplus over sends is repetitions. */
  attempts: "apns.send.attempts",
  /** Counter: connections opened, failed, draining, closed. */
  connectionEvents: "apns.connection.events",
  /** Up-down counter: open connections, if the transport reports them. */
  connectionsOpen: "apns.connection.open",
} as const;

/** Bounds of the buckets in seconds, from a local answer (0.1 ms) to the default deadline (30 s). */
const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The limit of series. Each combination of attributes is a series, and reasons, which come from the peer, are attributes; APNs
 * has about forty.
 */
const maxSeries = 500;

/**
 * Counts and measures sends with OpenTelemetry. Attributes are the protocol, the outcome and the reason. Device tokens, topics
 * and ids are left to traces: each would be a series of its own.
 */
export function metricsObserver(options: MetricsOptions = {}): TransportObserver<void> {
  const meter = options.meter ?? metrics.getMeter("@apns/telemetry");
  const duration = meter.createHistogram(metricNames.duration, {
    unit: "s",
    description: "From handing a notification to the transport until its outcome is known.",
    advice: { explicitBucketBoundaries: durationBounds },
  });
  const inFlight = meter.createUpDownCounter(metricNames.inFlight, {
    unit: "{notification}",
    description: "Notifications without an outcome yet.",
  });
  const refusals = meter.createCounter(metricNames.refused, {
    unit: "{notification}",
    description: "Notifications the transport refused to take.",
  });
  const attempts = meter.createCounter(metricNames.attempts, {
    unit: "{attempt}",
    description: "How often notifications were written to a connection.",
  });
  const connectionEvents = meter.createCounter(metricNames.connectionEvents, {
    unit: "{event}",
    description: "Connections opened, failed, draining and closed.",
  });
  const connectionsOpen = meter.createUpDownCounter(metricNames.connectionsOpen, {
    unit: "{connection}",
    description: "Open connections.",
  });
  const series = new SeriesCache();
  return {
    started: ({ protocol }) => inFlight.add(1, series.of(protocol)),
    settled: ({ protocol }, outcome, elapsedMs) => {
      inFlight.add(-1, series.of(protocol));
      attempts.add(outcome.attempts, series.of(protocol));
      duration.record(elapsedMs / 1000, series.ofOutcome(protocol, outcome));
    },
    refused: ({ protocol }: ObservedSend, error: unknown) => {
      inFlight.add(-1, series.of(protocol));
      refusals.add(1, { [attributeNames.protocol]: protocol, [attributeNames.errorType]: codeOf(error) });
    },
    connection: ({ type }: ConnectionEvent, protocol) => {
      connectionEvents.add(1, { [attributeNames.protocol]: protocol, [attributeNames.connectionEvent]: type });
      if (type === "opened") connectionsOpen.add(1, series.of(protocol));
      else if (type === "closed") connectionsOpen.add(-1, series.of(protocol));
    },
  };
}

/** Cached attribute sets, one per series. */
class SeriesCache {
  readonly #byProtocol = new Map<string, Attributes>();
  readonly #byOutcome = new Map<string, Attributes>();

  of(protocol: string): Attributes {
    let attributes = this.#byProtocol.get(protocol);
    if (attributes === undefined) {
      attributes = { [attributeNames.protocol]: protocol };
      this.#byProtocol.set(protocol, attributes);
    }
    return attributes;
  }

  ofOutcome(protocol: string, outcome: Outcome): Attributes {
    const reason = reasonOf(outcome);
    const key = `${protocol} ${outcome.kind} ${reason}`;
    const known = this.#byOutcome.get(key);
    if (known !== undefined) return known;
    const isFull = this.#byOutcome.size >= maxSeries;
    const attributes: Attributes = {
      [attributeNames.protocol]: protocol,
      [attributeNames.outcome]: outcome.kind,
      ...(reason === undefined ? {} : { [attributeNames.reason]: isFull ? "(other)" : reason }),
    };
    if (!isFull) this.#byOutcome.set(key, attributes);
    return attributes;
  }
}

/** The stable code of an error of these packages. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "_OTHER";
}
