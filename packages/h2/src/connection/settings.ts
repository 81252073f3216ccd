import { connectionFault } from "../errors.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { encodeSettingsFrame, type Setting, SettingId } from "../frame/settings.js";
import type { HpackEncoder } from "../hpack/encoder.js";
import type { OutputQueue } from "../output/output-queue.js";
import { writeFrame } from "../output/write-frame.js";
import type { FlowControl } from "../streams/flow-control.js";
import { emptyBody } from "../streams/stream.js";
import type { FrameReader } from "./frame-reader.js";
import type { HeaderReader } from "./header-reader.js";
import { applySettings, type Http2Settings, initialSettings } from "./http2-settings.js";
import { LocalSettings } from "./local-settings.js";
import type { ReplyBudget } from "./reply-budget.js";
import type { Peer } from "./role.js";

/** The parts that settings govern. */
export interface SettingsTargets {
  readonly output: OutputQueue;
  readonly replies: ReplyBudget;
  readonly frames: FrameReader;
  readonly headers: HeaderReader;
  readonly encoder: HpackEncoder;
  readonly flow: FlowControl;
}

/** SETTINGS in both directions (RFC 9113 section 6.5), applied to the parts they govern. */
export class Settings {
  readonly local: LocalSettings = new LocalSettings();
  #remote: Http2Settings = initialSettings;
  readonly #peer: Peer;
  readonly #timeoutMs: number;
  readonly #targets: SettingsTargets;

  constructor(peer: Peer, timeoutMs: number, targets: SettingsTargets) {
    this.#peer = peer;
    this.#timeoutMs = timeoutMs;
    this.#targets = targets;
  }

  /** The peer's settings in force. */
  get remote(): Http2Settings {
    return this.#remote;
  }

  /** Whether the peer's first SETTINGS have arrived. */
  get isRemoteKnown(): boolean {
    return this.#remote !== initialSettings;
  }

  /** When the peer must have acknowledged the oldest SETTINGS of this side; undefined if it has acknowledged all. */
  get deadline(): number | undefined {
    const since = this.local.unacknowledgedSince;
    return since === undefined ? undefined : since + this.#timeoutMs;
  }

  /**
   * Queues SETTINGS of this side. Larger frames are accepted at once, everything else is in force when acknowledged.
   */
  send(pairs: readonly Setting[], now: number): void {
    const { output, frames } = this.#targets;
    this.local.sent(pairs, now);
    output.append(encodeSettingsFrame({ ack: false, settings: pairs }));
    frames.maxFrameBytes = this.local.acceptedFrameBytes;
  }

  /** The peer acknowledged SETTINGS of this side: they are in force. @throws Http2Error H2_SETTINGS_ACK */
  acknowledged(): void {
    const { frames, headers, flow } = this.#targets;
    const before = this.local.acknowledged;
    this.local.acknowledge();
    const { headerTableSize, initialWindowSize } = this.local.acknowledged;
    frames.maxFrameBytes = this.local.acceptedFrameBytes;
    if (headerTableSize !== before.headerTableSize) headers.setTableLimit(headerTableSize);
    flow.setInitialReceiveWindow(initialWindowSize);
  }

  /**
   * Applies and acknowledges SETTINGS of the peer.
   * @throws Http2Error H2_SETTINGS_VALUE, H2_WINDOW_OVERFLOW or H2_OUTPUT_FLOOD
   */
  receive(pairs: readonly Setting[]): void {
    const { output, replies, encoder, flow } = this.#targets;
    // "A server MUST NOT explicitly set this value to 1" (section 6.5.2)
    if (this.#peer === "server" && pairs.some(([id, value]) => id === SettingId.ENABLE_PUSH && value !== 0)) {
      throw connectionFault("H2_SETTINGS_VALUE", "a server enables push");
    }
    this.#remote = applySettings(this.#remote, pairs);
    // Each value in turn, not only the last: the table must shrink to the smallest of them (RFC 7541 section 4.2).
    for (const [id, value] of pairs) if (id === SettingId.HEADER_TABLE_SIZE) encoder.setPeerLimit(value);
    flow.maxFrameBytes = this.#remote.maxFrameSize;
    // The acknowledgement goes before the DATA that a larger window releases: the peer enforces its new values from
    // there on.
    writeFrame(output, FrameType.SETTINGS, FrameFlag.ACK, 0, emptyBody);
    replies.count();
    flow.setInitialSendWindow(this.#remote.initialWindowSize);
  }
}
