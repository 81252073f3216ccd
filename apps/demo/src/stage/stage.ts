import { randomUUID } from "node:crypto";
import type {
  BridgeSample,
  ComposeRequest,
  ComposeResult,
  FaultCounts,
  FaultName,
  LaneSample,
  PhoneView,
  RunReport,
  RunSettings,
  RunState,
  TimelineEvent,
} from "../page/protocol.js";
import type { PhoneAction } from "./apple/calls.js";
import { AppleProcess } from "./apple/process.js";
import { compose } from "./compose/compose.js";
import { faultButtons } from "./faults.js";
import { readFeedback } from "./feedback.js";
import { Run } from "./run.js";
import { Timeline } from "./timeline.js";

/** Is told of changes; the server of the pages. */
export interface StageListener {
  /** The figures are other ones now. */
  changed(): void;
  event(event: TimelineEvent): void;
  phones(phones: readonly PhoneView[]): void;
  runEnded(report: RunReport): void;
}

/** A request cannot be carried out; the message tells people why. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** How many reports are kept. */
const maxRuns = 20;
const defaultDelayMs = 20;

/** The state that all pages show: Apple's stand-in with its phones, the current run, and the timeline. */
export class Stage {
  readonly #listener: StageListener;
  readonly #timeline: Timeline;
  #apple: Promise<AppleProcess> | undefined;
  #run: Run | undefined;
  /** Settles when all runs so far have ended and their feedback was read. */
  #performed: Promise<void> = Promise.resolve();
  #lanes: readonly LaneSample[] = [];
  #bridge: BridgeSample | null = null;
  #phones: readonly PhoneView[] = [];
  #activeFaults: readonly FaultName[] = [];
  #struckFaults: FaultCounts = {};
  #runs: RunReport[] = [];
  #closed = false;

  constructor(listener: StageListener) {
    this.#listener = listener;
    this.#timeline = new Timeline((event) => listener.event(event));
  }

  get events(): readonly TimelineEvent[] {
    return this.#timeline.events;
  }

  get phones(): readonly PhoneView[] {
    return this.#phones;
  }

  /** The newest reports, oldest first. */
  get runs(): readonly RunReport[] {
    return this.#runs;
  }

  get run(): RunState | null {
    return this.#run?.state ?? null;
  }

  /** Of the run of the moment, or of the last one. */
  get lanes(): readonly LaneSample[] {
    return this.#run?.lanes ?? this.#lanes;
  }

  /** Of the same run; null without one. */
  get bridge(): BridgeSample | null {
    return this.#run === undefined ? this.#bridge : this.#run.bridge;
  }

  get activeFaults(): readonly FaultName[] {
    return this.#activeFaults;
  }

  get struckFaults(): FaultCounts {
    return this.#struckFaults;
  }

  /** Has Apple's stand-in ready: the first page has come. */
  async open(): Promise<void> {
    await this.#openApple();
  }

  /** Keeps a report that was made elsewhere. */
  keep(report: RunReport): void {
    this.#runs = [...this.#runs, report].slice(-maxRuns);
    this.#listener.runEnded(report);
  }

  /** Starts a run; it goes on by itself. @throws {RefusedError} while another one is under way */
  start(owner: string, settings: RunSettings): void {
    if (this.#run !== undefined) {
      throw new RefusedError("A run is under way already; stop it, or wait for its end.");
    }
    const run = new Run(randomUUID(), owner, settings, {
      changed: () => this.#listener.changed(),
      notes: (notes, dropped) => {
        for (const { wire, text } of notes) this.#timeline.add("connection", wire, text);
        if (dropped > 0) this.#timeline.add("connection", null, `… and ${dropped} more at the same time.`);
      },
    });
    this.#run = run;
    this.#timeline.add("run", null, startText(settings));
    this.#listener.changed();
    // The feedback of the run before may still be read.
    this.#performed = this.#performed.then(() => this.#perform(run));
  }

  pause(): void {
    this.#running("pause").pause();
    this.#timeline.add("run", null, "Paused: what is under way settles.");
  }

  resume(): void {
    this.#running("go on").resume();
    this.#timeline.add("run", null, "Going on.");
  }

  stop(): void {
    this.#running("stop").stop();
    this.#timeline.add("run", null, "Stopped: nothing more is sent, and what is under way settles.");
  }

  setShare(sharePercent: number): void {
    this.#running("move").setShare(sharePercent);
    this.#timeline.add("run", null, `${sharePercent} % of the device tokens go over HTTP/2 from now on.`);
  }

  async strike(name: FaultName): Promise<void> {
    const button = faultButtons.find((known) => known.name === name)!;
    const apple = await this.#openApple();
    if (name === "shutdown" && this.#run === undefined) {
      throw new RefusedError("Nobody is connected to the gateway now; start a run first.");
    }
    this.#run?.faults.push(button.title);
    const struck = apple.strike(name);
    // Ahead of what it causes.
    this.#timeline.add("fault", null, `${button.title}. ${button.sentence}`);
    await struck;
  }

