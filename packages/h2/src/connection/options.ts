import { usageFault } from "../errors.js";
import { maxStreamId } from "../streams/stream-table.js";
import type { RateLimit } from "./token-bucket.js";

/** Most streams that either side may be configured to have open. */
const maxStreamLimit = 0x10_0000;

/** What both roles can be told. Everything a peer can make grow has a finite default. */
export interface ConnectionOptions {
  /** Largest header list accepted, by the count of RFC 9113 section 6.5.2; announced. @default 16384 (16 KiB) */
  readonly maxHeaderListBytes?: number;
  /** Largest header block accepted while still encoded, over all its frames. @default 32768 (32 KiB) */
  readonly maxHeaderBlockBytes?: number;
  /** CONTINUATION frames accepted in one header block. @default 16 */
  readonly maxContinuationFrames?: number;
  /** HPACK table the peer's encoder may use with us (SETTINGS_HEADER_TABLE_SIZE). @default 4096 */
  readonly headerTableBytes?: number;
  /** HPACK table our encoder uses at most, whatever the peer allows. @default 4096 */
  readonly encoderTableBytes?: number;
  /** Largest frame payload accepted (SETTINGS_MAX_FRAME_SIZE), 16,384 to 16,777,215. @default 16384 */
  readonly maxFrameBytes?: number;
  /** Receive window of a stream (SETTINGS_INITIAL_WINDOW_SIZE). @default 65535 */
  readonly initialWindowBytes?: number;
  /** Receive window of the connection, 65,535 at least. @default 1048576 (1 MiB) */
  readonly connectionWindowBytes?: number;
  /** Largest body collected for one message; a longer one resets its stream. @default 16384 on a client, 65536 on a server */
  readonly maxBodyBytes?: number;
  /** How long the peer may take to acknowledge SETTINGS. @default 10000 */
  readonly settingsTimeoutMs?: number;
  /** How long the peer may take to answer a PING. @default 10000 */
  readonly pingTimeoutMs?: number;
  /** Own PINGs under way at once. @default 8 */
  readonly maxOutstandingPings?: number;
  /** Octets of acknowledgements and resets that may wait because the peer does not read. @default 1048576 (1 MiB) on a client, 65536 on a server */
  readonly maxQueuedReplyBytes?: number;
  /** Size of one output slab. @default 65536 */
  readonly slabBytes?: number;
  /** SETTINGS accepted. @default 50 at once, 50 per second, 4 per response */
  readonly settingsRate?: RateLimit;
  /** PING accepted. @default 100 at once, 100 per second, 4 per response */
  readonly pingRate?: RateLimit;
  /** Streams that may be reset because a client sends RST_STREAM, or because either peer provokes a stream error. @default 1000 at once, 100 per second, 1 per response */
  readonly resetRate?: RateLimit;
  /** DATA without octets and without END_STREAM accepted. @default 100 at once, 10 per second, 4 per response */
  readonly emptyDataRate?: RateLimit;
  /** Frames accepted that change nothing: PRIORITY, unknown types, frames for closed streams. @default 10000 at once, 1000 per second, 8 per response */
  readonly ignoredRate?: RateLimit;
  /** Streams reset here whose late frames are still told from a violation. @default 1024 */
  readonly rememberedResets?: number;
  /**
   * The time, in the unit and from the origin of every `now`, at which the machine is made.
   * @default the first `now` it is told: until then the peer's time to acknowledge SETTINGS does not run
   */
  readonly now?: number;
}

/** Of a client only. */
export interface ClientConnectionOptions extends ConnectionOptions {
  /** Streams open at once, whatever the peer allows: bounds our memory. @default 4096 */
  readonly maxConcurrentStreams?: number;
  /** Streams open at once before the peer's SETTINGS have come. @default 100 */
  readonly maxStreamsBeforeSettings?: number;
  /** Identifier of the first stream, odd: higher than 1 to try what happens when they run out. @default 1 */
  readonly firstStreamId?: number;
}

/** Of a server only. */
export interface ServerConnectionOptions extends ConnectionOptions {
  /** Streams the peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). @default 1000 */
  readonly maxConcurrentStreams?: number;
}

/** {@link ConnectionOptions} with all defaults filled in. */
export type ResolvedConnectionOptions = Required<ConnectionOptions>;
/** {@link ClientConnectionOptions} with all defaults filled in. */
export type ResolvedClientOptions = Required<ClientConnectionOptions>;
/** {@link ServerConnectionOptions} with all defaults filled in. */
export type ResolvedServerOptions = Required<ServerConnectionOptions>;

