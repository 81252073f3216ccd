import { Buffer } from "node:buffer";
import { type HeaderFields, Http2ErrorCode, ServerConnection, type ServerHandler } from "@apns/h2";
import type { CutHow, GoAwayFault, NotificationFault, SideFault } from "../faults/fault.js";
import type { Occasion } from "../faults/faults.js";
import { IdleWatch } from "../io/idle-watch.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ServerContext } from "../server-context.js";
import { type RejectedVerdict, rejection } from "../world/verdict.js";
import { Answers, makeId } from "./answer.js";
import { AnswerSchedule } from "./answer-schedule.js";
import type { Api, Decision } from "./api.js";
import { Body } from "./body.js";
import { deviceTokenOf } from "./checks.js";
import { parseRequest, type Request } from "./request.js";
import type { Sender } from "./sender.js";
import { appleSettings, greeting } from "./settings.js";
import { SocketDriver } from "./socket-driver.js";
import { isError, StreamLimit } from "./stream-limit.js";

/** A longer body gets its stream reset; one up to this size that is too large for a payload is answered. */
const maxBodyBytes = 1_048_576;

/**
 * Memory for incomplete bodies, for each stream that may be open: three times the largest payload, which a buffer that doubles
 * takes twice. All streams of a connection share it, and those beyond it are refused.
 */
const bodyBytesPerStream = 16_384;

/** How much of an answer a cut within a frame withholds: less than the shortest last frame has. */
const withheldAnswerBytes = 12;

/** The last stream id of a GOAWAY that announces another (RFC 9113, section 6.8). */
const maxStreamId = 0x7fff_ffff;

/** The simulator shows what senders do, so their resets and ignored frames are not limited by rate. */
const noLimit = { burst: 1e9, perSecond: 1e9 };

/** One HTTP/2 connection. */
export class Http2Connection implements ServerHandler {
  readonly #machine: ServerConnection;
  readonly #driver: SocketDriver;
  readonly #answers: Answers;
  readonly #schedule: AnswerSchedule;
  readonly #limit: StreamLimit;
  readonly #sender: Sender;
  readonly #apiFor: (path: string) => Api;
  readonly #context: ServerContext;
  readonly #number: number;
  /** Requests so far: their numbers decide which faults apply to them. */
  #count = 0;
  /** Streams that are not answered yet. */
  readonly #open = new Set<number>();
  /** After a GOAWAY: streams above this id are ignored. */
  #lastStreamId = Infinity;
  #closesAfterGoAway = false;
  /** The highest stream id that was decided: requests end in another order than they begin. */
  #highestDecided = 0;
  #errors = 0;
  #idleness: IdleWatch | undefined;
  /** Everything is answered with 500. */
  #wedged = false;
  /** Nothing is decided or answered any more. */
  #silent = false;

