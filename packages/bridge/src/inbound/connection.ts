import type { TLSSocket } from "node:tls";
import {
  type DecodedFrame,
  encodeErrorResponse,
  FrameDecoder,
  type FrameDecoderOptions,
  type FrameEvent,
} from "@apns/binary/wire";
import { Fifo } from "@apns/core/internal";
import { closeGracefully } from "@apns/net";
import type { App } from "../upstream/app.js";
import { Delivery, type DeliveryOwner, type Origin, type Prepared } from "../upstream/delivery.js";
import type { Verdict } from "../upstream/verdict.js";
import { ApnsIds } from "./apns-id.js";
import type { ResendDedup } from "./resend-dedup.js";
import type { Semaphore, Waiter } from "./semaphore.js";
import { type Ending, type OrderedFrame, VerdictOrder } from "./verdict-order.js";

/** The legacy sender behind a connection. All of its connections share permits and resends. */
export interface InboundSender {
  readonly name: string;
  /** The name of its app. */
  readonly app: string;
  readonly permits: Pick<Semaphore, "acquire" | "release">;
  readonly resends: Pick<ResendDedup, "size" | "take" | "remember">;
}

/** Counts of one sender's traffic; they only grow. */
export interface Traffic {
  /** Frames of command 0, 1 and 2. */
  readonly frames: [number, number, number];
  errorResponses: number;
  /** Notifications told as success, by silence. */
  delivered: number;
  /** Notifications told as success because they are in the hold on disk. */
  held: number;
  /** Notifications refused, in whatever way. */
  refused: number;
  /** Tries after an outcome `unconfirmed`: some of these notifications arrive twice. */
  unconfirmedRetries: number;
  /** Notifications among `delivered` that upstream did not confirm: some of them are lost. */
  unconfirmedAccepted: number;
}

/** Both ends of a connection: where its frames come from, and where they go. */
export interface ConnectionRoute {
  readonly origin: Origin;
  readonly sender: InboundSender;
  readonly app: Pick<App, "translate" | "judgeProblem" | "submit" | "countSuppressed" | "senderLeft">;
  readonly traffic: Traffic;
}

export interface ConnectionOptions {
  /** Whether the notifications of a sender that has left are held on disk, if upstream does not take them. */
  readonly holdsLeft: boolean;
  /** How many frames may be undecided at a time, counted from the oldest that is. */
  readonly window: number;
  /** Whether a refused frame of command 0 is passed over instead of ending the connection. */
  readonly passOverSimple: boolean;
  readonly frames: FrameDecoderOptions;
  readonly errorLingerMs: number;
  readonly idleTimeoutMs: number;
}

export interface ConnectionHandlers {
  readonly onTraffic: () => void;
  readonly onEnding: (connection: GatewayConnection, ending: Ending) => void;
  readonly onClosed: (connection: GatewayConnection) => void;
}

/** Senders that write one notification after the other do so without a pause of this length, in milliseconds. */
const quietMs = 300;

/**
 * One legacy sender's connection to the gateway. Each frame is decoded, translated, admitted and delivered here, in that
 * order; its verdict comes back through {@link VerdictOrder}, which says when and how the connection ends.
 */
