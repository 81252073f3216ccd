import { performance } from "node:perf_hooks";
import { type ServerConnection, type Setting, SettingId } from "@apns/h2";
import type { SettingsFault } from "../faults/fault.js";
import type { Quirks } from "../quirks.js";
import type { RejectedVerdict, Verdict } from "../world/verdict.js";
import { appleSettings } from "./settings.js";

/** The limit after a rejection, for senders that are slowed down by it. */
const afterRejection = 1;

/** How many streams the sender may have open: what it was told, what of that it has acknowledged, and when that changes. */
export class StreamLimit {
  readonly #machine: ServerConnection;
  readonly #quirks: Quirks;
  /** What Apple would allow now. */
  #natural: number;
  /** Whether that is what an authenticated sender is due. */
  #isFull: boolean;
  /** What a fault allows instead. */
  #forced: number | undefined;
  /** What the sender was told last. */
  #announced: number;
  /** One for each SETTINGS frame under way, whether or not it names a limit. */
  readonly #underWay: number[];
  /** Nothing bounds a sender that has not read our first SETTINGS. */
  #acknowledged = Infinity;

  /** `announced` is what the first SETTINGS said; `isFull`, whether more is yet to come. */
  constructor(machine: ServerConnection, announced: number, isFull: boolean, quirks: Quirks) {
    this.#machine = machine;
    this.#quirks = quirks;
    this.#natural = announced;
    this.#isFull = isFull;
    this.#announced = announced;
    this.#underWay = [announced];
  }

  /** How many streams are let in right now. */
  get enforced(): number {
    if (this.#quirks.streamsOverUnreadLimit === "refuse") return this.#announced;
    return Math.max(this.#acknowledged, ...this.#underWay);
  }

  /** The oldest SETTINGS frame under way was acknowledged. */
  acknowledge(): void {
    this.#acknowledged = this.#underWay.shift() ?? this.#acknowledged;
  }

  /** With the first valid provider token comes the full limit, before the answer (observed 2022). */
  beforeAnswer(verdict: Verdict, authenticated: boolean): void {
    if (this.#isFull || !authenticated) return;
    if (this.#quirks.dropStreamLimitOnRejection && isError(verdict)) return;
    this.#isFull = true;
    this.#setNatural(this.#quirks.authenticatedStreams);
  }

  afterAnswer(verdict: Verdict): void {
    if (!this.#quirks.dropStreamLimitOnRejection || !this.#isFull || !isError(verdict)) return;
    this.#isFull = false;
    this.#setNatural(afterRejection);
  }

  /** Sends the settings of a fault. */
  force(fault: SettingsFault): void {
    this.#forced = fault.maxConcurrentStreams ?? this.#forced;
    this.#send([
      [SettingId.MAX_CONCURRENT_STREAMS, fault.maxConcurrentStreams],
      [SettingId.INITIAL_WINDOW_SIZE, fault.initialWindowBytes],
      [SettingId.MAX_FRAME_SIZE, fault.maxFrameBytes],
      [SettingId.HEADER_TABLE_SIZE, fault.headerTableBytes],
    ]);
  }

  /** Sends Apple's settings in place of those of a fault. */
  restore(fault: SettingsFault): void {
    if (fault.maxConcurrentStreams !== undefined) this.#forced = undefined;
    const unless = (forced: number | undefined, natural: number): number | undefined =>
      forced === undefined ? undefined : natural;
    this.#send([
      [SettingId.MAX_CONCURRENT_STREAMS, unless(fault.maxConcurrentStreams, this.#natural)],
      [SettingId.INITIAL_WINDOW_SIZE, unless(fault.initialWindowBytes, appleSettings.initialWindowSize)],
      [SettingId.MAX_FRAME_SIZE, unless(fault.maxFrameBytes, appleSettings.maxFrameSize)],
      [SettingId.HEADER_TABLE_SIZE, unless(fault.headerTableBytes, appleSettings.headerTableSize)],
    ]);
  }

  #setNatural(limit: number): void {
    this.#natural = limit;
    if (this.#forced === undefined) this.#send([[SettingId.MAX_CONCURRENT_STREAMS, limit]]);
  }

  #send(pairs: readonly (readonly [id: number, value: number | undefined])[]): void {
    const settings = pairs.filter((pair): pair is Setting => pair[1] !== undefined);
    this.#machine.updateSettings(settings, performance.now());
    this.#announced = settings.find(([id]) => id === SettingId.MAX_CONCURRENT_STREAMS)?.[1] ?? this.#announced;
    this.#underWay.push(this.#announced);
  }
}

/** "Too many errors" slow a sender down; Apple says that 410 is none. */
export function isError(verdict: Verdict): verdict is RejectedVerdict {
  return verdict.kind === "rejected" && verdict.httpStatus !== 410;
}
