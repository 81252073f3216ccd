import { feedback } from "@apns/binary";
import { type Bridge, memoryFeedbackStore, startBridge } from "@apns/bridge";
import type { Endpoint } from "@apns/core";
import type { BridgeSample, LaneSample, RunSettings } from "../../page/protocol.js";
import type { Apple, TlsFiles } from "../../simulator/calls.js";
import { indexOf, Workload } from "../../workload.js";
import type { ConnectionNote } from "../sender/calls.js";
import { Meter } from "../sender/meter.js";
import { openTransport } from "../sender/transports.js";
import type { BridgeReport } from "./calls.js";

const app = "demo";
const loopback = { host: "127.0.0.1", port: 0 } as const;

/** A running bridge: to a legacy sender it is Apple's gateway; behind it is the measured transport. */
export class Bridging {
  readonly #bridge: Bridge;
  readonly #apple: Apple;
  readonly #workload: Workload;
  readonly #meter: Meter;
  readonly #cpuAtStart = process.cpuUsage();
  #startedAt = 0;
  #endedAt: number | undefined;
  #cpuAtEnd: NodeJS.CpuUsage | undefined;

  private constructor(bridge: Bridge, apple: Apple, workload: Workload, meter: Meter) {
    this.#bridge = bridge;
    this.#apple = apple;
    this.#workload = workload;
    this.#meter = meter;
  }

  static async start(apple: Apple, server: TlsFiles, settings: RunSettings): Promise<Bridging> {
    const workload = new Workload(settings);
    const meter: Meter = new Meter(
      "http2",
      openTransport("http2", apple, settings, () => {}),
      workload,
      "many",
    );
    const bridge = await startBridge({
      gateway: loopback,
      feedback: loopback,
      tls: { ...server, clientCa: apple.ca },
      apps: [{ name: app, topic: apple.topic, transport: meter.transport }],
      senders: [{ name: "legacy sender", app, match: { uid: apple.topic } }],
      feedbackStore: memoryFeedbackStore(),
    });
    return new Bridging(bridge, apple, workload, meter);
  }

  /** Where the legacy sender is to connect. */
  get gateway(): Required<Endpoint> {
    return this.#endpoint(this.#bridge.ports.gateway[0]!);
  }

  lane(): LaneSample {
    const figures = this.#meter.figures();
    // A bridge waits for senders: its time begins with the first notification.
    if (this.#startedAt === 0 && figures.sent > 0) this.#startedAt = performance.now();
    const elapsedMs = this.#startedAt === 0 ? 0 : (this.#endedAt ?? performance.now()) - this.#startedAt;
    const { user, system } = this.#cpuAtEnd ?? process.cpuUsage(this.#cpuAtStart);
    const state = this.#endedAt !== undefined ? "done" : figures.sent === 0 ? "waiting" : "running";
    return { ...figures, wire: "http2", state, elapsedMs, cpuMs: (user + system) / 1000 };
  }

  bridge(): BridgeSample {
    const { undecided, apps, feedbackWaiting } = this.#bridge.stats();
    const { suppressed, retries, held } = apps[app]!;
    return { undecided, suppressed, retries, held, feedbackWaiting: feedbackWaiting[this.#apple.topic] ?? 0 };
  }

  takeNotes(): { readonly notes: readonly ConnectionNote[]; readonly notesDropped: number } {
    return this.#meter.connections.take();
  }

  /** Drains and closes everything; called when the sender has settled everything. */
  async finish(accepted: Uint8Array, faulty: boolean): Promise<BridgeReport> {
    this.#endedAt = performance.now();
    this.#cpuAtEnd = process.cpuUsage(this.#cpuAtStart);
    const told = await this.#readFeedback();
    this.#meter.connections.mute();
    await this.#bridge.close();
    await this.#meter.transport.close();
    const lane = this.lane();
    const perSecond = lane.elapsedMs > 0 ? Math.round((lane.settled / lane.elapsedMs) * 1000) : 0;
    return { lane: { ...lane, perSecond, balance: this.#meter.balance(accepted, faulty) }, told };
  }

  /** As the legacy sender would: by certificate, from the bridge's own feedback service. */
  async #readFeedback(): Promise<Uint8Array> {
    const told = new Uint8Array(this.#workload.count);
    const environment = this.#endpoint(this.#bridge.ports.feedback[0]!);
    for await (const { deviceToken } of feedback({ environment, auth: { type: "certificate", ...this.#apple.tls } })) {
      const index = indexOf(deviceToken);
      if (index < told.length) told[index] = 1;
    }
    return told;
  }

  #endpoint(port: number): Required<Endpoint> {
    return { host: "127.0.0.1", port, servername: "localhost", ca: this.#apple.ca };
  }
}
