import { type DecodedFrame, encodeErrorResponse, FrameDecoder, type FrameProblem } from "@apns/binary/wire";
import { legacyStatusRow } from "@apns/core";
import type { NotificationFault } from "../faults/fault.js";
import type { ErrorResponseFaults, Occasion } from "../faults/faults.js";
import { cut, hangUp } from "../io/hang-up.js";
import { IdleWatch } from "../io/idle-watch.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ReceivedNotification } from "../received.js";
import type { Surroundings } from "../surroundings.js";
import { type Push, rejected, type Verdict } from "../world/verdict.js";

export interface GatewayConnectionOptions {
  /** How long the connection stays open behind an error response, while what still comes in is thrown away. */
  readonly errorLingerMs: number;
}

/** How late a delayed error response is, unless told. */
const delayedMs = 1000;

/** Long enough that the two parts of a split error response arrive as two. */
const splitMs = 30;

/**
 * One sender at the legacy gateway. Silent on success; on the first failing frame six bytes, once; whatever follows that
 * frame is discarded (Apple's documentation).
 */
export class GatewayConnection {
  readonly #secure: SecureConnection;
  readonly #topic: string;
  readonly #number: number;
  readonly #around: Surroundings;
  readonly #options: GatewayConnectionOptions;
  readonly #decoder: FrameDecoder;
  #state: "open" | "ending" | "swallowing" = "open";
  #count = 0;
  #lastAccepted = 0;
  #idleness: IdleWatch | undefined;

  constructor(
    secure: SecureConnection,
    topic: string,
    number: number,
    around: Surroundings,
    options: GatewayConnectionOptions,
  ) {
    this.#secure = secure;
    this.#topic = topic;
    this.#number = number;
    this.#around = around;
    this.#options = options;
    this.#decoder = new FrameDecoder(
      around.quirks.oddFrameItems === "accept" ? { unknownItem: "skip", duplicateItem: "last" } : {},
    );
    secure.socket.on("data", this.#onData);
    if (around.quirks.legacyIdleTimeoutMs > 0) this.#watchIdleness(around.quirks.legacyIdleTimeoutMs);
  }

