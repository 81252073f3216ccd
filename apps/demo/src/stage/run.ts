import type { BridgeSample, LaneReport, LaneSample, RunSettings, RunState, WireName } from "../page/protocol.js";
import type { AppleProcess } from "./apple/process.js";
import type { FromBridge, ToBridge } from "./bridge/messages.js";
import { Child } from "./child-process.js";
import type { ConnectionNote, FromSender, ToSender } from "./sender/messages.js";

type Sender = Child<ToSender, FromSender>;
type BridgeProcess = Child<ToBridge, FromBridge>;

export interface RunListener {
  /** Other figures now; at most some ten times a second and process. */
  changed(): void;
  notes(notes: readonly ConnectionNote[], dropped: number): void;
}

const bothWires: readonly WireName[] = ["binary", "http2"];

/** Which wires each sender of a run sends over. */
const shiftsOf: Readonly<Record<RunSettings["kind"], readonly (readonly WireName[])[]>> = {
  race: [["binary"], ["http2"]],
  split: [bothWires],
  bridge: [["binary"]],
};

/** One run: its senders, each in a process of its own, from their start to the report; and a bridge, if it has one. */
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
  #bridgeProcess: BridgeProcess | undefined;
  #bridge: BridgeSample | null = null;
  #toldByFeedback: number | undefined;

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

  get bridge(): BridgeSample | null {
    return this.#bridge;
  }

  /** How many device tokens the feedback service of its bridge has told; `undefined` without a bridge. */
  get toldByFeedback(): number | undefined {
    return this.#toldByFeedback;
  }

  /** Settled, of all that there is to send. */
  get percent(): number {
    const { kind, count } = this.settings;
    // What the bridge sends on is the same once more.
    const settled = this.lanes
      .filter(({ wire }) => kind !== "bridge" || wire === "binary")
      .reduce((sum, lane) => sum + lane.settled, 0);
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
      const destination = await this.#openBridge(apple);
      this.#senders = shiftsOf[settings.kind].map(() => this.#makeSender());
      const opening = this.#senders.map((sender, index) => {
        const asked = { ...settings, sharePercent: this.#sharePercent };
        const wires = shiftsOf[settings.kind][index]!;
        return sender.ask({ type: "open", apple: destination, settings: asked, wires }, "ready");
      });
      // What was asked for while nobody was there to be told.
      if (this.#state === "paused") this.#tell({ type: "pause" });
      if (this.#state === "stopping") this.#tell({ type: "stop" });
      await Promise.all(opening);
      if (this.#state === "starting") this.#state = "running";
      this.#listener.changed();
      await this.#send();
      return await this.#report(apple);
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
    await Promise.all([...this.#senders, this.#bridgeProcess].map((child) => child?.end()));
  }

  async #send(): Promise<void> {
    if (!this.settings.inTurn) {
      await Promise.all(this.#senders.map((sender) => sender.ask({ type: "go" }, "settled")));
      return;
    }
    for (const sender of this.#senders) await sender.ask({ type: "go" }, "settled");
  }

  async #report(apple: AppleProcess): Promise<readonly LaneReport[]> {
    const accepted = await apple.counts();
    const faulty = this.faults.length > 0;
    const { http2 } = accepted;
    const behind = await this.#bridgeProcess?.ask({ type: "finish", accepted: http2, faulty }, "report");
    // What a legacy sender is not told as an error, its feedback service tells: both together are the truth.
    const told = behind?.told;
    const seen =
      told === undefined ? accepted : { ...accepted, binary: http2.map((times, index) => times + told[index]!) };
    this.#toldByFeedback = told?.reduce((sum, times) => sum + times, 0);
    const reports = await Promise.all(
      this.#senders.map((sender) => sender.ask({ type: "balance", accepted: seen, faulty }, "report")),
    );
    return [...reports.flatMap(({ lanes }) => lanes), ...(behind === undefined ? [] : [behind.lane])];
  }

  /** @returns where the senders are to send: to Apple, or to the bridge that they take for it */
  async #openBridge({ apple, server }: AppleProcess): Promise<AppleProcess["apple"]> {
    if (this.settings.kind !== "bridge") return apple;
    this.#bridgeProcess = new Child<ToBridge, FromBridge>(
      new URL("bridge/child.js", import.meta.url),
      "The bridge",
      (message) => {
        if (message.type !== "sample") return;
        this.#bridge = message.bridge;
        this.#take(message);
      },
      // The sender would go on trying to reach it.
      () => void this.end(),
    );
    const { settings } = this;
    const { gateway } = await this.#bridgeProcess.ask({ type: "open", apple, server, settings }, "ready");
    return { ...apple, gateway };
  }

  #makeSender(): Sender {
    return new Child<ToSender, FromSender>(
      new URL("sender/child.js", import.meta.url),
      "A sender",
      (message) => {
        if (message.type === "sample") this.#take(message);
      },
      () => {},
    );
  }

  #take(sample: Extract<FromSender, { readonly type: "sample" }>): void {
    for (const lane of sample.lanes) this.#lanes.set(lane.wire, lane);
    this.#listener.notes(sample.notes, sample.notesDropped);
    this.#listener.changed();
  }

  #tell(message: ToSender): void {
    for (const sender of this.#senders) sender.send(message);
    this.#listener.changed();
  }
}