/** Fills in the defaults and checks the ranges. @throws Http2Error H2_USAGE */
export function resolveClientOptions(options: ClientConnectionOptions): ResolvedClientOptions {
  const { maxConcurrentStreams = 4096, maxStreamsBeforeSettings = 100, firstStreamId = 1 } = options;
  return {
    ...resolveConnectionOptions(options, { maxBodyBytes: 16_384, maxQueuedReplyBytes: 1_048_576 }),
    maxConcurrentStreams: inRange("maxConcurrentStreams", maxConcurrentStreams, 1, maxStreamLimit),
    maxStreamsBeforeSettings: inRange("maxStreamsBeforeSettings", maxStreamsBeforeSettings, 0, maxStreamLimit),
    firstStreamId: inRange("firstStreamId", firstStreamId, 1, maxStreamId) | 1,
  };
}

/** Fills in the defaults and checks the ranges. @throws Http2Error H2_USAGE */
export function resolveServerOptions(options: ServerConnectionOptions): ResolvedServerOptions {
  const { maxConcurrentStreams = 1000 } = options;
  return {
    ...resolveConnectionOptions(options, { maxBodyBytes: 65_536, maxQueuedReplyBytes: 65_536 }),
    maxConcurrentStreams: inRange("maxConcurrentStreams", maxConcurrentStreams, 0, maxStreamLimit),
  };
}

function resolveConnectionOptions(
  options: ConnectionOptions,
  roleDefaults: Pick<ResolvedConnectionOptions, "maxBodyBytes" | "maxQueuedReplyBytes">,
): ResolvedConnectionOptions {
  const resolved: ResolvedConnectionOptions = {
    maxHeaderListBytes: options.maxHeaderListBytes ?? 16_384,
    maxHeaderBlockBytes: options.maxHeaderBlockBytes ?? 32_768,
    maxContinuationFrames: options.maxContinuationFrames ?? 16,
    headerTableBytes: options.headerTableBytes ?? 4096,
    encoderTableBytes: options.encoderTableBytes ?? 4096,
    maxFrameBytes: options.maxFrameBytes ?? 16_384,
    initialWindowBytes: options.initialWindowBytes ?? 65_535,
    connectionWindowBytes: options.connectionWindowBytes ?? 1_048_576,
    maxBodyBytes: options.maxBodyBytes ?? roleDefaults.maxBodyBytes,
    settingsTimeoutMs: options.settingsTimeoutMs ?? 10_000,
    pingTimeoutMs: options.pingTimeoutMs ?? 10_000,
    maxOutstandingPings: options.maxOutstandingPings ?? 8,
    maxQueuedReplyBytes: options.maxQueuedReplyBytes ?? roleDefaults.maxQueuedReplyBytes,
    slabBytes: options.slabBytes ?? 65_536,
    settingsRate: options.settingsRate ?? { burst: 50, perSecond: 50, perResponse: 4 },
    pingRate: options.pingRate ?? { burst: 100, perSecond: 100, perResponse: 4 },
    resetRate: options.resetRate ?? { burst: 1000, perSecond: 100, perResponse: 1 },
    emptyDataRate: options.emptyDataRate ?? { burst: 100, perSecond: 10, perResponse: 4 },
    ignoredRate: options.ignoredRate ?? { burst: 10_000, perSecond: 1000, perResponse: 8 },
    rememberedResets: options.rememberedResets ?? 1024,
    now: options.now ?? Number.NaN,
  };
  const max31 = 0x7fff_ffff;
  inRange("maxHeaderListBytes", resolved.maxHeaderListBytes, 0, max31);
  inRange("maxHeaderBlockBytes", resolved.maxHeaderBlockBytes, 1, max31);
  inRange("maxContinuationFrames", resolved.maxContinuationFrames, 0, max31);
  // The decoder's ring takes twice that, and HPACK integers end at 2^28 here.
  inRange("headerTableBytes", resolved.headerTableBytes, 0, 0x100_0000);
  inRange("encoderTableBytes", resolved.encoderTableBytes, 0, 0x100_0000);
  inRange("maxFrameBytes", resolved.maxFrameBytes, 16_384, 0xff_ffff);
  inRange("initialWindowBytes", resolved.initialWindowBytes, 0, max31);
  inRange("connectionWindowBytes", resolved.connectionWindowBytes, 65_535, max31);
  inRange("maxBodyBytes", resolved.maxBodyBytes, 0, max31);
  inRange("maxQueuedReplyBytes", resolved.maxQueuedReplyBytes, 64, max31);
  inRange("slabBytes", resolved.slabBytes, 1024, 0x100_0000);
  return resolved;
}

/** @throws Http2Error H2_USAGE unless `value` is an integer from `min` to `max` */
function inRange(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw usageFault(`${name} must be an integer from ${min} to ${max}, not ${value}`);
}
