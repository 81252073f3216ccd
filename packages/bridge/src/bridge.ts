import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import { checkInteger, maxTimerDelayMs } from "@apns/core/internal";
import { closeGracefully } from "@apns/net";
import { CounterMap } from "./observe/counters.js";
import { type MigrationReport, SenderReport, type SenderReportRow } from "./observe/sender-report.js";
import { type BridgeOptions, type ResolvedBridgeOptions, resolveBridgeOptions } from "./options.js";
import { Admission } from "./server/admission.js";
import { Directory } from "./server/directory.js";
import { serveFeedback } from "./server/feedback-connection.js";
import { GatewayConnection } from "./server/gateway-connection.js";
import { Listener, type ListenerHandlers, type ListenerSettings } from "./server/listener.js";
import { type Peer, withoutTrust } from "./server/peer.js";
import type { Sender } from "./server/sender.js";
import type { AppSurroundings } from "./upstream/app.js";
import type { Ending } from "./wire/gateway-session.js";

/** Figures of one app. Counters only grow. */
export interface AppStats {
  readonly accepted: number;
  /** What was not simply accepted, by reason of APNs' or other cause. */
  readonly causes: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly feedback: number;
  readonly suppressed: number;
  readonly inFlight: number;
  readonly retrying: number;
  readonly held: number;
}

export interface BridgeStats {
  readonly gatewayConnections: number;
  readonly feedbackConnections: number;
  readonly connectionsOpened: number;
  /** Connections turned away, by why: `handshake`, `certificate` (damaged), `stranger`, `sender limit`, `limit`, `closing`. */
  readonly turnedAway: Readonly<Record<string, number>>;
  /** How gateway connections ended: `status 8`, `closed`, `finished`. */
  readonly endings: Readonly<Record<string, number>>;
  /** Notifications read, and not decided yet. */
  readonly undecided: number;
  /** Deliveries remembered because their frames were reported as discarded. */
  readonly remembered: number;
  /** Of those, how many were forgotten for want of room. */
  readonly forgotten: number;
  /** Feedback tuples read in full, and taken off the list. */
  readonly feedbackRead: number;
  /** Feedback tuples that wait, by topic. */
  readonly feedbackWaiting: Readonly<Record<string, number>>;
  readonly apps: Readonly<Record<string, AppStats>>;
}

/** Whoever is connected to the gateway, and how it came in. */
interface Connected {
  readonly peer: Peer;
  readonly listener: Listener;
}

/** A running bridge; see {@link startBridge}. */
export class Bridge {
  readonly #report: SenderReport;
  readonly #room: Admission;
  #options: ResolvedBridgeOptions;
  #directory: Directory;
  #listeners: Listener[] = [];
  readonly #gateway = new Map<GatewayConnection, Connected>();
  readonly #feedback = new Map<TLSSocket, Sender>();
  readonly #byAddress = new Map<string, number>();
  /** All connections, from their first byte on: also in the handshake, and of those turned away until they are gone. */
  readonly #open = new Set<Socket>();
  #opened = 0;
  #served = 0;
  #feedbackRead = 0;
  readonly #turnedAway = new CounterMap();
  readonly #endings = new CounterMap();
  #closing: Promise<void> | undefined;

