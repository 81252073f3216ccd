import { type Setting, SettingId } from "../frame/settings.js";

/** The settings of RFC 9113 section 6.5.2, by name. */
export interface Http2Settings {
  readonly headerTableSize: number;
  readonly enablePush: boolean;
  /** Infinity until a value is announced. */
  readonly maxConcurrentStreams: number;
  readonly initialWindowSize: number;
  readonly maxFrameSize: number;
  /** Infinity until a value is announced. */
  readonly maxHeaderListSize: number;
}

/** The values before the first SETTINGS (section 6.5.2). */
export const initialSettings: Http2Settings = {
  headerTableSize: 4096,
  enablePush: true,
  maxConcurrentStreams: Number.POSITIVE_INFINITY,
  initialWindowSize: 65_535,
  maxFrameSize: 16_384,
  maxHeaderListSize: Number.POSITIVE_INFINITY,
};

/** A copy of `base` with the pairs of one frame applied in order; unknown identifiers are ignored (section 6.5.2). */
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
