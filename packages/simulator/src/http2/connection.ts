import {
  constants,
  type Http2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from "node:http2";
import type { NotificationFault } from "../faults/fault.js";
import { endTcp, hangUp } from "../io/hang-up.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ReceivedNotification } from "../received.js";
import type { Surroundings } from "../surroundings.js";
import type { Verdict } from "../world/verdict.js";
import { answer, makeId } from "./answer.js";
import { type Body, type Checked, checkRequest, deviceTokenOf, isApnsId, numberOf } from "./checks.js";
import { parseRequest, type Request } from "./request.js";
import type { Sender } from "./sender.js";

/** What authenticated connections may have open at a time (observed 2017 to 2022; 500 and 1500 in other years). */
export const authenticatedStreams = 1000;

/**
 * A body longer than this is only counted: the largest payload is 5120 bytes, and the simulator holds no more of what
 * nobody will read.
 */
const maxBodyBytes = 8192;

/** Answers that were just given still have to leave before a fault ends their connection. */
const flushMs = 20;

const noBody: Body = { bytes: 0, text: "" };

/** One connection of the provider API, on whatever session node:http2 made of it. */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #secure: SecureConnection;
  readonly #sender: Sender;
  readonly #around: Surroundings;
  readonly #number: number;
  #streamLimit: number;
  /** Requests that faults were asked about so far. */
  #count = 0;
  /** Streams whose request is not complete yet. */
  readonly #undecided = new Set<number>();
  /** After a GOAWAY: streams above this one are as if never sent. */
  #lastStreamId = Infinity;
  #swallowing = false;
  #leaving = false;

  constructor(
    session: ServerHttp2Session,
    secure: SecureConnection,
    sender: Sender,
    around: Surroundings,
    number: number,
    streamLimit: number,
  ) {
    this.#session = session;
    this.#secure = secure;
    this.#sender = sender;
    this.#around = around;
    this.#number = number;
    this.#streamLimit = streamLimit;
    // The fourth argument, the headers as they came, is what shows a header that came twice.
    session.on("stream", this.#onStream as (stream: Http2Stream) => void);
  }

  readonly #onStream = (stream: ServerHttp2Stream, _headers: unknown, flags: number, rawHeaders: string[]): void => {
    // A stream that the sender resets is its own affair.
    stream.on("error", () => {});
    const id = stream.id!;
    if (this.#swallowing || id > this.#lastStreamId) {
      stream.resume();
      return;
    }
    const request = parseRequest(rawHeaders);
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.resume();
      this.#decide(stream, request, noBody);
      return;
    }
    this.#undecided.add(id);
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
    });
    stream.on("end", () => {
      if (!stream.aborted) this.#decide(stream, request, new Collected(bytes, chunks));
    });
    stream.on("close", () => {
      if (this.#undecided.delete(id)) this.#endIfGoneAway();
    });
  };

  #decide(stream: ServerHttp2Stream, request: Request, body: Body): void {
    this.#undecided.delete(stream.id!);
    this.#decideOne(stream, request, body);
    this.#endIfGoneAway();
  }

  #decideOne(stream: ServerHttp2Stream, request: Request, body: Body): void {
    const id = stream.id!;
    if (this.#swallowing || id > this.#lastStreamId || stream.destroyed) return;
    const fault = this.#around.faults.onNotification("http2", this.#count++, deviceTokenOf(request.path));
    if (fault !== undefined && fault.type !== "reject" && !this.#suffer(fault, stream)) return;
    const checked = checkRequest(request, body, this.#sender, this.#around.world, this.#around.quirks);
    const verdict = fault?.type === "reject" ? fault.verdict : checked.verdict;
    const apnsId = isApnsId(request.apnsId) ? request.apnsId : makeId(this.#around.random).toUpperCase();
    this.#raiseStreamLimit(verdict);
    this.#respond(stream, verdict, apnsId);
    this.#lowerStreamLimit(verdict);
    this.#record(request, body, checked, verdict, apnsId);
  }

  #respond(stream: ServerHttp2Stream, verdict: Verdict, apnsId: string): void {
    const { world, random } = this.#around;
    // Lower-case, and on the development environment only (observed 2025).
    const uniqueId = verdict.kind === "accepted" && world.environment === "development" ? makeId(random) : undefined;
    const { headers, body } = answer(verdict, apnsId, uniqueId);
    if (body === undefined) {
      stream.respond(headers, noBodyOptions);
    } else {
      stream.respond(headers, bodyOptions);
      stream.end(body);
    }
  }

  #record(request: Request, body: Body, { deviceToken, topic }: Checked, verdict: Verdict, apnsId: string): void {
    const { pushType, collapseId } = request;
    const priority = numberOf(request.priority);
    const expiration = numberOf(request.expiration);
    const received: { -readonly [Key in keyof ReceivedNotification]: ReceivedNotification[Key] } = {
      wire: "http2",
      connection: this.#number,
      deviceToken,
      topic,
      payload: body.text,
      apnsId,
      verdict,
      receivedAt: this.#around.clock.now(),
    };
    if (pushType !== undefined) received.pushType = pushType;
    if (collapseId !== undefined) received.collapseId = collapseId;
    if (priority !== undefined) received.priority = priority;
    if (expiration !== undefined) received.expiration = expiration;
    this.#around.log.record(received);
  }

  /** With the first valid provider token comes the full limit, before the answer (observed 2022). */
  #raiseStreamLimit(verdict: Verdict): void {
    const { dropStreamLimitOnRejection } = this.#around.quirks;
    if (this.#streamLimit > 1 || !this.#sender.authenticated) return;
    if (dropStreamLimitOnRejection && isError(verdict)) return;
    this.#setStreamLimit(authenticatedStreams);
  }

  #lowerStreamLimit(verdict: Verdict): void {
    if (!this.#around.quirks.dropStreamLimitOnRejection || this.#streamLimit === 1 || !isError(verdict)) return;
    this.#setStreamLimit(1);
  }

  #setStreamLimit(maxConcurrentStreams: number): void {
    this.#streamLimit = maxConcurrentStreams;
    if (!this.#session.destroyed) this.#session.settings({ maxConcurrentStreams });
  }

  /** Returns whether the notification is decided nevertheless. */
  #suffer(fault: NotificationFault, stream: ServerHttp2Stream): boolean {
    const { timers } = this.#around;
    const { tcp } = this.#secure;
    switch (fault.type) {
      case "refuseStream":
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return false;
      case "goAway": {
        const thisToo = fault.lastStream !== "previous";
        if (this.#lastStreamId !== Infinity) return true; // One goodbye is enough.
        const debugData =
          fault.reason === undefined ? undefined : Buffer.from(JSON.stringify({ reason: fault.reason }));
        this.#lastStreamId = thisToo ? stream.id! : stream.id! - 2;
        if (this.#lastStreamId > 0) {
          this.#session.goaway(constants.NGHTTP2_NO_ERROR, this.#lastStreamId, debugData);
        } else {
          // node:http2 cannot name "no stream": it takes 0 for the last one it saw. So that one is refused by itself.
          this.#session.goaway(constants.NGHTTP2_NO_ERROR, stream.id!, debugData);
          stream.close(constants.NGHTTP2_REFUSED_STREAM);
        }
        return thisToo;
      }
      case "cut":
        this.#swallowing = true;
        timers.after(flushMs, () => {
          if (fault.how === "rst") tcp.resetAndDestroy();
          else endTcp(tcp, timers);
        });
        return false;
      default:
        this.#swallowing = true;
        return false;
    }
  }

  #endIfGoneAway(): void {
    if (this.#lastStreamId === Infinity || this.#leaving) return;
    for (const id of this.#undecided) if (id <= this.#lastStreamId) return;
    this.#leaving = true;
    this.#around.timers.after(flushMs, () => hangUp(this.#secure.socket, this.#around.timers));
  }
}

/** Node's types lack `sendDate`; without it every answer carries a date, which Apple's do not. */
type ResponseOptions = ServerStreamResponseOptions & { readonly sendDate: boolean };
const noBodyOptions: ResponseOptions = { endStream: true, sendDate: false };
const bodyOptions: ResponseOptions = { sendDate: false };

/** "Too many errors" slow a sender down; Apple says that 410 is none. */
function isError(verdict: Verdict): boolean {
  return verdict.kind === "rejected" && verdict.httpStatus !== 410;
}

/** A body whose text is made when somebody reads it. */
class Collected implements Body {
  readonly bytes: number;
  readonly #chunks: Buffer[];
  #text: string | undefined;

  constructor(bytes: number, chunks: Buffer[]) {
    this.bytes = bytes;
    this.#chunks = chunks;
  }

  get text(): string {
    this.#text ??=
      this.#chunks.length === 1 ? this.#chunks[0]!.toString("utf8") : Buffer.concat(this.#chunks).toString();
    return this.#text;
  }
}
