import { printable } from "@apns/core/internal";
import { Counter, Gauge, Registry } from "prom-client";
import type { BridgeStats, OperatedBridge } from "./stats.js";

/** A value with the labels it has. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: (stats: BridgeStats) => readonly Sample[];
}

const byName =
  (label: string, counts: (stats: BridgeStats) => Readonly<Record<string, number>>) =>
  (stats: BridgeStats): Sample[] =>
    Object.entries(counts(stats)).map(([name, count]) => [{ [label]: name }, count]);

const perApp =
  (value: (app: BridgeStats["apps"][string]) => number) =>
  ({ apps }: BridgeStats): Sample[] =>
    Object.entries(apps).map(([app, stats]) => [{ app }, value(stats)]);

const one =
  (value: (stats: BridgeStats) => number) =>
  (stats: BridgeStats): Sample[] => [[{}, value(stats)]];

const metrics: readonly Metric[] = [
  { name: "connections", help: "Gateway connections open.", samples: one((stats) => stats.gatewayConnections) },
  { name: "connections_opened_total", help: "Connections accepted.", samples: one((stats) => stats.connectionsOpened) },
  {
    name: "unlisted_connections",
    help: "Connections held until their sender is listed.",
    samples: one((stats) => stats.unlistedConnections),
  },
  {
    name: "turned_away_total",
    help: "Connections turned away, by why.",
    labels: ["why"],
    samples: byName("why", (stats) => stats.turnedAway),
  },
  {
    name: "endings_total",
    help: "How gateway connections ended.",
    labels: ["how"],
    samples: byName("how", (stats) => stats.endings),
  },
  { name: "undecided", help: "Notifications read and not decided.", samples: one((stats) => stats.undecided) },
  { name: "remembered", help: "Deliveries remembered for resends.", samples: one((stats) => stats.remembered) },
  {
    name: "forgotten_total",
    help: "Deliveries forgotten for want of room: resends of them are doubled.",
    samples: one((stats) => stats.forgotten),
  },
  {
    name: "feedback_waiting",
    help: "Feedback tuples nobody has read yet.",
    labels: ["topic"],
    samples: byName("topic", (stats) => stats.feedbackWaiting),
  },
  { name: "feedback_read_total", help: "Feedback tuples read in full.", samples: one((stats) => stats.feedbackRead) },
  {
    name: "upstream_up",
    help: "1 if upstream can be reached, as far as is known.",
    labels: ["app"],
    samples: perApp((app) => (app.upstreamUp ? 1 : 0)),
  },
  { name: "accepted_total", help: "Accepted upstream.", labels: ["app"], samples: perApp((app) => app.accepted) },
  {
    name: "not_accepted_total",
    help: "Not simply accepted, by reason of APNs' or other cause.",
    labels: ["app", "cause"],
    samples: ({ apps }) =>
      Object.entries(apps).flatMap(([app, { causes }]) =>
        Object.entries(causes).map(([cause, count]): Sample => [{ app, cause }, count]),
      ),
  },
  { name: "retries_total", help: "Tries beyond the first.", labels: ["app"], samples: perApp((app) => app.retries) },
  {
    name: "unconfirmed_retries_total",
    help: "Tries after upstream confirmed nothing: some arrive twice.",
    labels: ["app"],
    samples: perApp((app) => app.unconfirmedRetries),
  },
  {
    name: "unconfirmed_accepted_total",
    help: "Told as success although upstream confirmed nothing: some are lost.",
    labels: ["app"],
    samples: perApp((app) => app.unconfirmedAccepted),
  },
  {
    name: "suppressed_total",
    help: "Resends answered by an earlier delivery.",
    labels: ["app"],
    samples: perApp((app) => app.suppressed),
  },
  { name: "in_flight", help: "In flight upstream.", labels: ["app"], samples: perApp((app) => app.inFlight) },
  { name: "retrying", help: "Waiting to be tried again.", labels: ["app"], samples: perApp((app) => app.retrying) },
  {
    name: "waiting",
    help: "Waiting in memory until older ones have gone out of the hold on disk.",
    labels: ["app"],
    samples: perApp((app) => app.waiting),
  },
  {
    name: "hold_notifications",
    help: "Held on disk until upstream takes them.",
    labels: ["app"],
    samples: perApp((app) => app.holdNotifications),
  },
  { name: "hold_bytes", help: "Bytes held on disk.", labels: ["app"], samples: perApp((app) => app.holdBytes) },
  {
    name: "held",
    help: "Held: upstream lets none of the app in.",
    labels: ["app"],
    samples: perApp((app) => app.held),
  },
];

/**
 * The bridge's figures in Prometheus' text format, under names that begin with `apns_bridge_`. They are taken when asked
 * for; the hot path counts in plain fields.
 */
export class BridgeMetrics {
  readonly #registry = new Registry();
  readonly contentType: string;

  constructor(bridge: Pick<OperatedBridge, "stats">) {
    this.contentType = this.#registry.contentType;
    for (const { name, help, labels = [], samples } of metrics) {
      const options = { name: `apns_bridge_${name}`, help, labelNames: [...labels], registers: [this.#registry] };
      if (name.endsWith("_total")) {
        new Counter({
          ...options,
          collect() {
            this.reset();
            for (const [of, value] of samples(bridge.stats())) this.inc(printableLabels(of), value);
          },
        });
      } else {
        new Gauge({
          ...options,
          collect() {
            this.reset();
            for (const [of, value] of samples(bridge.stats())) this.set(printableLabels(of), value);
          },
        });
      }
    }
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** Causes are reasons that a peer has given, and whoever looks at the metrics may do so on a terminal. */
function printableLabels(labels: Sample[0]): Sample[0] {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, printable(value)]));
}
