import type { LaneReport, LaneSample, RunSettings, RunState, WireName } from "../page/protocol.js";
import type { AppleProcess } from "./apple/process.js";
import { Child } from "./child-process.js";
import type { ConnectionNote, FromSender, ToSender } from "./sender/messages.js";

type Sender = Child<ToSender, FromSender>;

export interface RunListener {
  /** Other figures now; at most some ten times a second and sender. */
  changed(): void;
  notes(notes: readonly ConnectionNote[], dropped: number): void;
}

const bothWires: readonly WireName[] = ["binary", "http2"];

/** One run: its senders, each in a process of its own, from their start to the report. */
export class Run {
  readonly id: string;
  readonly owner: string;
  readonly settings: RunSettings;
  /** The faults struck while it ran. */
  readonly faults: string[] = [];
  stopped = false;
  #state: RunState["state"] = "starting";
  #sharePercent: number;
  readonly #listener: RunListener;
  readonly #lanes = new Map<WireName, LaneSample>();
  #senders: Sender[] = [];

  constructor(id: string, owner: string, settings: RunSettings, listener: RunListener) {
    this.id = id;
    this.owner = owner;
    this.settings = settings;
    this.#sharePercent = settings.sharePercent;
    this.#listener = listener;
  }

  get state(): RunState {
    const { id, owner, settings } = this;
    return { id, owner, settings, state: this.#state, percent: this.percent };
  }

  get lanes(): readonly LaneSample[] {
    return bothWires.flatMap((wire) => this.#lanes.get(wire) ?? []);
  }

  /** Settled, of all that there is to send. */
  get percent(): number {
    const { kind, count } = this.settings;
    const settled = this.lanes.reduce((sum, lane) => sum + lane.settled, 0);
    return Math.floor((settled / (kind === "race" ? 2 * count : count)) * 100);
  }

  /**
   * Sends everything, and compares with what Apple really received.
   * @throws if a process fails
   */
  async perform(apple: AppleProcess): Promise<readonly LaneReport[]> {
    const { settings } = this;
    try {
      await apple.prepare(settings);
      const shifts = settings.kind === "race" ? bothWires.map((wire) => [wire]) : [bothWires];
      this.#senders = shifts.map(() => this.#makeSender());
      const opening = this.#senders.map((sender, index) => {
        const asked = { ...settings, sharePercent: this.#sharePercent };
        return sender.ask({ type: "open", apple: apple.apple, settings: asked, wires: shifts[index]! }, "ready");
      });
      // What was asked for while nobody was there to be told.
      if (this.#state === "paused") this.#tell({ type: "pause" });
      if (this.#state === "stopping") this.#tell({ type: "stop" });
      await Promise.all(opening);
      if (this.#state === "starting") this.#state = "running";
      this.#listener.changed();
      await this.#send();
      const accepted = await apple.counts();
      const faulty = this.faults.length > 0;
      const reports = await Promise.all(
        this.#senders.map((sender) => sender.ask({ type: "balance", accepted, faulty }, "report")),
      );
      return reports.flatMap(({ lanes }) => lanes);
    } finally {
      await this.end();
    }
  }

  pause(): void {
    this.#state = "paused";
    this.#tell({ type: "pause" });
  }

  resume(): void {
    this.#state = "running";
    this.#tell({ type: "resume" });
  }

  stop(): void {
    this.stopped = true;
    this.#state = "stopping";
    this.#tell({ type: "stop" });
  }

  setShare(sharePercent: number): void {
    this.#sharePercent = sharePercent;
    this.#tell({ type: "share", sharePercent });
  }

  /** Ends its processes, whatever they do. */
  async end(): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.end()));
  }

  async #send(): Promise<void> {
    if (!this.settings.inTurn) {
      await Promise.all(this.#senders.map((sender) => sender.ask({ type: "go" }, "settled")));
      return;
    }
    for (const sender of this.#senders) await sender.ask({ type: "go" }, "settled");
  }

  #makeSender(): Sender {
    return new Child<ToSender, FromSender>(
      new URL("sender/child.js", import.meta.url),
      "A sender",
      (message) => {
        if (message.type !== "sample") return;
        for (const lane of message.lanes) this.#lanes.set(lane.wire, lane);
        this.#listener.notes(message.notes, message.notesDropped);
        this.#listener.changed();
      },
      () => {},
    );
  }

  #tell(message: ToSender): void {
    for (const sender of this.#senders) sender.send(message);
    this.#listener.changed();
  }
}
