import { connectionFault } from "../errors.js";
import type { Setting } from "../frame/settings.js";
import { applySettings, type Http2Settings, initialSettings } from "./http2-settings.js";

interface UnacknowledgedSettings {
  readonly settings: Http2Settings;
  /** NaN until the connection knows the time. */
  sentAt: number;
}

/** The settings of this side: acknowledged, and sent but not yet acknowledged (RFC 9113 section 6.5.3). */
export class LocalSettings {
  #acknowledged: Http2Settings = initialSettings;
  readonly #unacknowledged: UnacknowledgedSettings[] = [];
  #acceptedStreams: number = initialSettings.maxConcurrentStreams;
  #acceptedFrameBytes: number = initialSettings.maxFrameSize;

  /** In force: acknowledged by the peer. */
  get acknowledged(): Http2Settings {
    return this.#acknowledged;
  }

  /** The highest SETTINGS_MAX_CONCURRENT_STREAMS that the peer may go by now. */
  get acceptedStreams(): number {
    return this.#acceptedStreams;
  }

  /** The highest SETTINGS_MAX_FRAME_SIZE that the peer may go by now. */
  get acceptedFrameBytes(): number {
    return this.#acceptedFrameBytes;
  }

  /** When the oldest unacknowledged SETTINGS were sent; undefined if there are none, or while the time is unknown. */
  get unacknowledgedSince(): number | undefined {
    const sentAt = this.#unacknowledged[0]?.sentAt;
    return Number.isNaN(sentAt) ? undefined : sentAt;
  }

  /** Puts a stream limit in force that the peer has not read yet. */
  enforceStreamLimit(maxConcurrentStreams: number): void {
    this.#acknowledged = { ...this.#acknowledged, maxConcurrentStreams };
    this.#updateAccepted();
  }

  /** SETTINGS were queued. */
  sent(pairs: readonly Setting[], now: number): void {
    const last = this.#unacknowledged.at(-1)?.settings ?? this.#acknowledged;
    this.#unacknowledged.push({ settings: applySettings(last, pairs), sentAt: now });
    this.#updateAccepted();
  }

  /** The peer acknowledged the oldest SETTINGS. @throws Http2Error H2_SETTINGS_ACK */
  acknowledge(): void {
    const oldest = this.#unacknowledged.shift();
    if (oldest === undefined) throw connectionFault("H2_SETTINGS_ACK");
    this.#acknowledged = oldest.settings;
    this.#updateAccepted();
  }

  /** The time has become known: SETTINGS sent before are counted as sent now. */
  startWaiting(now: number): void {
    for (const entry of this.#unacknowledged) if (Number.isNaN(entry.sentAt)) entry.sentAt = now;
  }

  #updateAccepted(): void {
    const candidates = [this.#acknowledged, ...this.#unacknowledged.map(({ settings }) => settings)];
    this.#acceptedStreams = Math.max(...candidates.map(({ maxConcurrentStreams }) => maxConcurrentStreams));
    this.#acceptedFrameBytes = Math.max(...candidates.map(({ maxFrameSize }) => maxFrameSize));
  }
}