  constructor(
    secure: SecureConnection,
    sender: Sender,
    apiFor: (path: string) => Api,
    context: ServerContext,
    number: number,
  ) {
    this.#sender = sender;
    this.#apiFor = apiFor;
    this.#context = context;
    this.#number = number;
    const maxConcurrentStreams = Math.max(context.quirks.authenticatedStreams, context.quirks.initialStreams);
    this.#machine = new ServerConnection(
      {
        maxHeaderListBytes: appleSettings.maxHeaderListSize,
        connectionWindowBytes: 65_535,
        maxConcurrentStreams,
        maxBodyBytes,
        maxBufferedBodyBytes: Math.max(maxBodyBytes, maxConcurrentStreams * bodyBytesPerStream),
        resetRate: noLimit,
        ignoredRate: noLimit,
        rememberedResets: 10_000,
      },
      this,
    );
    const { authenticatedStreams, initialStreams } = context.quirks;
    const streams = sender.authenticated ? authenticatedStreams : initialStreams;
    // The machine has greeted with the most it will ever take: a sender that has read nothing yet must not be held to
    // less by it, since that is a quirk's to decide. What the sender reads is the limit it starts with.
    this.#machine.takeOutput();
    this.#machine.outputWritten();
    this.#machine.writeRaw(greeting(streams));
    this.#limit = new StreamLimit(this.#machine, streams, sender.authenticated, context.quirks);
    this.#answers = new Answers(this.#machine, context.quirks);
    this.#driver = new SocketDriver(this.#machine, secure, context);
    this.#schedule = new AnswerSchedule(context, () => this.#driver.flush());
    this.#driver.flush();
    if (context.quirks.idleTimeoutMs > 0) this.#watchIdleness(context.quirks.idleTimeoutMs, secure);
  }

  onSettingsAck(): void {
    this.#limit.acknowledge();
  }

  onRequestHeaders(streamId: number): void {
    if (this.#silent) return;
    this.#idleness?.restart();
    if (this.#machine.openStreams > this.#limit.enforced) {
      this.#machine.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM);
    } else {
      this.#open.add(streamId);
    }
  }

  onRequest(streamId: number, fields: HeaderFields, octets: Uint8Array): void {
    if (this.#silent || streamId > this.#lastStreamId) return;
    this.#decide(streamId, parseRequest(fields), new Body(octets));
  }

  onStreamReset(streamId: number): void {
    if (this.#open.delete(streamId)) this.#endIfGoneAway();
  }

  #decide(streamId: number, request: Request, body: Body): void {
    const { faults } = this.#context;
    const api = this.#apiFor(request.path);
    const occasion: Occasion = {
      wire: "http2",
      count: this.#count++,
      connection: this.#number,
      deviceToken: deviceTokenOf(request.path),
      api: api.name,
    };
    const fault = faults.onNotification(occasion);
    if (fault !== undefined && fault.type !== "reject" && !this.#applyFault(fault, streamId)) return;
    this.#highestDecided = Math.max(this.#highestDecided, streamId);
    const forced =
      fault?.type === "reject" ? fault.verdict : this.#wedged ? rejection("InternalServerError") : undefined;
    const beside = fault?.type === "resetStream" ? [] : faults.sideFaultsAt(occasion);
    const isLost = beside.some(({ type }) => type === "lose");
    const decision = api.decide({ request, body, sender: this.#sender, connection: this.#number, isLost }, forced);
    if (fault?.type === "resetStream") {
      this.#machine.resetStream(streamId, fault.errorCode);
      return;
    }
    if (beside.length === 0) {
      this.#answer(streamId, api, decision);
    } else {
      this.#applySideFaults(beside);
      this.#schedule.give(() => this.#answer(streamId, api, decision), beside);
    }
    if (fault?.type === "cut") this.#cut(fault.how, withheldAnswerBytes);
  }

  #answer(streamId: number, api: Api, { verdict, id, success }: Decision): void {
    if (this.#silent || !this.#open.delete(streamId)) return;
    this.#limit.beforeAnswer(verdict, this.#sender.authenticated);
    if (verdict.kind === "rejected") {
      this.#answers.reject(streamId, verdict, api.idName, id);
    } else if (api.name === "device") {
      const { world, random } = this.#context;
      // Lower-case, and on the development environment only (observed 2025).
      const uniqueId = world.environment === "development" ? makeId(random, "lower") : undefined;
      this.#answers.accept(streamId, id, uniqueId);
    } else {
      this.#answers.succeed(streamId, success ?? { httpStatus: 200 }, api.idName, id);
    }
    this.#limit.afterAnswer(verdict);
    if (isError(verdict)) this.#countError(verdict);
    this.#endIfGoneAway();
  }

  /** Returns whether the notification is decided nevertheless. */
  #applyFault(fault: NotificationFault, streamId: number): boolean {
    switch (fault.type) {
      case "refuseStream":
        this.#machine.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM);
        return false;
      case "resetStream":
        if (fault.decided === true) return true;
        this.#machine.resetStream(streamId, fault.errorCode);
        return false;
      case "goAway":
        return this.#goAway(fault, streamId);
      case "cut":
        if (fault.midFrame === true) return true;
        this.#cut(fault.how, 0);
        return false;
      case "wedge":
        this.#wedged = true;
        return true;
      default:
        this.#silent = true;
        if (fault.type !== "blackHole" || fault.answersPing !== true) this.#driver.ignoreInput();
        return false;
    }
  }

  #applySideFaults(faults: readonly SideFault[]): void {
    for (const fault of faults) {
      if (fault.type === "stopReading") this.#driver.stopReading(fault.forMs);
      if (fault.type !== "settings") continue;
      this.#limit.force(fault);
      if (fault.forMs === undefined) continue;
      this.#context.clockTimers.after(fault.forMs, () => {
        if (this.#silent) return;
        this.#limit.restore(fault);
        this.#driver.flush();
      });
    }
  }

  /** "APNs disconnects providers that send too many errors" (documented, without a number). */
  #countError({ reason }: RejectedVerdict): void {
    const { errorsBeforeGoAway, badDeviceTokenErrors } = this.#context.quirks;
    if (errorsBeforeGoAway === 0) return;
    const before = this.#errors;
    this.#errors += reason === "BadDeviceToken" ? badDeviceTokenErrors : 1;
    if (before >= errorsBeforeGoAway || this.#errors < errorsBeforeGoAway) return;
    this.#goAway({ type: "goAway" }, this.#highestDecided);
  }

  #watchIdleness(idleTimeoutMs: number, { socket }: SecureConnection): void {
    const watch = new IdleWatch(this.#context.clockTimers, idleTimeoutMs, () => {
      if (this.#silent) return;
      // Open streams are answered first; the idle time then begins anew.
      if (this.#open.size > 0) {
        watch.restart();
        return;
      }
      this.#goAway({ type: "goAway", reason: "IdleTimeout" }, this.#highestDecided);
      this.#driver.flush();
    });
    this.#idleness = watch;
    socket.once("close", () => watch.stop());
  }

  #goAway(fault: GoAwayFault, streamId: number): boolean {
    const { reason, errorCode, lastStream = "this", close = true, announced = false } = fault;
    // Only a number may deny what was decided.
    const last =
      typeof lastStream === "number"
        ? lastStream
        : Math.max(lastStream === "this" ? streamId : streamId - 2, this.#highestDecided);
    if (announced) this.#machine.goAway(Http2ErrorCode.NO_ERROR, undefined, maxStreamId);
    const debugData = reason === undefined ? undefined : Buffer.from(JSON.stringify({ reason }));
    this.#lastStreamId = Math.max(0, last);
    this.#closesAfterGoAway = close;
    this.#machine.goAway(errorCode, debugData, this.#lastStreamId);
    this.#endIfGoneAway();
    return streamId <= this.#lastStreamId;
  }

  #cut(how: CutHow, withheldBytes: number): void {
    this.#silent = true;
    this.#driver.cut(how, withheldBytes);
  }

  /** After a GOAWAY the connection ends once all streams up to the last one are answered. */
  #endIfGoneAway(): void {
    if (!this.#closesAfterGoAway || this.#silent) return;
    for (const id of this.#open) if (id <= this.#lastStreamId) return;
    this.#silent = true;
    this.#driver.endGracefully();
  }
}
