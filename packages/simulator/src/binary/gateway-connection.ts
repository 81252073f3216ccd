import { type DecodedFrame, encodeErrorResponse, FrameDecoder, type FrameProblem } from "@apns/binary/wire";
import { legacyStatusRow } from "@apns/core";
import type { NotificationFault } from "../faults/fault.js";
import type { ErrorResponseFaults, Occasion } from "../faults/faults.js";
import { cut, endGracefully } from "../io/end-connection.js";
import { IdleWatch } from "../io/idle-watch.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ReceivedNotification } from "../received.js";
import type { ServerContext } from "../server-context.js";
import { type Push, rejected, type Verdict } from "../world/verdict.js";

export interface GatewayConnectionOptions {
  /** How long the connection stays open behind an error response, while what still comes in is thrown away. */
  readonly errorLingerMs: number;
}

/** By how much an error response is delayed unless the fault says. */
const delayedMs = 1000;

/** Long enough that the two parts of a split error response arrive as two. */
const splitMs = 30;

/**
 * One connection to the legacy gateway: no answer to a success, one error response of six bytes to the first frame that
 * fails, and everything behind that frame discarded (Apple's documentation).
 */
export class GatewayConnection {
  readonly #secure: SecureConnection;
  readonly #topic: string;
  readonly #number: number;
  readonly #context: ServerContext;
  readonly #options: GatewayConnectionOptions;
  readonly #decoder: FrameDecoder;
  #state: "open" | "ending" | "discarding" = "open";
  #count = 0;
  #lastAccepted = 0;
  #idleness: IdleWatch | undefined;

  constructor(
    secure: SecureConnection,
    topic: string,
    number: number,
    context: ServerContext,
    options: GatewayConnectionOptions,
  ) {
    this.#secure = secure;
    this.#topic = topic;
    this.#number = number;
    this.#context = context;
    this.#options = options;
    this.#decoder = new FrameDecoder(
      context.quirks.oddFrameItems === "accept" ? { unknownItem: "skip", duplicateItem: "last" } : {},
    );
    secure.socket.on("data", this.#onData);
    if (context.quirks.legacyIdleTimeoutMs > 0) this.#watchIdleness(context.quirks.legacyIdleTimeoutMs);
  }