export class GatewayConnection implements Waiter {
  readonly #route: ConnectionRoute;
  readonly #socket: TLSSocket;
  readonly #options: ConnectionOptions;
  readonly #handlers: ConnectionHandlers;
  readonly #decoder: FrameDecoder;
  /** Decoded, and waiting for the window or for a permit: no more than one chunk brought. */
  readonly #backlog = new Fifo<FrameEvent>();
  readonly #order: VerdictOrder<InboundFrame>;
  readonly #ids: ApnsIds;
  #nextSequence = 0;
  #inputEnded = false;
  #linger: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(socket: TLSSocket, route: ConnectionRoute, options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#route = route;
    this.#options = options;
    this.#handlers = handlers;
    this.#decoder = new FrameDecoder(options.frames);
    this.#order = new VerdictOrder(options);
    this.#ids = new ApnsIds(route.sender.name);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    // A sender that has closed, or ended its side, is no reason to stop: its frames from before count.
    socket.once("end", () => this.#onInputEnd());
    socket.once("close", () => this.#onClose());
    socket.setTimeout(options.idleTimeoutMs);
    socket.on("timeout", () => this.#onIdle());
    // A connection that was held until its sender was listed is paused.
    this.#applyBackpressure();
  }

  get origin(): Origin {
    return this.#route.origin;
  }

  get sender(): InboundSender {
    return this.#route.sender;
  }

  /** The beginning of the apns ids of its notifications. */
  get apnsIdPrefix(): string {
    return this.#ids.prefix;
  }

  /** Whether its ending is decided: it only waits for the sender to close. */
  get isEnded(): boolean {
    return this.#order.state === "ended";
  }

  /**
   * For maintenance: ends once it has read nothing for a moment if there is no status code to tell what is lost, since the sender uses
   * command 0 or its first frame has not been read; else at once.
   */
  drainWhenQuiet(): void {
    const { newestCommand } = this.#order;
    if ((newestCommand !== undefined && newestCommand !== 0) || this.#inputEnded) this.drain();
    else this.#quiet ??= setTimeout(() => this.drain(), quietMs);
  }

  /** For maintenance: takes no more frames, and ends with status code 10 once all it took are decided. */
  drain(): void {
    this.#conclude(this.#order.drain());
    this.#takeFrames();
  }

  /** The same at once. */
  cut(): void {
    this.#conclude(this.#order.cut({ isTold: !(this.#inputEnded && this.#options.holdsLeft) }));
    this.#takeFrames();
  }

  /** A permit may be free again. */
  resume(): void {
    this.#takeFrames();
  }

  #onData(chunk: Buffer): void {
    this.#handlers.onTraffic();
    this.#quiet?.refresh();
    if (this.#order.state === "open" && chunk.length > 0) {
      const events = this.#decoder.receive(chunk);
      // Of a first frame still in parts, the first byte is the command.
      this.#order.newestCommand = events.at(-1)?.command ?? this.#order.newestCommand ?? chunk[0];
      for (const event of events) this.#backlog.push(event);
    }
    this.#takeFrames();
  }

  /**
   * Whether the socket is to be read. Not while frames wait for the window or for a permit; nor while an ending waits for
   * frames before it: all that is written meanwhile is thrown away, and senders can resend only so much.
   */
  get #wantsInput(): boolean {
    const { state, undecided } = this.#order;
    if (state !== "open") return state === "ended";
    return this.#backlog.size === 0 && undecided < this.#options.window;
  }

  /** Takes frames from the backlog for as long as window and permits allow. */
  #takeFrames(): void {
    while (this.#order.state === "open" && this.#order.undecided < this.#options.window) {
      const event = this.#backlog.peek();
      if (event === undefined) {
        if (this.#inputEnded) this.#conclude(this.#order.endInput());
        break;
      }
      if (!this.#take(event)) break;
      this.#backlog.shift();
    }
    if (this.#order.state !== "open") this.#backlog.clear();
    this.#applyBackpressure();
  }

  #applyBackpressure(): void {
    const wanted = this.#wantsInput;
    if (wanted !== this.#socket.isPaused()) return;
    if (wanted) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Returns false if there is no permit for it. */
  #take(event: FrameEvent): boolean {
    const { app, sender, origin } = this.#route;
    if (event.kind === "problem") {
      const frame = this.#push(event);
      const verdict = app.judgeProblem(event, origin);
      this.#count(verdict, undefined);
      this.#conclude(this.#order.settleUnreadable(frame, verdict));
      return true;
    }
    const prepared = app.translate(event, origin);
    if ("kind" in prepared) {
      this.#count(prepared, undefined);
      this.#conclude(this.#order.settle(this.#push(event), prepared));
      return true;
    }
    const earlier = sender.resends.size === 0 ? undefined : sender.resends.take(event.deviceTokenText, prepared);
    if (earlier !== undefined) {
      this.#answerBy(earlier, this.#push(event));
      return true;
    }
    if (!sender.permits.acquire(this)) return false;
    this.#deliver(event, prepared);
    return true;
  }

  #push({ command, identifier }: { readonly command: number; readonly identifier: number | undefined }): InboundFrame {
    if (command === 0 || command === 1 || command === 2) this.#route.traffic.frames[command]++;
    const frame = new InboundFrame(this.#nextSequence++, command, identifier, this.#asOwner);
    this.#order.push(frame);
    return frame;
  }

  /** A resend gets the verdict of the delivery that it repeats. */
  #answerBy(delivery: Delivery, frame: InboundFrame): void {
    this.#route.app.countSuppressed();
    frame.delivery = delivery;
    delivery.owner = frame;
    if (delivery.verdict === undefined) return;
    if (!delivery.isCounted) this.#count(delivery.verdict, delivery);
    this.#conclude(this.#order.settle(frame, delivery.verdict));
  }

  #deliver(decoded: DecodedFrame, prepared: Prepared): void {
    const { app, sender, origin } = this.#route;
    const frame = this.#push(decoded);
    const apnsId = this.#ids.idFor(frame.sequence, decoded.identifier);
    const { deviceTokenText } = decoded;
    frame.delivery = new Delivery(sender.permits, origin, decoded, deviceTokenText, prepared, apnsId, frame);
    app.submit(frame.delivery);
  }

  /** One object for all frames. */
  readonly #asOwner: FrameOwner = {
    hasLeft: () => this.#inputEnded,
    onSettled: (frame, verdict) => {
      this.#count(verdict, frame.delivery);
      this.#conclude(this.#order.settle(frame, verdict));
      this.#takeFrames();
    },
  };

