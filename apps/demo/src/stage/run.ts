import { Child } from "@apns/processes";
import type { BridgeSample, LaneReport, LaneSample, RunSettings, RunState, WireName } from "../page/protocol.js";
import type { AppleProcess } from "./apple/process.js";
import type { BridgeCalls, BridgeEvent } from "./bridge/calls.js";
import type { ConnectionNote, SenderCalls, SenderEvent } from "./sender/calls.js";

type Sender = Child<SenderCalls, SenderEvent>;
type BridgeProcess = Child<BridgeCalls, BridgeEvent>;

export interface RunListener {
  /** Other figures now; at most some ten times a second and process. */
  changed(): void;
  notes(notes: readonly ConnectionNote[], dropped: number): void;
}

const bothWires: readonly WireName[] = ["binary", "http2"];

/** The wires of each sender of a run. */
const wiresOfSenders: Readonly<Record<RunSettings["kind"], readonly (readonly WireName[])[]>> = {
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
    // The bridge sends the same notifications on: they count once.
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
      this.#senders = wiresOfSenders[settings.kind].map(() => this.#makeSender());
      const opening = this.#senders.map((sender, index) => {
        const asked = { ...settings, sharePercent: this.#sharePercent };
        const wires = wiresOfSenders[settings.kind][index]!;
        return sender.call("open", { apple: destination, settings: asked, wires });
      });
      // The page may have paused or stopped the run before there were senders.
      if (this.#state === "paused") this.#tell("pause");
      if (this.#state === "stopping") this.#tell("stop");
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
    this.#tell("pause");
  }

  resume(): void {
    this.#state = "running";
    this.#tell("resume");
  }

  stop(): void {
    this.stopped = true;
    this.#state = "stopping";
    this.#tell("stop");
  }

  setShare(sharePercent: number): void {
    this.#sharePercent = sharePercent;
    this.#tell("setShare", sharePercent);
  }

  /** Ends its processes, whatever they do. */
  async end(): Promise<void> {
    await Promise.all([...this.#senders, this.#bridgeProcess].map((child) => child?.end()));
  }

  async #send(): Promise<void> {
    if (!this.settings.inTurn) {
      await Promise.all(this.#senders.map((sender) => sender.call("run")));
      return;
    }
    for (const sender of this.#senders) await sender.call("run");
  }

  async #report(apple: AppleProcess): Promise<readonly LaneReport[]> {
    const accepted = await apple.counts();
    const faulty = this.faults.length > 0;
    const { http2 } = accepted;
    const behind = await this.#bridgeProcess?.call("finish", { accepted: http2, faulty });
    // A removed app is no error on the legacy wire; the feedback service names it. Together they account for every notification.
    const told = behind?.told;
    const seen =
      told === undefined ? accepted : { ...accepted, binary: http2.map((times, index) => times + told[index]!) };
    this.#toldByFeedback = told?.reduce((sum, times) => sum + times, 0);
    const reports = await Promise.all(this.#senders.map((sender) => sender.call("report", { accepted: seen, faulty })));
    return [...reports.flat(), ...(behind === undefined ? [] : [behind.lane])];
  }

  /** @returns where the senders are to send: to Apple, or to the bridge that they take for it */
  async #openBridge({ apple, server }: AppleProcess): Promise<AppleProcess["apple"]> {
    if (this.settings.kind !== "bridge") return apple;
    this.#bridgeProcess = new Child(new URL("bridge/child.js", import.meta.url), {
      name: "The bridge",
      onEvent: (event) => {
        this.#bridge = event.bridge;
        this.#take(event);
      },
      // The sender would go on trying to reach it.
      onEnd: () => void this.end(),
    });
    const { settings } = this;
    const gateway = await this.#bridgeProcess.call("open", { apple, server, settings });
    return { ...apple, gateway };
  }

  #makeSender(): Sender {
    return new Child(new URL("sender/child.js", import.meta.url), {
      name: "A sender",
      onEvent: (event) => this.#take(event),
    });
  }

  #take(sample: SenderEvent): void {
    for (const lane of sample.lanes) this.#lanes.set(lane.wire, lane);
    this.#listener.notes(sample.notes, sample.notesDropped);
    this.#listener.changed();
  }

  #tell<Name extends keyof SenderCalls>(name: Name, ...input: Parameters<SenderCalls[Name]>): void {
    for (const sender of this.#senders) sender.tell(name, ...input);
    this.#listener.changed();
  }
}
