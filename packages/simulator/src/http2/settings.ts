import { encodeSettingsFrame, type Setting, SettingId } from "@apns/h2";

/**
 * Apple's SETTINGS beside the stream limit, observed in 2025: the bytes of the frame are quoted in an issue of the Bun project. It
 * sets no initial window size, so that HTTP/2's default of 65,535 holds.
 */
export const appleSettings = {
  headerTableSize: 4096,
  maxFrameSize: 16_384,
  maxHeaderListSize: 8000,
} as const;

/** The SETTINGS frame that begins every connection. */
export function greeting(maxConcurrentStreams: number): Buffer {
  const settings: Setting[] = [
    [SettingId.HEADER_TABLE_SIZE, appleSettings.headerTableSize],
    [SettingId.MAX_CONCURRENT_STREAMS, maxConcurrentStreams],
    [SettingId.MAX_FRAME_SIZE, appleSettings.maxFrameSize],
    [SettingId.MAX_HEADER_LIST_SIZE, appleSettings.maxHeaderListSize],
  ];
  return encodeSettingsFrame({ ack: false, settings });
}
