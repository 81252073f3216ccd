import { performance } from "node:perf_hooks";
import { type ServerConnection, type Setting, SettingId } from "@apns/h2";
import type { SettingsFault } from "../faults/fault.js";
import type { Quirks } from "../quirks.js";
import type { RejectedVerdict, Verdict } from "../world/verdict.js";
import { appleSettings } from "./settings.js";

/** The initial window size of streams where no SETTINGS say otherwise (RFC 9113, section 6.5.2). */
const defaultWindowBytes = 65_535;

/** The limit after a rejection, for senders that are slowed down by it. */
const afterRejection = 1;

/** The limit of concurrent streams: which ones were announced, which of them the sender has acknowledged, when they change. */
export class StreamLimit {
  readonly #machine: ServerConnection;
  readonly #quirks: Quirks;
  /** The limit that Apple would set now. */
  #appleLimit: number;
  /** Whether that is the limit of an authenticated sender. */
  #isFull: boolean;
  /** The limit of a fault, which takes the place of Apple's. */
  #forced: number | undefined;
  /** The limit announced last. */
  #announced: number;
  /** The limit after each SETTINGS frame that is not acknowledged yet, whether or not that frame names one. */
  readonly #pending: number[];
  /** Nothing bounds a sender that has not read our first SETTINGS. */
  #acknowledged = Infinity;

  /**
   * @param announced the limit in the first SETTINGS frame
   * @param isFull whether that is the limit of an authenticated sender
   */
  constructor(machine: ServerConnection, announced: number, isFull: boolean, quirks: Quirks) {
    this.#machine = machine;
    this.#quirks = quirks;
    this.#appleLimit = announced;
    this.#isFull = isFull;
    this.#announced = announced;
    this.#pending = [announced];
  }

  /** How many streams may be open now; further ones are refused. */
  get enforced(): number {
    if (this.#quirks.streamsOverUnreadLimit === "refuse") return this.#announced;
    return Math.max(this.#acknowledged, ...this.#pending);
  }

  /** The oldest SETTINGS frame in flight was acknowledged. */
  acknowledge(): void {
    this.#acknowledged = this.#pending.shift() ?? this.#acknowledged;
  }

  /** With the first valid provider token comes the full limit, before the answer (observed 2022). */
  beforeAnswer(verdict: Verdict, authenticated: boolean): void {
    if (this.#isFull || !authenticated) return;
    if (this.#quirks.dropStreamLimitOnRejection && isError(verdict)) return;
    this.#isFull = true;
    this.#setAppleLimit(this.#quirks.authenticatedStreams);
  }

  afterAnswer(verdict: Verdict): void {
    if (!this.#quirks.dropStreamLimitOnRejection || !this.#isFull || !isError(verdict)) return;
    this.#isFull = false;
    this.#setAppleLimit(afterRejection);
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
      [SettingId.MAX_CONCURRENT_STREAMS, unless(fault.maxConcurrentStreams, this.#appleLimit)],
      [SettingId.INITIAL_WINDOW_SIZE, unless(fault.initialWindowBytes, defaultWindowBytes)],
      [SettingId.MAX_FRAME_SIZE, unless(fault.maxFrameBytes, appleSettings.maxFrameSize)],
      [SettingId.HEADER_TABLE_SIZE, unless(fault.headerTableBytes, appleSettings.headerTableSize)],
    ]);
  }

  #setAppleLimit(limit: number): void {
    this.#appleLimit = limit;
    if (this.#forced === undefined) this.#send([[SettingId.MAX_CONCURRENT_STREAMS, limit]]);
  }

  #send(pairs: readonly (readonly [id: number, value: number | undefined])[]): void {
    const settings = pairs.filter((pair): pair is Setting => pair[1] !== undefined);
    this.#machine.updateSettings(settings, performance.now());
    this.#announced = settings.find(([id]) => id === SettingId.MAX_CONCURRENT_STREAMS)?.[1] ?? this.#announced;
    this.#pending.push(this.#announced);
  }
}

/** "Too many errors" slow a sender down; Apple says that 410 is none. */
export function isError(verdict: Verdict): verdict is RejectedVerdict {
  return verdict.kind === "rejected" && verdict.httpStatus !== 410;
}
