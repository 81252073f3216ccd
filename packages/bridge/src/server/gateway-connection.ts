import type { TLSSocket } from "node:tls";
import { type DecodedFrame, encodeErrorResponse, type FrameProblem } from "@apns/binary/wire";
import { closeGracefully } from "@apns/net";
import type { SenderReportRow } from "../observe/sender-report.js";
import { ApnsIds } from "../upstream/apns-id.js";
import type { App } from "../upstream/app.js";
import { Delivery, type DeliveryOwner, type Origin, type Prepared } from "../upstream/delivery.js";
import type { Verdict } from "../upstream/verdict.js";
import { type Ending, GatewaySession, type SessionOptions, type SessionPort } from "../wire/gateway-session.js";
import type { Sender } from "./sender.js";

export interface GatewayConnectionOptions extends SessionOptions {
  readonly errorLingerMs: number;
  readonly idleTimeoutMs: number;
}

export interface GatewayConnectionHandlers {
  readonly onTraffic: () => void;
  readonly onEnding: (connection: GatewayConnection, ending: Ending) => void;
  readonly onClosed: (connection: GatewayConnection) => void;
}

/** One legacy sender's connection to the gateway: a session, its socket, its sender and its app. */
export class GatewayConnection implements SessionPort {
  readonly origin: Origin;
  readonly sender: Sender;
  readonly #app: App;
  readonly #socket: TLSSocket;
  readonly #row: SenderReportRow;
  readonly #options: GatewayConnectionOptions;
  readonly #handlers: GatewayConnectionHandlers;
  readonly #session: GatewaySession;
  readonly #ids: ApnsIds;
  #linger: NodeJS.Timeout | undefined;

  constructor(
    socket: TLSSocket,
    origin: Origin,
    sender: Sender,
    app: App,
    row: SenderReportRow,
    options: GatewayConnectionOptions,
    handlers: GatewayConnectionHandlers,
  ) {
    this.origin = origin;
    this.sender = sender;
    this.#app = app;
    this.#socket = socket;
    this.#row = row;
    this.#options = options;
    this.#handlers = handlers;
    this.#ids = new ApnsIds(sender.name);
    this.#session = new GatewaySession(this, options);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    // A sender that has closed, or ended its side, is no reason to stop: what it wrote before counts.
    socket.once("end", () => this.#session.endInput());
    socket.once("close", () => this.#onClose());
    socket.setTimeout(options.idleTimeoutMs);
    socket.on("timeout", () => this.#onIdle());
  }

  /** What the apns ids of its notifications begin with. */
  get apnsIdPrefix(): string {
    return this.#ids.prefix;
  }

  /** For maintenance: takes nothing more, and ends with status code 10 when all that was taken is decided. */
  drain(): void {
    this.#session.drain();
  }

  /** The same at once. */
  cut(): void {
    this.#session.cut();
  }

  // For whoever frees room.
  resume(): void {
    this.#session.resume();
  }

  translate(frame: DecodedFrame): Prepared | Verdict {
    const made = this.#app.translate(frame, this.origin);
    if ("kind" in made) this.#row.frames[frame.command]++;
    return made;
  }

  judgeProblem(problem: FrameProblem): Verdict {
    const { command } = problem;
    if (command === 0 || command === 1 || command === 2) this.#row.frames[command]++;
    return this.#app.judgeProblem(problem, this.origin);
  }

  resent(frame: DecodedFrame, prepared: Prepared): Delivery | undefined {
    const { memory } = this.sender;
    if (memory.size === 0) return undefined;
    const delivery = memory.take(frame.deviceTokenText, prepared);
    if (delivery === undefined) return undefined;
    this.#row.frames[frame.command]++;
    this.#app.counters.suppressed++;
    return delivery;
  }

  admit(): boolean {
    return this.sender.admission.take(this);
  }

  deliver(frame: DecodedFrame, prepared: Prepared, sequence: number, owner: DeliveryOwner): Delivery {
    this.#row.frames[frame.command]++;
    const apnsId = this.#ids.idFor(sequence, frame.identifier);
    const delivery = new Delivery(this.sender, this.origin, frame, frame.deviceTokenText, prepared, apnsId, owner);
    this.#app.submit(delivery);
    return delivery;
  }

  discarded(delivery: Delivery): void {
    this.sender.memory.remember(delivery);
  }

  inputWelcome(): void {
    this.#socket.resume();
  }

  ended(ending: Ending): void {
    // Nothing that comes now counts, not even as traffic.
    this.#socket.removeAllListeners("data");
    this.#handlers.onEnding(this, ending);
    if (ending.kind !== "errorResponse") {
      closeGracefully(this.#socket);
      return;
    }
    this.#row.errorResponses++;
    if (!this.#socket.writable) {
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

  #onData(chunk: Buffer): void {
    this.#handlers.onTraffic();
    this.#session.receive(chunk);
    if (!this.#session.wantsInput) this.#socket.pause();
  }

  #onIdle(): void {
    if (this.#session.undecided === 0 && this.#session.wantsInput) closeGracefully(this.#socket);
    // Whoever waits for verdicts, or for room, is not idle; without traffic nothing else would ask again.
    else this.#socket.setTimeout(this.#options.idleTimeoutMs);
  }

  #onClose(): void {
    clearTimeout(this.#linger);
    this.#session.endInput();
    this.#handlers.onClosed(this);
  }
}
