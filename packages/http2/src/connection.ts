import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import type { EstablishedSession } from "./connect.js";
import type { RequestHeaders } from "./request.js";
import { type Answer, parseBody } from "./response.js";

/** What becomes of one request; exactly one of the two is called, once. */
export interface ResponseHandler {
  onAnswer(answer: Answer): void;
  /** `processed` is "no" if APNs certainly did not process the request, else "unknown". */
  onFailure(processed: "no" | "unknown", cause: ApnsError): void;
}

export interface ConnectionEvents {
  /** There may be room for more streams. */
  onCapacity(): void;
  /** The connection takes no more streams; `cause` says why. Open streams may still be answered. */
  onDraining(cause: ApnsError, reason: string | undefined): void;
  onClosed(): void;
}

/** An error body is a short JSON object; more than this is not read. */
const maxBodyBytes = 16 * 1024;

/** One HTTP/2 connection: obeys the peer's stream limit, and knows for every request whether it can have been processed. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #socket: TLSSocket;
  readonly #events: ConnectionEvents;
  #openStreams = 0;
  #draining = false;
  #goAway: { readonly lastStreamId: number; readonly cause: ApnsError } | undefined;
  #proven: boolean;

  /**
   * @param provesItself whether the first answer must show that the credentials work before a second stream may open:
   * so with provider tokens, since APNs allows one stream until then.
   */
  constructor({ session, socket }: EstablishedSession, provesItself: boolean, events: ConnectionEvents) {
    this.#session = session;
    this.#socket = socket;
    this.#events = events;
    this.#proven = !provesItself;
    session.on("remoteSettings", () => events.onCapacity());
    session.on("goaway", this.#onGoAway);
    session.on("error", (error) => this.#drain(lost(error)));
    session.on("close", () => {
      this.#drain(lost());
      events.onClosed();
    });
    if (session.closed || session.destroyed) this.#draining = true;
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  /** How many more streams may be opened now. */
  get freeStreams(): number {
    if (this.#draining || this.#session.closed || this.#session.destroyed) return 0;
    const allowed = this.#proven ? (this.#session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY) : 1;
    return Math.max(0, allowed - this.#openStreams);
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Opens a stream. Returns how to give up on it. */
  request(headers: RequestHeaders, payload: Uint8Array, handler: ResponseHandler): () => void {
    this.#openStreams++;
    const stream = this.#session.request(headers);
    this.#watch(stream, handler);
    stream.end(payload);
    return () => stream.close(constants.NGHTTP2_CANCEL);
  }

  /** Takes no more streams, and closes once the open ones are answered. */
  retire(cause: ApnsError): void {
    this.#drain(cause);
    this.#session.close();
  }

  /** Ends the connection now; open streams fail. */
  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  #watch(stream: ClientHttp2Stream, handler: ResponseHandler): void {
    let head: Omit<Answer, "body"> | undefined;
    let ended = false;
    let failure: Error | undefined;
    const body: Buffer[] = [];
    let bodyBytes = 0;
    stream.on("response", (fields) => {
      head = {
        httpStatus: Number(fields[":status"]),
        apnsId: textField(fields["apns-id"]),
        apnsUniqueId: textField(fields["apns-unique-id"]),
        retryAfter: textField(fields["retry-after"]),
      };
    });
    stream.on("data", (chunk: Buffer) => {
      if (bodyBytes < maxBodyBytes) body.push(chunk.subarray(0, maxBodyBytes - bodyBytes));
      bodyBytes += chunk.length;
    });
    stream.on("end", () => {
      ended = true;
    });
    stream.on("error", (error) => {
      failure = error;
    });
    stream.on("close", () => {
      this.#openStreams--;
      if (head !== undefined && ended) {
        if (head.httpStatus !== 403) this.#proven = true;
        handler.onAnswer({ ...head, body: Buffer.concat(body).toString("utf8") });
      } else {
        handler.onFailure(...this.#failureOf(stream, failure));
      }
      this.#events.onCapacity();
    });
  }

  #failureOf(stream: ClientHttp2Stream, failure: Error | undefined): ["no" | "unknown", ApnsError] {
    const { id, rstCode } = stream;
    if (this.#goAway !== undefined && (id === undefined || id > this.#goAway.lastStreamId))
      return ["no", this.#goAway.cause];
    // Never given a stream id: not a byte of it was written.
    if (id === undefined) return ["no", lost(failure)];
    if (rstCode === constants.NGHTTP2_REFUSED_STREAM) {
      // RFC 9113, section 8.7: the peer vouches that it did no processing.
      return ["no", new ApnsError("ERR_APNS_STREAM_RESET", "APNs refused the stream (REFUSED_STREAM).")];
    }
    if (this.#session.destroyed || rstCode === undefined || rstCode === constants.NGHTTP2_NO_ERROR) {
      return ["unknown", this.#goAway?.cause ?? lost(failure)];
    }
    return [
      "unknown",
      new ApnsError("ERR_APNS_STREAM_RESET", `The stream was reset with HTTP/2 error code ${rstCode}.`),
    ];
  }

  readonly #onGoAway = (errorCode: number, lastStreamId: number, debugData?: Buffer): void => {
    const { reason } = parseBody(debugData?.toString("utf8") ?? "");
    const said = reason === undefined ? "" : `, reason ${reason}`;
    const cause = new ApnsError(
      "ERR_APNS_GOAWAY",
      `APNs ended the connection (GOAWAY, error code ${errorCode}${said}).`,
    );
    this.#goAway = { lastStreamId, cause };
    this.#drain(cause, reason);
  };

  #drain(cause: ApnsError, reason?: string): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#events.onDraining(cause, reason);
  }
}

function lost(error?: Error): ApnsError {
  const why = error === undefined ? "" : `: ${error.message}`;
  return new ApnsError("ERR_APNS_CONNECTION_LOST", `The connection ended while notifications were on it${why}.`, {
    cause: error,
  });
}

function textField(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
