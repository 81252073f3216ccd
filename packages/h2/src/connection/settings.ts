// SETTINGS and their acknowledgement (RFC 9113 sections 6.5 and 6.5.3).
import { connectionFault } from "../errors.js";
import { type Setting, SettingId } from "../frame/settings.js";

/** The settings of RFC 9113 section 6.5.2, by name. */
export interface Http2Settings {
  readonly headerTableSize: number;
  readonly enablePush: boolean;
  /** Infinity as long as nothing was said. */
  readonly maxConcurrentStreams: number;
  readonly initialWindowSize: number;
  readonly maxFrameSize: number;
  /** Infinity as long as nothing was said. */
  readonly maxHeaderListSize: number;
}

/** What holds before the first SETTINGS. */
export const initialSettings: Http2Settings = {
  headerTableSize: 4096,
  enablePush: true,
  maxConcurrentStreams: Number.POSITIVE_INFINITY,
  initialWindowSize: 65_535,
  maxFrameSize: 16_384,
  maxHeaderListSize: Number.POSITIVE_INFINITY,
};

/** `base` with the pairs of one frame applied in order; identifiers without a name change nothing (section 6.5.2). */
export function applySettings(base: Http2Settings, pairs: readonly Setting[]): Http2Settings {
  const next = { ...base };
  for (const [id, value] of pairs) {
    if (id === SettingId.HEADER_TABLE_SIZE) next.headerTableSize = value;
    else if (id === SettingId.ENABLE_PUSH) next.enablePush = value === 1;
    else if (id === SettingId.MAX_CONCURRENT_STREAMS) next.maxConcurrentStreams = value;
    else if (id === SettingId.INITIAL_WINDOW_SIZE) next.initialWindowSize = value;
    else if (id === SettingId.MAX_FRAME_SIZE) next.maxFrameSize = value;
    else if (id === SettingId.MAX_HEADER_LIST_SIZE) next.maxHeaderListSize = value;
  }
  return next;
}

interface Unacknowledged {
  readonly settings: Http2Settings;
  /** NaN while nobody has told the time. */
  sentAt: number;
}

/** Our own settings: what the peer has acknowledged, and what is on its way. */
export class LocalSettings {
  /** In force: acknowledged by the peer. */
  acknowledged: Http2Settings = initialSettings;
  #pending: Unacknowledged[] = [];

  /** A SETTINGS frame was queued. */
  sent(pairs: readonly Setting[], now: number): void {
    const last = this.#pending.at(-1)?.settings ?? this.acknowledged;
    this.#pending.push({ settings: applySettings(last, pairs), sentAt: now });
  }

  /** The peer acknowledged the oldest frame. @throws Http2Error H2_SETTINGS_ACK */
  acknowledge(): void {
    const oldest = this.#pending.shift();
    if (oldest === undefined) throw connectionFault("H2_SETTINGS_ACK");
    this.acknowledged = oldest.settings;
  }

  /** The most generous value among those in force and on their way: what the peer may go by right now. */
  mostGenerous(key: "maxConcurrentStreams" | "maxFrameSize"): number {
    return this.#pending.reduce((most, { settings }) => Math.max(most, settings[key]), this.acknowledged[key]);
  }

  /** The time has become known: from now on the peer may be late. */
  startWaiting(now: number): void {
    for (const entry of this.#pending) if (Number.isNaN(entry.sentAt)) entry.sentAt = now;
  }

  /** When the oldest unacknowledged frame was queued, or undefined. */
  get waitingSince(): number | undefined {
    const sentAt = this.#pending[0]?.sentAt;
    return Number.isNaN(sentAt) ? undefined : sentAt;
  }
}
