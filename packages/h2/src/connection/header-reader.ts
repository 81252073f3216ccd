import type { Buffer } from "node:buffer";
import { connectionFault } from "../errors.js";
import { readUint31 } from "../frame/frame-head.js";
import { FrameFlag } from "../frame/frame-type.js";
import { readPadLength } from "../frame/padding.js";
import { priorityBytes } from "../frame/priority.js";
import { HpackDecoder } from "../hpack/decoder.js";
import { HeaderFields } from "../hpack/header-fields.js";
import { HpackError } from "../hpack/hpack-error.js";
import { HeaderBlock } from "./header-block.js";
import { initialSettings } from "./http2-settings.js";
import type { ResolvedConnectionOptions } from "./options.js";

/**
 * HEADERS and CONTINUATION in, header lists out (RFC 9113 sections 4.3, 6.2 and 6.10). The list read last stands in the
 * fields of this object, so that reading allocates nothing.
 */
export class HeaderReader {
  /** The list; used again for the next one. */
  readonly fields: HeaderFields = new HeaderFields();
  streamId = 0;
  endStream = false;
  /** The priority fields of HEADERS make the stream depend on itself (RFC 7540 section 5.3.1). */
  selfDependent = false;
  /** The stream whose CONTINUATION must come next; 0 if none. */
  continuedStreamId = 0;
  readonly #decoder: HpackDecoder;
  readonly #block: HeaderBlock;
  readonly #maxBlockBytes: number;

  constructor({ maxHeaderListBytes, maxHeaderBlockBytes, maxContinuationFrames }: ResolvedConnectionOptions) {
    this.#decoder = new HpackDecoder(initialSettings.headerTableSize, maxHeaderListBytes);
    this.#block = new HeaderBlock(maxHeaderBlockBytes, maxContinuationFrames);
    this.#maxBlockBytes = maxHeaderBlockBytes;
  }

  /** SETTINGS_HEADER_TABLE_SIZE of this side has changed and is acknowledged. */
  setTableLimit(bytes: number): void {
    this.#decoder.setTableLimit(bytes);
  }

  /**
   * Reads a HEADERS frame; true if the list is complete.
   * @throws Http2Error H2_FRAME_STREAM_ID, H2_FRAME_SIZE, H2_PADDING, H2_HEADER_BLOCK_TOO_LARGE or H2_COMPRESSION
   */
  headers(source: Buffer, payloadStart: number, payloadEnd: number, flags: number, streamId: number): boolean {
    if (streamId === 0) throw connectionFault("H2_FRAME_STREAM_ID", "HEADERS on stream 0");
    let start = payloadStart;
    let end = payloadEnd;
    let selfDependent = false;
    if (flags & (FrameFlag.PADDED | FrameFlag.PRIORITY)) {
      if (flags & FrameFlag.PADDED) {
        end -= readPadLength(source, start, end);
        start++;
      }
      if (flags & FrameFlag.PRIORITY) {
        if (end - start < priorityBytes) throw connectionFault("H2_FRAME_SIZE", "no room for the priority fields");
        selfDependent = readUint31(source, start) === streamId;
        start += priorityBytes;
      }
    }
    this.streamId = streamId;
    this.endStream = (flags & FrameFlag.END_STREAM) !== 0;
    this.selfDependent = selfDependent;
    if (flags & FrameFlag.END_HEADERS) {
      this.#decode(source, start, end);
      return true;
    }
    this.#block.begin(source, start, end);
    this.continuedStreamId = streamId;
    return false;
  }

  /**
   * Reads a CONTINUATION frame; true if the list is complete.
   * @throws Http2Error H2_CONTINUATION, H2_CONTINUATION_FLOOD, H2_HEADER_BLOCK_TOO_LARGE or H2_COMPRESSION
   */
  continuation(fragment: Buffer, endHeaders: boolean): boolean {
    if (this.continuedStreamId === 0) throw connectionFault("H2_CONTINUATION");
    this.#block.continue(fragment, 0, fragment.length);
    if (!endHeaders) return false;
    this.continuedStreamId = 0;
    this.#decode(this.#block.octets, 0, this.#block.length);
    return true;
  }

  #decode(source: Buffer, start: number, end: number): void {
    if (end - start > this.#maxBlockBytes) throw connectionFault("H2_HEADER_BLOCK_TOO_LARGE");
    try {
      this.#decoder.decode(source, start, end, this.fields);
    } catch (error) {
      if (error instanceof HpackError) throw connectionFault("H2_COMPRESSION", error.message);
      throw error;
    }
  }
}
