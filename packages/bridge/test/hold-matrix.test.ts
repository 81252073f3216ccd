// Every fault × the sender still there, or gone: what the sender sees, what is delivered, what is logged and audited. The rows
// are those of the table in docs/bridge.md.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BridgeStats, openStores, type Rules, type StoresOptions } from "../src/index.ts";
import { StandInUpstream } from "./stand-in-upstream.ts";
import { bridgeFor, connectTo, type FrameParts, frame, type TestBridge, tokenOf, until } from "./support.ts";

/** What comes of three frames with the identifiers 1 to 3, of which the second is the victim. */
interface Expected {
  /** What the sender reads, as hex; "waits": nothing, and the connection stays open. */
  readonly seen: string;
  /** Identifiers of the frames that upstream has accepted in the end, in the order in which it saw them. */
  readonly delivered: readonly number[];
  /** `identifier cause done`, and `held` if it was read from disk. */
  readonly audited: readonly string[];
  /** Log lines from `warn` on, and those about upstream and the hold: the first words of each. */
  readonly logged: readonly string[];
}

interface Row {
  /** As the table calls it. */
  readonly name: string;
  readonly rules?: Rules;
  readonly stores?: Partial<StoresOptions>;
  readonly frame?: FrameParts;
  /** Before the frames are written. */
  readonly before?: (scene: Scene) => void;
  /** When the fault has done what it does for now. @default nothing is undecided */
  readonly isReached?: (stats: BridgeStats) => boolean;
  /** The end of the fault. */
  readonly after?: (scene: Scene) => Promise<void> | void;
  readonly there: Expected;
  readonly gone: Expected;
}

const calm: Expected = { seen: "", delivered: [1, 2, 3], audited: [], logged: [] };

const away = "Upstream cannot be reached.";
const back = "Upstream is reached again.";
const held = "Notifications are held on disk.";
const sent = "All notifications that were held on disk are decided.";
const full = "The hold on disk is full";
const notLetIn = "Upstream does not let this app in.";

/** Time that waits for nobody. */
const soon = { retryForMs: 1, finally: "shutdown" } as const;

const leaves = ({ upstream }: Scene): void => upstream.leave();
const comesBack = ({ upstream }: Scene): void => upstream.comeBack();
const answersVictim =
  (answer: 400 | 403 | 410 | 503 | "unconfirmed") =>
  ({ upstream }: Scene): void => {
    upstream.answer = (token) => (token === tokenOf(2) ? answer : "accepted");
  };
const answersAll = ({ upstream }: Scene): void => {
  upstream.answer = () => "accepted";
};
const restarts = async (scene: Scene): Promise<void> => {
  await scene.end();
  answersAll(scene);
  scene.upstream.comeBack();
  await scene.start();
};
const heldByApp =
  (count: number) =>
  ({ apps }: BridgeStats): boolean => {
    const { held: inMemory, holdNotifications } = apps["app"]!;
    return inMemory + holdNotifications === count;
  };

