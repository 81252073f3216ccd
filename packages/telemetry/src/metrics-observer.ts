import type { ConnectionEvent, ObservedSend, Outcome, TransportObserver } from "@apns/core";
import { type Attributes, type Meter, metrics } from "@opentelemetry/api";
import { attributeNames, reasonOf } from "./attributes.js";

export interface MetricsOptions {
  /** Makes the instruments. @default the one of the global meter provider named `@apns/telemetry` */
  readonly meter?: Meter;
}

/** Names of the metrics. */
export const metricNames = {
  /** Histogram, seconds: from handing a notification to the transport until its outcome is known. */
  duration: "apns.send.duration",
  /** Up-down counter: sends without an outcome yet. */
  inFlight: "apns.send.in_flight",
  /** Counter: sends the transport refused to take, by error code. */
  refused: "apns.send.refused",
  /** Counter: how often notifications were written to a connection; more than sends means repetitions. */
  attempts: "apns.send.attempts",
  /** Counter: connections opened, failed, draining, closed. */
  connectionEvents: "apns.connection.events",
  /** Up-down counter: open connections, as far as the transport tells. */
  connectionsOpen: "apns.connection.open",
} as const;

/** In seconds: a local answer takes a tenth of a millisecond, a deadline passes after half a minute. */
const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Reasons come from the peer and become attributes, of which every combination is a series of its own: so their number has
 * a bound. APNs has about forty.
 */
const maxSeries = 500;

/**
 * Counts and measures sends with OpenTelemetry. Attributes are the protocol, the outcome and the reason; device tokens,
 * topics and ids would make a series each and are left to traces.
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

/** The attribute sets in use, each made once. */
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

/** The stable code of an error of this family. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "_OTHER";
}