  #count(verdict: Verdict, delivery: Delivery | undefined): void {
    const { traffic } = this.#route;
    if (delivery?.hold === "held") traffic.held++;
    else if (verdict.kind === "accepted") traffic.delivered++;
    else if (verdict.kind !== "shutdown") traffic.refused++;
    if (delivery === undefined) return;
    delivery.isCounted = true;
    traffic.unconfirmedRetries += delivery.unconfirmedRetries;
    if (delivery.isAcceptedUnconfirmed) traffic.unconfirmedAccepted++;
  }

  /** Ends the connection if the order of verdicts has come to an ending. */
  #conclude(ending: Ending | undefined): void {
    if (ending === undefined) return;
    const { sender, traffic } = this.#route;
    if (ending.kind !== "finished") {
      for (const { delivery } of this.#order.discarded) if (delivery !== undefined) sender.resends.remember(delivery);
    }
    // Bytes that come now do not count, not even as traffic.
    this.#socket.removeAllListeners("data");
    this.#handlers.onEnding(this, ending);
    if (ending.kind === "errorResponse") traffic.errorResponses++;
    if (ending.kind !== "errorResponse" || !this.#socket.writable) {
      closeGracefully(this.#socket);
      return;
    }
    // In one write; then only reading and throwing away for a while; then the end. Measured with published senders:
    // closing at once lost the error, and notifications with it; without the gap some read data and end together, and
    // lose both.
    this.#socket.write(encodeErrorResponse(ending));
    this.#socket.resume();
    this.#linger = setTimeout(() => closeGracefully(this.#socket), this.#options.errorLingerMs);
  }

  #onInputEnd(): void {
    const isFirst = !this.#inputEnded;
    this.#inputEnded = true;
    this.#takeFrames();
    if (isFirst && this.#order.undecided > 0) this.#route.app.senderLeft();
  }

  #onIdle(): void {
    if (this.#order.undecided === 0 && this.#wantsInput) closeGracefully(this.#socket);
    // A connection that waits for verdicts or permits is not idle; without traffic nothing else would look again.
    else this.#socket.setTimeout(this.#options.idleTimeoutMs);
  }

  #onClose(): void {
    clearTimeout(this.#linger);
    clearTimeout(this.#quiet);
    this.#onInputEnd();
    this.#handlers.onClosed(this);
  }
}

/** The connection of a frame. */
interface FrameOwner {
  readonly hasLeft: () => boolean;
  readonly onSettled: (frame: InboundFrame, verdict: Verdict) => void;
}

/** A frame in its place, and the delivery that brings its verdict. */
class InboundFrame implements OrderedFrame, DeliveryOwner {
  readonly sequence: number;
  readonly command: number;
  readonly identifier: number | undefined;
  readonly #owner: FrameOwner;
  delivery: Delivery | undefined = undefined;
  verdict: Verdict | undefined = undefined;

  constructor(sequence: number, command: number, identifier: number | undefined, owner: FrameOwner) {
    this.sequence = sequence;
    this.command = command;
    this.identifier = identifier;
    this.#owner = owner;
  }

  get hasLeft(): boolean {
    return this.#owner.hasLeft();
  }

  onSettled({ verdict }: Delivery): void {
    this.#owner.onSettled(this, verdict!);
  }
}
