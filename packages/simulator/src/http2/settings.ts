import { encodeSettingsFrame, type Setting, SettingId } from "@apns/h2";

/**
 * SETTINGS as seen from Apple in 2021, beside the stream limit (pushy #878; which number is which setting is inferred
 * from their order).
 */
export const appleSettings = {
  headerTableSize: 4096,
  initialWindowSize: 65_535,
  maxFrameSize: 16_384,
  maxHeaderListSize: 8000,
} as const;

/** The SETTINGS frame that begins every connection. */
export function greeting(maxConcurrentStreams: number): Buffer {
  const settings: Setting[] = [
    [SettingId.HEADER_TABLE_SIZE, appleSettings.headerTableSize],
    [SettingId.MAX_CONCURRENT_STREAMS, maxConcurrentStreams],
    [SettingId.INITIAL_WINDOW_SIZE, appleSettings.initialWindowSize],
    [SettingId.MAX_FRAME_SIZE, appleSettings.maxFrameSize],
    [SettingId.MAX_HEADER_LIST_SIZE, appleSettings.maxHeaderListSize],
  ];
  return encodeSettingsFrame({ ack: false, settings });
}