  async clearFaults(): Promise<void> {
    await (await this.#openApple()).clearFaults();
    this.#timeline.add("fault", null, "Faults that were still on are off.");
  }

  async actOnPhone(phone: number, action: PhoneAction): Promise<void> {
    const apple = await this.#openApple();
    const view = this.#phones[phone];
    if (view === undefined) throw new RefusedError(`There is no phone ${phone}.`);
    const acted = apple.actOnPhone(phone, action);
    this.#timeline.add("phone", null, phoneTexts[action](view));
    await acted;
  }

  /** Adds the entries of the feedback service to the timeline. The service removes entries that were read. */
  async readFeedback(): Promise<void> {
    const { apple } = await this.#openApple();
    for (const text of await readFeedback(apple, this.#phones)) this.#timeline.add("feedback", "binary", text);
  }

  async compose(request: ComposeRequest): Promise<ComposeResult> {
    const apple = await this.#openApple();
    const view = this.#phones[request.phone];
    if (view === undefined) throw new RefusedError(`There is no phone ${request.phone}.`);
    const result = await compose(request, apple.apple, apple.server, apple.address(request.phone));
    this.#timeline.add("phone", request.wire, `To ${view.name}'s phone: ${result.outcome}`);
    if (request.wire === "binary" && !view.installed) await this.readFeedback();
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#run?.end();
    await this.#apple?.then((apple) => apple.end()).catch(() => {});
  }

  #running(what: string): Run {
    if (this.#run === undefined) throw new RefusedError(`There is no run to ${what}.`);
    if (this.#run.stopped) throw new RefusedError("The run is stopping already.");
    return this.#run;
  }

  #openApple(delayMs = defaultDelayMs): Promise<AppleProcess> {
    if (this.#closed) return Promise.reject(new RefusedError("The demo is ending."));
    if (this.#apple !== undefined) return this.#apple;
    // Another stand-in knows nothing of the faults of the last one.
    this.#activeFaults = [];
    this.#struckFaults = {};
    this.#apple = AppleProcess.start(delayMs, {
      phones: (phones) => {
        this.#phones = phones;
        this.#listener.phones(phones);
      },
      faults: (active, struck) => {
        this.#activeFaults = active;
        this.#struckFaults = struck;
        this.#listener.changed();
      },
      ended: (error) => {
        this.#apple = undefined;
        this.#timeline.add("run", null, error.message);
      },
    }).catch((error) => {
      this.#apple = undefined;
      throw error;
    });
    return this.#apple;
  }

  /** The round trip is fixed while Apple's stand-in runs: another one means another stand-in, with new phones. */
  async #appleAt(delayMs: number): Promise<AppleProcess> {
    const apple = await this.#openApple(delayMs);
    if (apple.delayMs === delayMs) return apple;
    await apple.end();
    this.#apple = undefined;
    this.#timeline.add("run", null, `Apple's stand-in starts anew, ${delayMs} ms away; the phones do, too.`);
    return this.#openApple(delayMs);
  }

  async #perform(run: Run): Promise<void> {
    try {
      const apple = await this.#appleAt(run.settings.delayMs);
      const lanes = await run.perform(apple);
      this.#lanes = lanes;
      this.#bridge = run.bridge;
      const { id, settings, faults, stopped, toldByFeedback } = run;
      this.#run = undefined;
      this.#timeline.add("run", null, endText(stopped));
      // A fault that still waits for a notification would strike in the next run.
      await apple.clearFaults();
      if (toldByFeedback === undefined) await this.readFeedback();
      else this.#timeline.add("feedback", "binary", bridgeFeedbackText(toldByFeedback));
      this.keep({ id, endedAt: Date.now(), origin: "page", settings, faults, stopped, lanes });
    } catch (error) {
      this.#timeline.add("run", null, `The run failed: ${(error as Error).message}`);
    } finally {
      if (this.#run === run) this.#run = undefined;
      this.#listener.changed();
    }
  }
}

function startText({ kind, count, perSecond }: RunSettings): string {
  const many = count.toLocaleString("en-US");
  const pace = perSecond === 0 ? "as fast as they go" : `${perSecond.toLocaleString("en-US")} per second`;
  const texts = {
    race: `A run begins: ${many} notifications over each wire, ${pace}.`,
    split: `A move begins: ${many} notifications, split between the wires, ${pace}.`,
    bridge: `A legacy sender begins: ${many} notifications to the bridge, ${pace}.`,
  };
  return texts[kind];
}

function bridgeFeedbackText(count: number): string {
  return count === 0
    ? "The bridge's feedback service: nothing to tell."
    : `The bridge's feedback service: ${count.toLocaleString("en-US")} device tokens of the run have no app any more.`;
}

function endText(stopped: boolean): string {
  return stopped ? "The run was stopped; everything sent is accounted for." : "The run is over.";
}

const phoneTexts: Readonly<Record<PhoneAction, (phone: PhoneView) => string>> = {
  offline: ({ name }) => `${name}'s phone is offline: Apple keeps one notification for it, the newest.`,
  online: ({ name, waiting }) =>
    `${name}'s phone is back${waiting > 0 ? ", to the one notification that Apple kept" : "; nothing waited for it"}.`,
  uninstall: ({ name }) =>
    `${name} removes the app: HTTP/2 will answer 410, the binary wire accepts and tells the feedback service.`,
  install: ({ name }) => `${name} installs the app again, and gets another device token.`,
  clear: ({ name }) => `${name} clears the screen.`,
};
