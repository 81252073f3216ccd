import { type DecodedFrame, encodeErrorResponse, FrameDecoder, type FrameProblem } from "@apns/binary/wire";
import { legacyStatusRow } from "@apns/core";
import type { NotificationFault } from "../faults/fault.js";
import type { Occasion } from "../faults/faults.js";
import { endTcp, hangUp } from "../io/hang-up.js";
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
  }

  /** Status 10 names the last notification accepted, 0 if there was none (a guess); all after it must be sent again. */
  shutdown(): void {
    if (this.#state === "open") this.#fail(10, this.#lastAccepted);
  }

  // A sender that has closed, or ended its side, is no reason to stop: what it wrote before counts.
  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === "swallowing") return;
    for (const event of this.#decoder.receive(chunk)) {
      if (this.#state !== "open") {
        this.#around.log.binary.discarded++;
      } else if (event.kind === "frame") {
        this.#onFrame(event);
      } else if (event.command === 0 || event.problem === "unknownCommand" || this.#isSilencedBy(event)) {
        // "Closed with zero bytes": technical note TN2265, as quoted by several.
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
    this.#fail(statusCode, identifier ?? 0);
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
    this.#record(frame, push, verdict);
    for (const beside of faults.besideNotification(occasion)) {
      if (beside.type === "stopReading") this.#stopReading(beside.forMs);
    }
    if (verdict.kind === "accepted") this.#lastAccepted = frame.identifier ?? 0;
    // "If you send a notification in the simple format that is malformed, APNs closes": it has no identifier to name.
    else if (frame.command === 0) this.#endWithoutBytes();
    else this.#fail(verdict.statusCode, frame.identifier ?? 0);
  }

  #record(frame: DecodedFrame, push: FramePush, verdict: Verdict): void {
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
    this.#around.log.record(received);
  }

  #suffer(fault: NotificationFault): void {
    const { tcp } = this.#secure;
    if (fault.type === "shutdown") {
      this.shutdown();
    } else if (fault.type === "cut") {
      this.#state = "swallowing";
      if (fault.how === "rst") tcp.resetAndDestroy();
      else endTcp(tcp, this.#around.timers);
    } else {
      this.#state = "swallowing";
    }
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
  #fail(statusCode: number, identifier: number): void {
    const { faults, timers } = this.#around;
    const { socket, tcp } = this.#secure;
    this.#state = "ending";
    const struck = faults.onErrorResponse({ wire: "binary", count: Infinity, connection: this.#number }, statusCode);
    const zero = struck.some(({ type }) => type === "identifierZero");
    const { how, ms = delayedMs } = struck.find((fault) => fault.type === "errorResponse") ?? {};
    if (how === "missing") {
      hangUp(socket, timers);
      return;
    }
    const response = encodeErrorResponse({ statusCode, identifier: zero ? 0 : identifier });
    if (how === "split") {
      socket.write(response.subarray(0, 1));
      timers.after(splitMs, () => socket.write(response.subarray(1)));
    } else if (how === "delayed") {
      timers.after(ms, () => {
        socket.write(response);
        this.#linger();
      });
      return;
    } else if (how === "reset") {
      // After the write, yet not in its own callback: there Node ends the connection in good order instead.
      socket.write(response, () => timers.after(1, () => tcp.resetAndDestroy()));
      return;
    } else {
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
    if (forMs !== undefined) this.#around.timers.after(forMs, () => socket.resume());
  }

  /** "Closed with zero bytes" for whatever cannot be parsed, if told so; sizes are no matter of parsing. */
  #isSilencedBy({ statusCode }: FrameProblem): boolean {
    return statusCode === 128 && this.#around.quirks.unparsableFrame === "close";
  }
}

/** A frame as the world is asked about it. */
class FramePush implements Push {
  readonly wire = "binary";
  readonly deviceToken: string;
  readonly topic: string;
  readonly pushType = undefined;
  readonly payloadBytes: number;
  readonly priority: number;
  readonly expiration: number | undefined;
  readonly #payload: Uint8Array;

  constructor(frame: DecodedFrame, topic: string) {
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
