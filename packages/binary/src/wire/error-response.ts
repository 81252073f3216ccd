// The only thing a gateway ever says, once per connection and before it closes: command 8, status code, identifier.
//
// Source: Apple's archived "Binary Provider API", "Format of error-response packet". The codes are in @apns/core's
// `legacyStatuses`.
import { checkInteger } from "@apns/core/internal";
import { readUint32, writeUint32 } from "./integers.js";

/** First byte of an error response. */
export const errorResponseCommand = 8;

/** Length of an error response. */
export const errorResponseBytes = 6;

/** What a gateway says before it closes. */
export interface ErrorResponse {
  /** 8; anything else came from a peer that does not speak this protocol. */
  readonly command: number;
  /** 0 to 255; `legacyStatusRow` says what it means. */
  readonly statusCode: number;
  /** The notification refused, or with status code 10 the last one accepted. 0 if the gateway does not know. */
  readonly identifier: number;
}

/**
 * The six bytes of an error response.
 * @throws {InvalidArgumentError} if a field does not fit its bytes
 */
export function encodeErrorResponse(response: {
  readonly statusCode: number;
  readonly identifier: number;
  /** @default 8 */
  readonly command?: number;
}): Uint8Array {
  const bytes = new Uint8Array(errorResponseBytes);
  bytes[0] = checkInteger("command", response.command ?? errorResponseCommand, 0, 0xff);
  bytes[1] = checkInteger("statusCode", response.statusCode, 0, 0xff);
  writeUint32(bytes, 2, checkInteger("identifier", response.identifier, 0, 0xffff_ffff));
  return bytes;
}

/** Collects the six bytes of an error response, however they are cut. Never throws. */
export class ErrorResponseDecoder {
  readonly #bytes = new Uint8Array(errorResponseBytes);
  #received = 0;

  /** Bytes received so far, at most 6; what follows the response is ignored, as nothing is defined to follow it. */
  get receivedBytes(): number {
    return this.#received;
  }

  /** Takes bytes from the gateway; returns the response in the call that completes it, else `undefined`. */
  receive(chunk: Uint8Array): ErrorResponse | undefined {
    if (this.#received === errorResponseBytes) return undefined;
    const taken = Math.min(chunk.length, errorResponseBytes - this.#received);
    for (let index = 0; index < taken; index++) this.#bytes[this.#received + index] = chunk[index]!;
    this.#received += taken;
    if (this.#received < errorResponseBytes) return undefined;
    return { command: this.#bytes[0]!, statusCode: this.#bytes[1]!, identifier: readUint32(this.#bytes, 2) };
  }
}
