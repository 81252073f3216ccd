// SETTINGS (RFC 9113 section 6.5)
//
//  +-------------------------------+
//  |       Identifier (16)         |
//  +-------------------------------+-------------------------------+
//  |                        Value (32)                             |     … any number of these
//  +---------------------------------------------------------------+
import { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { encodeFrame, type FrameHead, readUint32, writeUint32 } from "./frame-head.js";
import { FrameFlag, FrameType } from "./frame-type.js";

/** Identifiers of RFC 9113 section 6.5.2. */
export const SettingId = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

/** Identifier, known or not, and value of one setting. */
export type Setting = readonly [id: number, value: number];

/** A SETTINGS frame. */
export interface SettingsFrame {
  readonly ack: boolean;
  readonly settings: readonly Setting[];
}

const settingBytes = 6;

export function encodeSettingsFrame(frame: SettingsFrame): Buffer {
  const payload = Buffer.alloc(frame.settings.length * settingBytes);
  let offset = 0;
  for (const [id, value] of frame.settings) {
    payload[offset] = id >>> 8;
    payload[offset + 1] = id;
    offset = writeUint32(payload, offset + 2, value);
  }
  return encodeFrame(FrameType.SETTINGS, frame.ack ? FrameFlag.ACK : 0, 0, payload);
}

/** @throws Http2Error H2_FRAME_STREAM_ID on a stream; H2_FRAME_SIZE; H2_SETTINGS_VALUE and H2_SETTINGS_WINDOW */
export function decodeSettingsFrame(head: FrameHead, payload: Uint8Array): SettingsFrame {
  if (head.streamId !== 0) throw connectionFault("H2_FRAME_STREAM_ID", "SETTINGS on a stream");
  const ack = (head.flags & FrameFlag.ACK) !== 0;
  if (ack && payload.length !== 0) throw connectionFault("H2_FRAME_SIZE", "an acknowledging SETTINGS has a payload");
  if (payload.length % settingBytes !== 0)
    throw connectionFault("H2_FRAME_SIZE", "SETTINGS is not a multiple of 6 octets");
  const settings: Setting[] = [];
  for (let offset = 0; offset < payload.length; offset += settingBytes) {
    const id = (payload[offset]! << 8) | payload[offset + 1]!;
    const value = readUint32(payload, offset + 2);
    checkSetting(id, value);
    settings.push([id, value]);
  }
  return { ack, settings };
}

/** Checks the ranges of section 6.5.2. */
function checkSetting(id: number, value: number): void {
  if (id === SettingId.ENABLE_PUSH && value > 1) {
    throw connectionFault("H2_SETTINGS_VALUE", `SETTINGS_ENABLE_PUSH is ${value}`);
  }
  if (id === SettingId.INITIAL_WINDOW_SIZE && value > 0x7fff_ffff) throw connectionFault("H2_SETTINGS_WINDOW");
  if (id === SettingId.MAX_FRAME_SIZE && (value < 16_384 || value > 0xff_ffff)) {
    throw connectionFault("H2_SETTINGS_VALUE", `SETTINGS_MAX_FRAME_SIZE is ${value}`);
  }
}