const rows: readonly Row[] = [
  { name: "none", there: { ...calm, seen: "waits" }, gone: calm },
  {
    name: "no connection to Apple",
    before: leaves,
    after: comesBack,
    there: { ...calm, seen: "waits", logged: [away, held, back, sent] },
    gone: { ...calm, logged: [away, held, back, sent] },
  },
  {
    name: "no connection to Apple, and the hold is full",
    stores: { maxHeld: 1 },
    rules: { unsent: soon },
    before: (scene) => {
      scene.upstream.waits = false;
      leaves(scene);
    },
    after: comesBack,
    there: {
      seen: "080a00000001",
      delivered: [1],
      audited: ["2 unsent shutdown", "3 unsent shutdown"],
      logged: [away, full, held, back, sent],
    },
    gone: {
      seen: "080a00000001",
      delivered: [1],
      audited: ["2 unsent shutdown", "3 unsent shutdown"],
      logged: [away, full, held, back, sent],
    },
  },
  {
    name: "no connection to Apple, and an expiry of 0 (“now or never”)",
    frame: { expiry: 0 },
    rules: { unsent: soon },
    before: (scene) => {
      scene.upstream.waits = false;
      leaves(scene);
    },
    after: comesBack,
    there: {
      seen: "080a00000001",
      delivered: [1, 3],
      audited: ["2 unsent shutdown"],
      logged: [away, held, back, sent],
    },
    gone: { seen: "080a00000001", delivered: [1, 3], audited: ["2 unsent shutdown"], logged: [away, held, back, sent] },
  },
  {
    name: "no connection to Apple until the expiry has passed",
    frame: { expiry: Math.floor(Date.now() / 1000) + 3_600 },
    before: leaves,
    after: (scene) => {
      scene.later(3_700_000);
      comesBack(scene);
    },
    there: {
      ...calm,
      seen: "waits",
      delivered: [1, 3],
      audited: ["2 Expired dropped held"],
      logged: [away, held, back, sent],
    },
    gone: { ...calm, delivered: [1, 3], audited: ["2 Expired dropped held"], logged: [away, held, back, sent] },
  },
  {
    name: "the device token of a held notification is refused",
    before: leaves,
    after: (scene) => {
      answersVictim(400)(scene);
      comesBack(scene);
    },
    there: {
      ...calm,
      seen: "waits",
      delivered: [1, 3],
      audited: ["2 BadDeviceToken status 8 held"],
      logged: [away, held, back, sent],
    },
    gone: { ...calm, delivered: [1, 3], audited: ["2 BadDeviceToken status 8 held"], logged: [away, held, back, sent] },
  },
  {
    name: "Apple answers 5xx for longer than is waited",
    rules: { ServiceUnavailable: soon },
    before: answersVictim(503),
    isReached: ({ undecided, apps }) => undecided === 0 && apps["app"]!.accepted === 2,
    after: answersAll,
    there: { seen: "080a00000001", delivered: [1, 3], audited: ["2 ServiceUnavailable shutdown"], logged: [] },
    gone: { ...calm, delivered: [1, 3, 2], logged: [held, sent] },
  },
  {
    name: "Apple does not let the app in (403, topic)",
    before: ({ upstream }) => {
      upstream.answer = () => 403;
    },
    isReached: heldByApp(3),
    after: answersAll,
    there: { ...calm, seen: "waits", logged: [notLetIn] },
    gone: { ...calm, logged: [notLetIn, held, sent] },
  },
  {
    name: "Apple gives no verdict (unconfirmed)",
    before: (scene) => {
      const { upstream } = scene;
      upstream.answer = (token) => {
        if (token !== tokenOf(2)) return "accepted";
        answersAll(scene);
        return "unconfirmed";
      };
    },
    there: { ...calm, seen: "waits", delivered: [1, 3, 2] },
    gone: { ...calm, delivered: [1, 3, 2] },
  },
  {
    name: "Apple gives no verdict, with unconfirmed: accept",
    rules: { unconfirmed: "accept" },
    before: answersVictim("unconfirmed"),
    there: { ...calm, seen: "waits", delivered: [1, 3], audited: ["2 unconfirmed accepted"] },
    gone: { ...calm, delivered: [1, 3], audited: ["2 unconfirmed accepted"] },
  },
  {
    name: "the device token is refused",
    before: answersVictim(400),
    there: { ...calm, seen: "080800000002", delivered: [1, 3], audited: ["2 BadDeviceToken status 8"] },
    gone: { ...calm, seen: "080800000002", delivered: [1, 3], audited: ["2 BadDeviceToken status 8"] },
  },
  {
    name: "the app is gone from the device (410)",
    before: answersVictim(410),
    there: { ...calm, seen: "waits", delivered: [1, 3], audited: ["2 Unregistered feedback"] },
    gone: { ...calm, delivered: [1, 3], audited: ["2 Unregistered feedback"] },
  },
  {
    name: "the frame cannot be sent",
    frame: { payload: "" },
    there: { ...calm, seen: "080400000002", delivered: [1], audited: ["2 PayloadEmpty status 4"] },
    gone: { ...calm, seen: "080400000002", delivered: [1], audited: ["2 PayloadEmpty status 4"] },
  },
  {
    name: "the bridge ends (SIGTERM) while there is no connection to Apple",
    before: leaves,
    after: restarts,
    there: { ...calm, seen: "080a00000003", logged: [away, held, held, sent] },
    gone: { ...calm, logged: [away, held, held, sent] },
  },
  {
    name: "the bridge ends while Apple does not let the app in",
    before: ({ upstream }) => {
      upstream.answer = () => 403;
    },
    isReached: heldByApp(3),
    after: restarts,
    there: {
      seen: "080a00000000",
      delivered: [],
      audited: ["1 Abandoned shutdown", "2 Abandoned shutdown", "3 Abandoned shutdown"],
      logged: [notLetIn],
    },
    gone: { ...calm, seen: "080a00000003", logged: [notLetIn, held, held, sent] },
  },
];

