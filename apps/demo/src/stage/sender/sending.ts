import { sendAll, splitTraffic, type TrafficSplit, type Transport } from "@apns/core";
import type { LaneReport, LaneSample, RunSettings, WireName } from "../../page/protocol.js";
import type { Apple } from "../../simulator/calls.js";
import { Workload } from "../../workload.js";
import type { ConnectionNote } from "./calls.js";
import { Feeder } from "./feeder.js";
import { Meter } from "./meter.js";
import { openTransport } from "./transports.js";

/** A running sender: over one wire, or over both by a split. The same code for each. */
export class Sending {
  readonly #settings: RunSettings;
  readonly #workload: Workload;
  readonly #feeder: Feeder;
  readonly #meters: readonly Meter[];
  readonly #transport: Transport;
  readonly #split: TrafficSplit | undefined;
  readonly #stop = new AbortController();
  #state: LaneSample["state"] = "waiting";
  #startedAt = 0;
  #endedAt: number | undefined;
  #cpuAtStart = process.cpuUsage();
  #cpuAtEnd: NodeJS.CpuUsage | undefined;

  constructor(apple: Apple, settings: RunSettings, wires: readonly WireName[]) {
    this.#settings = settings;
    this.#workload = new Workload(settings);
    this.#feeder = new Feeder(this.#workload.deviceTokens(), settings.perSecond);
    this.#meters = wires.map((wire) => {
      const meter: Meter = new Meter(
        wire,
        openTransport(wire, apple, settings, (ended) => meter.connectionEnded(ended)),
        this.#workload,
      );
      return meter;
    });
    const [first, second] = this.#meters;
    if (second === undefined) {
      this.#transport = first!.transport;
    } else {
      this.#split = splitTraffic({
        from: first!.transport,
        to: second.transport,
        share: settings.sharePercent / 100,
      });
      this.#transport = this.#split;
    }
  }

  /** Resolves once everything is settled and the connections are closed. */
  async run(): Promise<void> {
    const { window, streams } = this.#settings;
    const wires = this.#meters.map(({ wire }) => wire);
    const concurrency = (wires.includes("binary") ? window : 0) + (wires.includes("http2") ? streams : 0);
    const notification = this.#workload.notificationOf(this.#settings.payloadBytes);
    this.#cpuAtStart = process.cpuUsage();
    this.#startedAt = performance.now();
    this.#state = "running";
    const run = sendAll(
      this.#transport,
      { notification, deviceTokens: this.#feeder },
      { concurrency, signal: this.#stop.signal },
    );
    await run.summary();
    this.#endedAt = performance.now();
    this.#cpuAtEnd = process.cpuUsage(this.#cpuAtStart);
    for (const { connections } of this.#meters) connections.mute();
    await this.#transport.close();
    this.#state = "done";
  }

  pause(): void {
    this.#feeder.pause();
  }

  resume(): void {
    this.#feeder.resume();
  }

  /** Sends nothing more; what is under way settles. */
  stop(): void {
    this.#stop.abort();
    // A feeder that rests would keep the source open.
    this.#feeder.resume();
  }

  setShare(sharePercent: number): void {
    if (this.#split !== undefined) this.#split.share = sharePercent / 100;
  }

  sample(): LaneSample[] {
    const elapsedMs = this.#startedAt === 0 ? 0 : (this.#endedAt ?? performance.now()) - this.#startedAt;
    const { user, system } = this.#cpuAtEnd ?? process.cpuUsage(this.#cpuAtStart);
    // The CPU time of a process that sends over both wires cannot be divided between them.
    const cpuMs = this.#meters.length === 1 ? (user + system) / 1000 : null;
    return this.#meters.map((meter) => {
      const figures = meter.figures();
      return { ...figures, wire: meter.wire, state: this.#stateWith(figures.sent), elapsedMs, cpuMs };
    });
  }

  takeNotes(): { readonly notes: readonly ConnectionNote[]; readonly notesDropped: number } {
    const taken = this.#meters.map(({ connections }) => connections.take());
    return {
      notes: taken.flatMap(({ notes }) => notes),
      notesDropped: taken.reduce((sum, { notesDropped }) => sum + notesDropped, 0),
    };
  }

  report(accepted: Readonly<Record<WireName, Uint8Array>>, faulty: boolean): LaneReport[] {
    return this.sample().map((lane, index) => ({
      ...lane,
      perSecond: lane.elapsedMs > 0 ? Math.round((lane.settled / lane.elapsedMs) * 1000) : 0,
      balance: this.#meters[index]!.balance(accepted[lane.wire], faulty),
    }));
  }

  /** @param sent by one wire: of a split, nobody knows how many it will get */
  #stateWith(sent: number): LaneSample["state"] {
    if (this.#state !== "running") return this.#state;
    if (this.#feeder.paused) return "paused";
    return this.#split === undefined && sent === this.#settings.count ? "settling" : "running";
  }
}