  private constructor(resolved: ResolvedBridgeOptions, options: BridgeOptions) {
    this.#options = resolved;
    this.#report = new SenderReport({
      clock: resolved.clock,
      store: resolved.reportStore,
      saveIntervalMs: resolved.reportSaveIntervalMs,
      onStoreFailed: ({ message }) => {
        this.#options.log.error(
          { error: message },
          "The report's store fails; what it counts may not outlive the bridge.",
        );
      },
    });
    this.#room = new Admission(resolved.limits.maxUndecided);
    this.#directory = Directory.make(options, resolved, this.#room, this.#surroundings(options));
  }

  /** See {@link startBridge}. */
  static async start(options: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(resolveBridgeOptions(options), options);
    await bridge.#report.open();
    try {
      await bridge.#listen(bridge.#options.listeners);
    } catch (error) {
      await bridge.#report.close();
      for (const listener of bridge.#listeners) listener.close();
      throw error;
    }
    return bridge;
  }

  /** See {@link checkBridgeOptions}. */
  static check(options: BridgeOptions): void {
    new Bridge(resolveBridgeOptions(options), options);
  }

  /** The ports listened on, in the order of the options. */
  get ports(): { readonly gateway: readonly number[]; readonly feedback: readonly number[] } {
    const of = (name: string): number[] => this.#listeners.filter((one) => one.name === name).map(({ port }) => port);
    return { gateway: of("gateway"), feedback: of("feedback") };
  }

  /** Whether it takes new connections. */
  get ready(): boolean {
    return this.#closing === undefined;
  }

  /** The names of the apps that upstream does not let in at the moment. */
  get heldApps(): readonly string[] {
    return [...this.#directory.apps.values()].filter(({ held }) => held).map(({ name }) => name);
  }

  stats(): BridgeStats {
    const { apps, senders } = this.#directory;
    return {
      gatewayConnections: this.#gateway.size,
      feedbackConnections: this.#feedback.size,
      connectionsOpened: this.#opened,
      turnedAway: this.#turnedAway.snapshot(),
      endings: this.#endings.snapshot(),
      undecided: this.#room.taken,
      remembered: senders.reduce((sum, { memory }) => sum + memory.size, 0),
      forgotten: senders.reduce((sum, { memory }) => sum + memory.forgotten, 0),
      feedbackRead: this.#feedbackRead,
      feedbackWaiting: this.#options.feedbackStore.counts(),
      apps: Object.fromEntries(
        [...apps.values()].map(({ name, counters, unsettled }) => {
          const { accepted, retries, feedback, suppressed } = counters;
          const causes = counters.causes.snapshot();
          return [name, { accepted, causes, retries, feedback, suppressed, ...unsettled }];
        }),
      ),
    };
  }

  /** Which senders still arrive, and since when they are counted. */
  report(): MigrationReport {
    return this.#report.snapshot();
  }

  /**
   * Takes other options. Connections live on, save those whose sender is not let in any more, or sends for another app
   * now, and, if fewer authorities are trusted, those that came in by one: they end with status code 10. Ports are opened and
   * closed as needed. `limits.maxUndecided`, `feedbackStore`, `reportStore`, `reportSaveIntervalMs`, `log`, `onRejected` and
   * `clock` stay as they were.
   * @throws {InvalidArgumentError} naming the option that is wrong; nothing has changed then
   * @throws {ApnsError} `ERR_APNS_LISTEN` if a new port cannot be opened, or the bridge has been closed; nothing has
   * changed then either
   */
  async reload(options: BridgeOptions): Promise<void> {
    const { clock, log, feedbackStore, onRejected } = this.#options;
    const resolved = { ...resolveBridgeOptions(options), clock, log, feedbackStore, onRejected };
    const around = this.#surroundings(options);
    // A trial without the apps in force, which would be changed.
    Directory.make(options, resolved, this.#room, around);
    const key = ({ name, host, port }: ListenerSettings): string => `${name} ${host} ${port}`;
    const wanted = new Map(resolved.listeners.map((settings) => [key(settings), settings]));
    const present = new Set(this.#listeners.map(({ settings }) => key(settings)));
    await this.#listen(resolved.listeners.filter((settings) => !present.has(key(settings))));
    const before = this.#directory;
    this.#directory = Directory.make(options, resolved, this.#room, around, before);
    this.#options = resolved;
    // Those who came in here as trusted must come in again: what vouched for them may be trusted no more.
    const narrower = new Set<Listener>();
    for (const listener of this.#listeners) {
      const settings = wanted.get(key(listener.settings));
      if (settings === undefined) listener.close();
      else if (listener.update(settings)) narrower.add(listener);
    }
    this.#listeners = this.#listeners.filter(({ settings }) => wanted.has(key(settings)));
    for (const [connection, { peer, listener }] of this.#gateway) {
      const known = narrower.has(listener) ? withoutTrust(peer) : peer;
      const sender = this.#directory.find(known, listener.certificateRequired);
      if (sender?.name !== connection.sender.name || sender.app !== connection.sender.app) connection.drain();
    }
    // What an app that is no more has held or would try again, nobody would ever let go.
    for (const [name, app] of before.apps) if (!this.#directory.apps.has(name)) app.giveUp();
  }

  /**
   * Ends in good order: takes no new connections and no more frames, lets what was taken be decided, then tells each sender
   * by status code 10 what was accepted last. What is undecided after `timeoutMs` counts as not accepted.
   * @param options.timeoutMs in milliseconds. @default 10_000
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const timeoutMs = checkInteger("timeoutMs", options.timeoutMs ?? 10_000, 0, maxTimerDelayMs);
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#end(timeoutMs);
    await this.#report.close();
  }

  async #end(timeoutMs: number): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const connection of this.#gateway.keys()) connection.drain();
    if (!(await this.#servedWithin(timeoutMs))) {
      for (const app of this.#directory.apps.values()) app.giveUp();
      for (const connection of this.#gateway.keys()) connection.cut();
      for (const socket of this.#feedback.keys()) closeGracefully(socket);
      await this.#servedWithin(this.#options.errorLingerMs + 1_000);
    }
    // Handshakes that will come to nothing, those that were turned away, and whoever does not go.
    for (const socket of this.#open) socket.destroy();
  }

  /** Whether, in time, nobody is served and nothing undecided: senders may be gone before what they sent is decided. */
  async #servedWithin(timeoutMs: number): Promise<boolean> {
    const endAt = performance.now() + timeoutMs;
    while (this.#gateway.size > 0 || this.#feedback.size > 0 || this.#room.taken > 0) {
      if (performance.now() >= endAt) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return true;
  }

  #surroundings(options: BridgeOptions): AppSurroundings {
    const { clock, log, feedbackStore, onRejected } = this.#options;
    return { clock, log, store: feedbackStore, rules: options.rules, onRejected };
  }

  async #listen(wanted: readonly ListenerSettings[]): Promise<void> {
    const opened = await Promise.allSettled(
      wanted.map((settings) => Listener.open(settings, this.#handlers, this.#options.log)),
    );
    const listeners = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = opened.find((result) => result.status === "rejected");
    if (failure !== undefined || this.#closing !== undefined) {
      for (const listener of listeners) listener.close();
      throw failure?.reason ?? new ApnsError("ERR_APNS_LISTEN", "The bridge has been closed; start another.");
    }
    this.#listeners.push(...listeners);
  }

  readonly #handlers: ListenerHandlers = {
    mayConnect: (socket, address) => this.#mayConnect(socket, address),
    onClosed: (socket, address) => {
      this.#open.delete(socket);
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    },
    onPeer: (socket, peer, listener) => this.#onPeer(socket, peer, listener),
    onHandshakeFailed: () => this.#turnedAway.add("handshake"),
    onUnreadable: () => this.#turnedAway.add("certificate"),
  };

  #mayConnect(socket: Socket, address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits;
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open.size >= maxConnections || fromAddress >= maxConnectionsPerAddress) {
      this.#turnedAway.add("limit");
      return false;
    }
    this.#open.add(socket);
    this.#opened++;
    this.#byAddress.set(address, fromAddress + 1);
    return true;
  }

  #onPeer(socket: TLSSocket, peer: Peer, listener: Listener): void {
    if (this.#closing !== undefined) {
      this.#turnedAway.add("closing");
      closeGracefully(socket);
      return;
    }
    const sender = this.#directory.find(peer, listener.certificateRequired);
    const row = this.#report.seen(peer, sender);
    const { address, certificate, servername, tlsVersion } = peer;
    const who = { listener: listener.name, address, sender: sender?.name, app: sender?.app };
    if (sender === undefined) {
      this.#turnedAway.add("stranger");
      const { fingerprint, subject, uid, problem } = certificate ?? {};
      const fields = { ...who, fingerprint, subject, uid, problem, servername };
      this.#options.log.warn(fields, "A sender that no entry of `senders` matches was turned away.");
      // As for a certificate of the wrong environment: the handshake succeeds, then comes a close without a byte.
      closeGracefully(socket);
      return;
    }
    if (this.#connectionsOf(sender) >= sender.maxConnections) {
      this.#turnedAway.add("sender limit");
      this.#options.log.warn(who, "A sender has as many connections as it may have; one more was turned away.");
      closeGracefully(socket);
      return;
    }
    if (listener.name === "feedback") this.#serveFeedback(socket, sender, row, who);
    else this.#serveGateway(socket, sender, row, { peer, listener }, { ...who, tlsVersion });
  }

  #connectionsOf({ name }: Sender): number {
    let count = 0;
    for (const { sender } of this.#gateway.keys()) if (sender.name === name) count++;
    for (const sender of this.#feedback.values()) if (sender.name === name) count++;
    return count;
  }

  #serveGateway(socket: TLSSocket, sender: Sender, row: SenderReportRow, connected: Connected, who: object): void {
    const { window, passOverSimple, frames, errorLingerMs, limits, log } = this.#options;
    const { address } = connected.peer;
    const origin = { sender: sender.name, connection: ++this.#served, address };
    const app = this.#directory.apps.get(sender.app)!;
    const { idleTimeoutMs } = limits;
    const options = { window, passOverSimple, frames, errorLingerMs, idleTimeoutMs };
    const connection = new GatewayConnection(socket, origin, sender, app, row, options, {
      onTraffic: () => this.#report.active(row),
      onEnding: (ended, ending) => this.#onEnding(ended, ending),
      onClosed: (closed) => this.#gateway.delete(closed),
    });
    this.#gateway.set(connection, connected);
    const { apnsIdPrefix } = connection;
    log.info({ ...who, connection: origin.connection, apnsIdPrefix }, "A sender connected.");
  }

  #onEnding(connection: GatewayConnection, ending: Ending): void {
    const how = ending.kind === "errorResponse" ? `status ${ending.statusCode}` : ending.kind;
    this.#endings.add(how);
    const identifier = ending.kind === "errorResponse" ? ending.identifier : undefined;
    this.#options.log.info({ ...connection.origin, how, identifier }, "A sender's connection ends.");
  }

  #serveFeedback(socket: TLSSocket, sender: Sender, row: SenderReportRow, who: object): void {
    const { feedbackStore, onlyUsualTokens, log } = this.#options;
    const { topic } = this.#directory.apps.get(sender.app)!;
    row.feedbackReads++;
    this.#feedback.set(socket, sender);
    socket.once("close", () => this.#feedback.delete(socket));
    serveFeedback(socket, topic, feedbackStore, onlyUsualTokens).then(
      ({ tuples, complete }) => {
        if (complete) this.#feedbackRead += tuples;
        log.info({ ...who, tuples, complete }, "A sender read feedback.");
      },
      (error: Error) => {
        log.error({ ...who, error: error.message }, "Feedback could not be read from the store.");
        socket.destroy();
      },
    );
  }
}

/**
 * Starts a server that legacy senders take for Apple's gateway and feedback service, and that sends what they send
 * through the transports of the apps.
 * @throws {InvalidArgumentError} naming the option that is wrong
 * @throws {ApnsError} `ERR_APNS_LISTEN` if a port cannot be listened on, `ERR_APNS_CREDENTIALS` if the certificate cannot
 * be used
 */
export function startBridge(options: BridgeOptions): Promise<Bridge> {
  return Bridge.start(options);
}

/**
 * Throws what `startBridge` would throw about these options, and opens nothing.
 * @throws {InvalidArgumentError} naming the option that is wrong
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if the certificate cannot be used
 */
export function checkBridgeOptions(options: BridgeOptions): void {
  Bridge.check(options);
}