/** A bridge with a hold, and a bridge after it with the same one. */
class Scene {
  readonly upstream = new StandInUpstream();
  readonly audited: string[] = [];
  readonly logged: string[] = [];
  readonly #row: Row;
  readonly #path: string;
  #passedMs = 0;
  #running: TestBridge | undefined;
  #close: () => Promise<void> = async () => {};

  constructor(row: Row) {
    this.#row = row;
    this.#path = mkdtempSync(join(tmpdir(), "apns-hold-"));
    onTestFinished(async () => {
      await this.end();
      rmSync(this.#path, { recursive: true, force: true });
    });
  }

  get port(): number {
    return this.#running!.bridge.ports.gateway[0]!;
  }

  get stats(): BridgeStats {
    return this.#running!.bridge.stats();
  }

  /** Whether the frames have been read: all of them come in one chunk. */
  get hasRead(): boolean {
    return this.#running!.bridge.report().rows.some(({ frames: [, enhanced] }) => enhanced > 0);
  }

  async start(): Promise<void> {
    const { rules = {}, stores = {} } = this.#row;
    const { holdStore, close } = await openStores({ path: this.#path, ...stores });
    this.#close = close;
    const clock = { now: () => Date.now() + this.#passedMs };
    this.#running = await bridgeFor({ transport: this.upstream, rules }, { holdStore, clock });
  }

  async end(): Promise<void> {
    const { bridge, rejections, logged } = this.#running!;
    await bridge.close({ timeoutMs: 20 });
    await this.#close();
    this.audited.push(
      ...rejections.map(({ identifier, cause, done, held }) => `${identifier} ${cause} ${done}${held ? " held" : ""}`),
    );
    const told = [away, back, held, sent, full, notLetIn];
    this.logged.push(
      ...logged
        .filter(({ level, message }) => level === "warn" || level === "error" || /^Upstream|hold|held/.test(message))
        .map(({ message }) => told.find((words) => message.startsWith(words)) ?? message),
    );
  }

  later(ms: number): void {
    this.#passedMs += ms;
  }
}

describe.each(rows)("$name", (row) => {
  test.each(["there", "gone"] as const)("the sender is %s", async (place) => {
    const scene = new Scene(row);
    await scene.start();
    row.before?.(scene);
    const sender = await connectTo(scene.port);
    const frames = [1, 2, 3].map((identifier) => {
      const victim = identifier === 2 ? row.frame : undefined;
      return frame({ identifier, token: tokenOf(identifier), ...victim });
    });
    sender.write(...frames);
    if (place === "gone") sender.socket.end();
    else sender.socket.once("end", () => sender.socket.end());
    await until(() => scene.hasRead && (row.isReached?.(scene.stats) ?? scene.stats.undecided === 0));
    await row.after?.(scene);
    await until(() => scene.stats.undecided === 0 && scene.stats.apps["app"]!.holdNotifications === 0);
    const expected = row[place];
    if (expected.seen === "waits") expect([sender.hex, sender.socket.readableEnded]).toEqual(["", false]);
    else expect(await sender.ended).toBe(expected.seen);
    sender.socket.destroy();
    await scene.end();
    const { logged } = scene;
    const audited = scene.audited.toSorted();
    const delivered = scene.upstream.accepted.map((token) => Number.parseInt(token, 16) - 1);
    expect({ delivered, audited, logged }).toEqual({ ...expected, seen: undefined });
  });
});

/** Rows whose tests need another process, or another certificate. */
const elsewhere = [
  "the bridge is killed (-9) while there is no connection to Apple",
  "the bridge is killed while what was held goes out",
  "the bridge is killed while Apple can be reached",
  "the sender is not listed",
  "the store fails",
];

test("the table of faults in docs/bridge.md has these rows, and no empty cell", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/bridge.md"), "utf8");
  const table = page.split("\n| fault |")[1]!.split("\n\n")[0]!;
  const cells = table
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(cells.map(([name]) => name)).toEqual([...rows.map(({ name }) => name), ...elsewhere]);
  expect(cells.filter((row) => row.length !== 6 || row.includes(""))).toEqual([]);
});