  /** Reported by senders: the end without a byte after hours in which nothing came. */
  #watchIdleness(timeoutMs: number): void {
    const watch = new IdleWatch(this.#around.clockTimers, timeoutMs, () => {
      if (this.#state === "open") this.#endWithoutBytes();
    });
    this.#idleness = watch;
    this.#secure.socket.on("data", () => {
      if (this.#state === "open") watch.restart();
    });
    this.#secure.socket.once("close", () => watch.stop());
  }

  /** Status 10 names the last notification accepted, 0 if there was none (a guess); all after it must be sent again. */
  shutdown(): void {
    if (this.#state === "open") this.#fail(10, this.#lastAccepted, "");
  }

  // A sender that has closed, or ended its side, is no reason to stop: what it wrote before counts.
  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === "swallowing") return;
    for (const event of this.#decoder.receive(chunk)) {
      if (this.#state !== "open") {
        this.#around.log.binary.discarded++;
      } else if (event.kind === "frame") {
        this.#onFrame(event);
      } else if (this.#isSilencedBy(event)) {
        this.#endWithoutBytes();
      } else {
        this.#onProblem(event.statusCode, event.identifier);
      }
    }
  };

  /** A frame that cannot be read is a notification nevertheless, whose answer is 5, 7 or 128. */
  #onProblem(statusCode: number, identifier: number | undefined): void {
    this.#around.log.record({
      wire: "binary",
      connection: this.#number,
      deviceToken: "",
      topic: this.#topic,
      payload: "",
      ...(identifier === undefined ? undefined : { identifier }),
      verdict: rejected(legacyStatusRow(statusCode).reason, { statusCode }),
      receivedAt: this.#around.clock.now(),
    });
    this.#fail(statusCode, identifier ?? 0, "");
  }

  #onFrame(frame: DecodedFrame): void {
    const { faults, world } = this.#around;
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
      this.#suffer(fault);
      return;
    }
    const verdict = fault === undefined ? world.judge(push) : fault.verdict;
    const beside = faults.besideNotification(occasion);
    let isLost = false;
    for (const side of beside) {
      if (side.type === "stopReading") this.#stopReading(side.forMs);
      else if (side.type === "lose") isLost = true;
    }
    this.#record(frame, push, verdict, isLost);
    if (verdict.kind === "accepted") this.#lastAccepted = frame.identifier ?? 0;
    else if (frame.command === 0 && this.#around.quirks.failingCommand0 === "close") this.#endWithoutBytes();
    else this.#fail(verdict.statusCode, frame.identifier ?? 0, push.deviceToken);
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
      receivedAt: this.#around.clock.now(),
      priority: push.priority,
    };
    if (frame.identifier !== undefined) received.identifier = frame.identifier;
    if (frame.expiry !== undefined) received.expiration = frame.expiry;
    if (isLost) received.lost = true;
    this.#around.log.record(received);
  }

  #suffer(fault: NotificationFault): void {
    if (fault.type === "shutdown") {
      this.shutdown();
      return;
    }
    this.#state = "swallowing";
    if (fault.type === "cut") cut(this.#secure, fault.how, this.#around.timers);
  }

  #endWithoutBytes(): void {
    this.#state = "ending";
    hangUp(this.#secure.socket, this.#around.timers);
  }

  /**
   * The six bytes, in one write; then, for a while, only reading and throwing away; then the end. Measured with published
   * senders: closing at once lost the error, and notifications with it, in most runs; without the gap some readers get
   * data and end together and lose both.
   */
  #fail(statusCode: number, identifier: number, deviceToken: string): void {
    const { faults, timers, clockTimers, random } = this.#around;
    const { socket, tcp } = this.#secure;
    this.#state = "ending";
    this.#idleness?.stop();
    const occasion: Occasion = { wire: "binary", count: 0, connection: this.#number, deviceToken };
    const struck = faults.onErrorResponse(occasion, statusCode);
    const response = encodeErrorResponse({ statusCode, identifier: misnamed(identifier, struck, random) });
    const { how, at = 1, ms = delayedMs, jitterMs = 0 } = struck.sixBytes ?? {};
    switch (how) {
      case "missing":
        hangUp(socket, timers);
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

  /** Reads on for a while, and throws away, then ends. */
  #linger(): void {
    const { socket } = this.#secure;
    const { timers } = this.#around;
    const callOff = timers.after(this.#options.errorLingerMs, () => hangUp(socket, timers));
    socket.once("close", callOff);
  }

  /** Not for so long, or never again: the sender runs into a full TCP window. */
  #stopReading(forMs: number | undefined): void {
    const { socket } = this.#secure;
    socket.pause();
    if (forMs !== undefined) this.#around.clockTimers.after(forMs, () => socket.resume());
  }

  /**
   * Whether what cannot be read is answered by the end alone: of command 0, which has no identifier to name (Apple's
   * documentation), behind an unknown command (technical note TN2265, as quoted by several), and whatever else is told so.
   */
  #isSilencedBy({ command, problem, statusCode }: FrameProblem): boolean {
    const { failingCommand0, unknownCommand, unparsableFrame } = this.#around.quirks;
    if (problem === "unknownCommand") return unknownCommand === "close";
    if (command === 0 && failingCommand0 === "close") return true;
    // Sizes are no matter of parsing.
    return statusCode === 128 && unparsableFrame === "close";
  }
}

/** No command of either side's. */
const garbled = Buffer.of(9);

const trailing = Buffer.from("garbage");

/** Which notification an error response names, in place of the right one. */
function misnamed(identifier: number, struck: ErrorResponseFaults, random: () => number): number {
  const { wrongIdentifier, identifierZero } = struck;
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

/** A frame as the world is asked about it. */
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
