import { usageFault } from "../errors.js";
import { maxStreamId } from "../streams/stream-table.js";
import type { RateLimit } from "./token-bucket.js";

/** Most streams that either side may be configured to have open. */
const maxStreamLimit = 0x10_0000;

/** Options of both roles. Everything that a peer can make grow is bounded by default. */
export interface ConnectionOptions {
  /**
   * Largest header list accepted (SETTINGS_MAX_HEADER_LIST_SIZE), in octets as RFC 9113 section 6.5.2 counts them.
   * @default 16384 (16 KiB)
   */
  readonly maxHeaderListBytes?: number;
  /**
   * Largest header block accepted: a header list in its encoded form, all its frames together.
   * @default 32768 (32 KiB)
   */
  readonly maxHeaderBlockBytes?: number;
  /** CONTINUATION frames accepted in one header block. @default 16 */
  readonly maxContinuationFrames?: number;
  /** Largest dynamic table of the peer's HPACK encoder (SETTINGS_HEADER_TABLE_SIZE). @default 4096 */
  readonly headerTableBytes?: number;
  /** Largest dynamic table of this side's HPACK encoder, even if the peer allows more. @default 4096 */
  readonly encoderTableBytes?: number;
  /** Largest frame payload accepted (SETTINGS_MAX_FRAME_SIZE), 16,384 to 16,777,215. @default 16384 */
  readonly maxFrameBytes?: number;
  /** Receive window of a stream (SETTINGS_INITIAL_WINDOW_SIZE). @default 65535 */
  readonly initialWindowBytes?: number;
  /** Receive window of the connection, 65,535 or more. @default 1048576 (1 MiB) */
  readonly connectionWindowBytes?: number;
  /** Largest body accepted; the stream of a longer one is reset. @default 16384 on a client, 65536 on a server */
  readonly maxBodyBytes?: number;
  /**
   * Memory for the bodies of incomplete messages, and of requests that wait for `onRequest`, all streams together, in octets.
   * A stream whose body would exceed it is refused. @default 16777216 (16 MiB)
   */
  readonly maxBufferedBodyBytes?: number;
  /** The time in which the peer must acknowledge SETTINGS. @default 10000 */
  readonly settingsTimeoutMs?: number;
  /** The time in which the peer must acknowledge a PING. @default 10000 */
  readonly pingTimeoutMs?: number;
  /** PINGs of this side that may be outstanding at once. @default 8 */
  readonly maxOutstandingPings?: number;
  /**
   * Acknowledgements and resets that may be queued for a peer that does not read, in octets.
   * @default 1048576 (1 MiB) on a client, 65536 on a server
   */
  readonly maxQueuedReplyBytes?: number;
  /** Size of an output buffer, the most that one write has unless a single frame is larger. @default 65536 */
  readonly slabBytes?: number;
  /** Budget for SETTINGS. @default 50 at once, 50 per second, 4 per response */
  readonly settingsRate?: RateLimit;
  /** Budget for PING. @default 100 at once, 100 per second, 4 per response */
  readonly pingRate?: RateLimit;
  /**
   * Budget for RST_STREAM from a client, and for stream errors of either peer.
   * @default 1000 at once, 100 per second, 1 per response
   */
  readonly resetRate?: RateLimit;
  /** Budget for DATA without octets and without END_STREAM. @default 100 at once, 10 per second, 4 per response */
  readonly emptyDataRate?: RateLimit;
  /**
   * Budget for frames without effect: PRIORITY, unknown types, frames on closed streams.
   * @default 10000 at once, 1000 per second, 8 per response
   */
  readonly ignoredRate?: RateLimit;
  /** Streams reset by this side that are remembered: frames that arrive on them later are ignored. @default 1024 */
  readonly rememberedResets?: number;
  /**
   * The time at which the connection is made, in milliseconds from the origin of every other `now`.
   * @default unknown: the time to acknowledge SETTINGS runs from the first `now` that the connection is given
   */
  readonly now?: number;
}

/** Options of a client. */
export interface ClientConnectionOptions extends ConnectionOptions {
  /** Streams that may be open at once, even if the peer allows more. @default 4096 */
  readonly maxConcurrentStreams?: number;
  /** Streams that may be open at once before the peer's SETTINGS have arrived. @default 100 */
  readonly maxStreamsBeforeSettings?: number;
  /** Identifier of the first stream, odd: a high one to test the end of the identifiers (2^31-1). @default 1 */
  readonly firstStreamId?: number;
}

/** Options of a server. */
export interface ServerConnectionOptions extends ConnectionOptions {
  /** Streams that the client may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). @default 1000 */
  readonly maxConcurrentStreams?: number;
  /**
   * Responses that may wait to be written, in octets: for the client to read, or for window. From a quarter of it on, complete
   * requests are withheld from the handler until half of that quarter is left (backpressure); a response given beyond the
   * whole is not queued, and its stream is reset. @default 16777216 (16 MiB)
   */
  readonly maxQueuedResponseBytes?: number;
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
  const { maxConcurrentStreams = 1000, maxQueuedResponseBytes = 0x100_0000 } = options;
  return {
    ...resolveConnectionOptions(options, { maxBodyBytes: 65_536, maxQueuedReplyBytes: 65_536 }),
    maxConcurrentStreams: inRange("maxConcurrentStreams", maxConcurrentStreams, 0, maxStreamLimit),
    maxQueuedResponseBytes: inRange("maxQueuedResponseBytes", maxQueuedResponseBytes, 4096, 0x7fff_ffff),
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
    maxBufferedBodyBytes: options.maxBufferedBodyBytes ?? 0x100_0000,
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
  // The decoder allocates twice the size of its table, and reads HPACK integers below 2^28.
  inRange("headerTableBytes", resolved.headerTableBytes, 0, 0x100_0000);
  inRange("encoderTableBytes", resolved.encoderTableBytes, 0, 0x100_0000);
  inRange("maxFrameBytes", resolved.maxFrameBytes, 16_384, 0xff_ffff);
  inRange("initialWindowBytes", resolved.initialWindowBytes, 0, max31);
  inRange("connectionWindowBytes", resolved.connectionWindowBytes, 65_535, max31);
  inRange("maxBodyBytes", resolved.maxBodyBytes, 0, max31);
  inRange("maxBufferedBodyBytes", resolved.maxBufferedBodyBytes, 0, max31);
  inRange("maxQueuedReplyBytes", resolved.maxQueuedReplyBytes, 64, max31);
  inRange("slabBytes", resolved.slabBytes, 1024, 0x100_0000);
  return resolved;
}

/** @throws Http2Error H2_USAGE unless `value` is an integer from `min` to `max` */
function inRange(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw usageFault(`${name} must be an integer from ${min} to ${max}, not ${value}`);
}