  /** Reported by senders: after hours without input, the connection ends without a byte. */
  #watchIdleness(timeoutMs: number): void {
    const watch = new IdleWatch(this.#context.clockTimers, timeoutMs, () => {
      if (this.#state === "open") this.#closeWithoutResponse();
    });
    this.#idleness = watch;
    this.#secure.socket.on("data", () => {
      if (this.#state === "open") watch.restart();
    });
    this.#secure.socket.once("close", () => watch.stop());
  }

  /** Status 10 names the last notification accepted, 0 if there was none (a guess); all after it must be sent again. */
  shutdown(): void {
    if (this.#state === "open") this.#sendErrorResponse(10, this.#lastAccepted, "");
  }

  // Frames that a sender wrote before it closed are decided as well.
  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === "discarding") return;
    for (const event of this.#decoder.receive(chunk)) {
      if (this.#state !== "open") {
        this.#context.log.binary.discarded++;
      } else if (event.kind === "frame") {
        this.#onFrame(event);
      } else if (this.#closesWithoutResponse(event)) {
        this.#closeWithoutResponse();
      } else {
        this.#onProblem(event.statusCode, event.identifier);
      }
    }
  };

  /** A frame that cannot be decoded counts as a notification, refused with status 5, 7 or 128. */
  #onProblem(statusCode: number, identifier: number | undefined): void {
    this.#context.log.record({
      wire: "binary",
      connection: this.#number,
      deviceToken: "",
      topic: this.#topic,
      payload: "",
      ...(identifier === undefined ? undefined : { identifier }),
      verdict: rejected(legacyStatusRow(statusCode).reason, { statusCode }),
      receivedAt: this.#context.clock.now(),
    });
    this.#sendErrorResponse(statusCode, identifier ?? 0, "");
  }

  #onFrame(frame: DecodedFrame): void {
    const { faults, world } = this.#context;
    const push = new FramePush(frame, this.#topic);
    const occasion: Occasion = {
      wire: "binary",
      count: this.#count++,
      connection: this.#number,
      deviceToken: push.deviceToken,
      api: "device",
    };
    const fault = faults.onNotification(occasion);
    if (fault !== undefined && fault.type !== "reject") {
      this.#applyFault(fault);
      return;
    }
    const verdict = fault === undefined ? world.judge(push) : fault.verdict;
    const beside = faults.sideFaultsAt(occasion);
    let isLost = false;
    for (const side of beside) {
      if (side.type === "stopReading") this.#stopReading(side.forMs);
      else if (side.type === "lose") isLost = true;
    }
    this.#record(frame, push, verdict, isLost);
    if (verdict.kind === "accepted") this.#lastAccepted = frame.identifier ?? 0;
    else if (frame.command === 0 && this.#context.quirks.failingCommand0 === "close") this.#closeWithoutResponse();
    else this.#sendErrorResponse(verdict.statusCode, frame.identifier ?? 0, push.deviceToken);
  }

  #record(frame: DecodedFrame, push: FramePush, verdict: Verdict, isLost: boolean): void {
    // Assigned, not spread: at hundreds of thousands of frames per second that is seen.
    const received: { -readonly [Key in keyof ReceivedNotification]: ReceivedNotification[Key] } = {
      wire: "binary",
      connection: this.#number,
      deviceToken: push.deviceToken,
      topic: push.topic,
      payload: push.payload,
      verdict,
      receivedAt: this.#context.clock.now(),
      priority: push.priority,
    };
    if (frame.identifier !== undefined) received.identifier = frame.identifier;
    if (frame.expiry !== undefined) received.expiration = frame.expiry;
    if (isLost) received.lost = true;
    this.#context.log.record(received);
  }

  #applyFault(fault: NotificationFault): void {
    if (fault.type === "shutdown") {
      this.shutdown();
      return;
    }
    this.#state = "discarding";
    if (fault.type === "cut") cut(this.#secure, fault.how, this.#context.timers);
  }

  #closeWithoutResponse(): void {
    this.#state = "ending";
    endGracefully(this.#secure.socket, this.#context.timers);
  }

  /**
   * Writes the error response in one write, reads and discards for a while (lingers), then ends the connection. Measured
   * with published senders: closing at once lost the error response, and notifications with it, in most runs; without a
   * pause some readers get the data and the end together, and lose both.
   */
  #sendErrorResponse(statusCode: number, identifier: number, deviceToken: string): void {
    const { faults, timers, clockTimers, random } = this.#context;
    const { socket, tcp } = this.#secure;
    this.#state = "ending";
    this.#idleness?.stop();
    const occasion: Occasion = { wire: "binary", count: 0, connection: this.#number, deviceToken };
    const responseFaults = faults.onErrorResponse(occasion, statusCode);
    const response = encodeErrorResponse({ statusCode, identifier: misnamed(identifier, responseFaults, random) });
    const { how, at = 1, ms = delayedMs, jitterMs = 0 } = responseFaults.sixBytes ?? {};
    switch (how) {
      case "missing":
        endGracefully(socket, timers);
        return;
      case "delayed":
        clockTimers.after(ms + random() * jitterMs, () => {
          socket.write(response);
          this.#linger();
        });
        return;
      case "reset":
        // After the write, yet not in its own callback: there Node ends the connection in good order instead.
        socket.write(response, () => timers.after(1, () => tcp.resetAndDestroy()));
        return;
      case "open":
        socket.write(response);
        return;
      case "split":
        socket.write(response.subarray(0, at));
        timers.after(splitMs, () => socket.write(response.subarray(at)));
        break;
      case "garbled":
        socket.write(Buffer.concat([garbled, response.subarray(1)]));
        break;
      case "trailing":
        socket.write(Buffer.concat([response, trailing]));
        break;
      default:
        socket.write(response);
    }
    this.#linger();
  }

  /** Reads and discards for a while, then ends the connection. */
  #linger(): void {
    const { socket } = this.#secure;
    const { timers } = this.#context;
    const cancel = timers.after(this.#options.errorLingerMs, () => endGracefully(socket, timers));
    socket.once("close", cancel);
  }

  /** Reads nothing for so many milliseconds, or never again: the sender's TCP window fills up. */
  #stopReading(forMs: number | undefined): void {
    const { socket } = this.#secure;
    socket.pause();
    if (forMs !== undefined) this.#context.clockTimers.after(forMs, () => socket.resume());
  }

  /**
   * Whether a frame that cannot be decoded ends the connection without an error response: command 0, which has no
   * identifier to name (Apple's documentation), an unknown command (technical note TN2265, as quoted by several), and
   * whatever the quirks say.
   */
  #closesWithoutResponse({ command, problem, statusCode }: FrameProblem): boolean {
    const { failingCommand0, unknownCommand, unparsableFrame } = this.#context.quirks;
    if (problem === "unknownCommand") return unknownCommand === "close";
    if (command === 0 && failingCommand0 === "close") return true;
    // Sizes that are wrong have status codes of their own.
    return statusCode === 128 && unparsableFrame === "close";
  }
}

/** Not a command of the legacy wire. */
const garbled = Buffer.of(9);

const trailing = Buffer.from("garbage");

/** The identifier that an error response names, which a fault may replace by a wrong one. */
function misnamed(identifier: number, responseFaults: ErrorResponseFaults, random: () => number): number {
  const { wrongIdentifier, identifierZero } = responseFaults;
  if (identifierZero !== undefined) return 0;
  switch (wrongIdentifier?.names) {
    case "zero":
      return 0;
    case "previous":
      return (identifier - 1) >>> 0;
    case "random":
      return Math.floor(random() * 2 ** 32);
    default:
      return identifier;
  }
}

/** The notification of a frame, for the verdict. */
class FramePush implements Push {
  readonly wire = "binary";
  readonly deviceToken: string;
  readonly topic: string;
  readonly pushType = undefined;
  readonly command: number;
  readonly payloadBytes: number;
  readonly priority: number;
  readonly expiration: number | undefined;
  readonly #payload: Uint8Array;

  constructor(frame: DecodedFrame, topic: string) {
    this.command = frame.command;
    this.deviceToken = frame.deviceTokenText;
    this.topic = topic;
    this.#payload = frame.payload;
    this.payloadBytes = this.#payload.length;
    // Commands 0 and 1 imply 10, and so does a command 2 without the item.
    this.priority = frame.priority ?? 10;
    this.expiration = frame.expiry;
  }

  get payload(): string {
    const { buffer, byteOffset, length } = this.#payload;
    return Buffer.from(buffer, byteOffset, length).toString("utf8");
  }
}
