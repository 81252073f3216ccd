import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { ApnsError } from "@apns/core";
import { checkInteger, maxTimerDelayMs } from "@apns/core/internal";
import { closeGracefully } from "@apns/net";
import { ConnectionLimits } from "./accept/connection-limits.js";
import { InheritedSockets } from "./accept/inherited-sockets.js";
import {
  Listener,
  type ListenerHandlers,
  type ListenerPeer,
  type ListenerSettings,
  tcpOptions,
} from "./accept/listener.js";
import { type Peer, withoutTrust } from "./accept/peer.js";
import { Router } from "./accept/router.js";
import type { Sender } from "./accept/sender.js";
import { UnlistedSenders } from "./accept/unlisted-senders.js";
import { EventLog } from "./admin/event-log.js";
import { type MigrationReport, SenderReport } from "./admin/report.js";
import type { SenderReportRow } from "./admin/report-row.js";
import type { BridgeStats, OperatedBridge } from "./admin/stats.js";
import { type ConnectionHandlers, GatewayConnection } from "./inbound/connection.js";
import { serveFeedback } from "./inbound/feedback-connection.js";
import { Semaphore } from "./inbound/semaphore.js";
import type { Ending } from "./inbound/verdict-order.js";
import { type BridgeOptions, type ResolvedBridgeOptions, resolveBridgeOptions } from "./options.js";
import type { AppContext, AppEvents } from "./upstream/app-options.js";
import { CounterMap } from "./upstream/counters.js";

/** The far end of a gateway connection, and the listener that accepted it. */
interface Accepted {
  readonly peer: Peer;
  readonly listener: Listener;
}

/** How long a sender has to close when all is decided, in milliseconds: as long as a connection lingers that was closed. */
const maxCloseMs = 6_000;

/** How long a sender is served whose handshake was under way when the bridge began to end, in milliseconds. */
const lateMs = 300;

/** Whether the condition holds in time. */
async function within(timeoutMs: number, condition: () => boolean): Promise<boolean> {
  const endAt = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() >= endAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** A running bridge; see {@link startBridge}. */
export class Bridge implements OperatedBridge {
  #options: ResolvedBridgeOptions;
  readonly #log: EventLog;
  readonly #report: SenderReport;
  /** One permit per undecided notification, of all apps together. */
  readonly #permits: Semaphore;
  readonly #context: AppContext;
  #router: Router;
  #listeners: Listener[] = [];
  readonly #limits = new ConnectionLimits();
  readonly #gateway = new Map<GatewayConnection, Accepted>();
  readonly #feedback = new Map<TLSSocket, Sender>();
  readonly #unlisted = new UnlistedSenders();
  #served = 0;
  #feedbackRead = 0;
  readonly #turnedAway = new CounterMap();
  readonly #endings = new CounterMap();
  #closing: Promise<void> | undefined;
  /** Whether connections that were accepted before the end began are served for a moment. */
  #servesLate = false;
  #release!: () => void;
  /** Resolves when the bridge that is closed needs its stores and transports no more, though senders may not have closed yet. */
  readonly released: Promise<void> = new Promise((resolve) => {
    this.#release = resolve;
  });

  private constructor(resolved: ResolvedBridgeOptions, options: BridgeOptions) {
    const {
      clock,
      log,
      feedbackStore,
      holdStore,
      onRejected,
      reportStore: store,
      reportSaveIntervalMs: saveIntervalMs,
    } = resolved;
    this.#options = resolved;
    this.#log = new EventLog(log);
    const onStoreFailed = (error: Error): void => this.#log.reportStoreFailed(error);
    this.#report = new SenderReport({ clock, store, saveIntervalMs, onStoreFailed });
    this.#permits = new Semaphore(resolved.limits.maxUndecided);
    const events: AppEvents = {
      onRejected,
      onHeld: this.#log.held.bind(this.#log),
      onUnreachable: this.#log.upstreamUnreachable.bind(this.#log),
      onReachable: this.#log.upstreamReachable.bind(this.#log),
      onHoldBegan: this.#log.holdBegan.bind(this.#log),
      onHoldEmptied: this.#log.holdEmptied.bind(this.#log),
      onHoldFull: this.#log.holdFull.bind(this.#log),
      onHoldFailed: this.#log.holdFailed.bind(this.#log),
      onFeedbackLost: this.#log.feedbackLost.bind(this.#log),
    };
    this.#context = { clock, feedbackStore, holdStore, events };
    this.#router = Router.make(options, resolved, this.#permits, this.#context);
  }

  /** See {@link startBridge}. */
  static async start(options: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(resolveBridgeOptions(options), options);
    await bridge.#report.open();
    try {
      await bridge.#listen(bridge.#options.listeners, options.inherited);
    } catch (error) {
      await bridge.#report.close();
      for (const listener of bridge.#listeners) listener.close();
      throw error;
    }
    for (const app of bridge.#router.apps.values()) app.watch();
    bridge.#reportOrphans();
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

  /** Whether it takes new connections, and at least one app's upstream can be reached as far as is known. */
  get ready(): boolean {
    return this.#closing === undefined && [...this.#router.apps.values()].some(({ upstreamUp }) => upstreamUp);
  }

  /** The names of the apps whose upstream cannot be reached at the moment. */
  get unreachableApps(): readonly string[] {
    return [...this.#router.apps.values()].filter(({ upstreamUp }) => !upstreamUp).map(({ name }) => name);
  }

  /** The names of the apps that upstream does not let in at the moment. */
  get heldApps(): readonly string[] {
    return [...this.#router.apps.values()].filter(({ held }) => held).map(({ name }) => name);
  }

  /** The file descriptors of its listening sockets, for a process that is to take them over; see `inherited`. */
  get descriptors(): readonly number[] {
    return this.#listeners.flatMap(({ descriptor }) => descriptor ?? []);
  }

  stats(): BridgeStats {
    const { apps, senders } = this.#router;
    return {
      gatewayConnections: this.#gateway.size,
      feedbackConnections: this.#feedback.size,
      connectionsOpened: this.#limits.accepted,
      unlistedConnections: this.#unlisted.size,
      turnedAway: this.#turnedAway.snapshot(),
      endings: this.#endings.snapshot(),
      undecided: this.#permits.taken,
      remembered: senders.reduce((sum, { resends }) => sum + resends.size, 0),
      forgotten: senders.reduce((sum, { resends }) => sum + resends.forgotten, 0),
      feedbackRead: this.#feedbackRead,
      feedbackWaiting: this.#options.feedbackStore.counts(),
      apps: Object.fromEntries([...apps].map(([name, app]) => [name, app.stats()])),
    };
  }

  /** The senders that still arrive, and since when they are counted. */
  report(): MigrationReport {
    return this.#report.snapshot();
  }

  /**
   * Takes other options. Connections live on, save those whose sender is not let in any more, or sends for another app
   * now, and, if fewer authorities are trusted, those that came in by one: they end with status code 10. Ports are opened and
   * closed as needed. `limits.maxUndecided`, `feedbackStore`, `holdStore`, `reportStore`, `reportSaveIntervalMs`, `log`, `onRejected` and
   * `clock` stay as they were.
   * @throws {InvalidArgumentError} naming the option that is wrong; nothing has changed then
   * @throws {ApnsError} `ERR_APNS_LISTEN` if a new port cannot be opened, or the bridge has been closed; nothing has
   * changed then either
   */
  async reload(options: BridgeOptions): Promise<void> {
    const { clock, log, feedbackStore, holdStore, onRejected } = this.#options;
    const resolved = { ...resolveBridgeOptions(options), clock, log, feedbackStore, holdStore, onRejected };
    // A trial without the apps in force, which would be changed.
    Router.make(options, resolved, this.#permits, this.#context);
    const key = ({ name, host, port }: ListenerSettings): string => `${name} ${host} ${port}`;
    const wanted = new Map(resolved.listeners.map((settings) => [key(settings), settings]));
    const present = new Set(this.#listeners.map(({ settings }) => key(settings)));
    await this.#listen(resolved.listeners.filter((settings) => !present.has(key(settings))));
    const previous = this.#router;
    this.#router = Router.make(options, resolved, this.#permits, this.#context, previous);
    this.#options = resolved;
    // Peers that these accepted as trusted must come in again: the authority that vouched for them may be trusted no more.
    const narrower = new Set<Listener>();
    for (const listener of this.#listeners) {
      const settings = wanted.get(key(listener.settings));
      if (settings === undefined) listener.close();
      else if (listener.update(settings)) narrower.add(listener);
    }
    this.#listeners = this.#listeners.filter(({ settings }) => wanted.has(key(settings)));
    for (const [connection, { peer, listener }] of this.#gateway) {
      const known = narrower.has(listener) ? withoutTrust(peer) : peer;
      const sender = this.#router.find(known, listener.certificateRequired);
      if (sender?.name !== connection.sender.name || sender.app !== connection.sender.app) connection.drain();
    }
    this.#serveListed(narrower);
    // Removed apps get no other answer from upstream: their deliveries held or to be tried again are settled now.
    for (const [name, app] of previous.apps) {
      if (this.#router.apps.has(name)) continue;
      app.unwatch();
      app.stopHold();
      app.giveUp();
    }
    for (const app of this.#router.apps.values()) app.watch();
    this.#reportOrphans();
  }

  /**
   * Drains: takes no new connections and no more frames, lets the frames taken be decided, then tells each sender by status
   * code 10 which one was accepted last. Frames undecided after `timeoutMs` count as not accepted. What connects meanwhile waits: for
   * the process that has the sockets, too, or in vain.
   * @param options.timeoutMs in milliseconds. @default 10_000
   * @param options.handsOver whether another process has the listening sockets, and accepts from now on. @default false
   */
  close(options: { readonly timeoutMs?: number; readonly handsOver?: boolean } = {}): Promise<void> {
    const timeoutMs = checkInteger("timeoutMs", options.timeoutMs ?? 10_000, 0, maxTimerDelayMs);
    this.#closing ??= this.#close(timeoutMs, options.handsOver ?? false);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number, handsOver: boolean): Promise<void> {
    for (const listener of this.#listeners) {
      if (handsOver || listener.isInherited) listener.close();
      else listener.keepWaiting();
    }
    this.#servesLate = true;
    this.#unlisted.refuseAll();
    for (const app of this.#router.apps.values()) app.stopHold();
    for (const connection of this.#gateway.keys()) connection.drainWhenQuiet();
    await within(Math.min(timeoutMs, lateMs), () => this.#listeners.every(({ handshakes }) => handshakes === 0));
    const isDecided = await within(timeoutMs, () => this.#isDecided);
    this.#servesLate = false;
    if (!isDecided) {
      for (const app of this.#router.apps.values()) app.giveUp();
      await this.#options.holdStore?.written();
      for (const connection of this.#gateway.keys()) connection.cut();
      for (const socket of this.#feedback.keys()) closeGracefully(socket);
      await within(this.#options.errorLingerMs + 1_000, () => this.#isDecided);
    }
    for (const app of this.#router.apps.values()) app.unwatch();
    await this.#report.close();
    this.#release();
    const closeMs = isDecided ? maxCloseMs : this.#options.errorLingerMs + 1_000;
    await within(closeMs, () => this.#gateway.size === 0 && this.#feedback.size === 0);
    for (const listener of this.#listeners) {
      listener.close();
      listener.resetHandshakes();
    }
    // Peers turned away, and peers that do not close.
    this.#limits.destroyAll();
  }

  /** Whether nothing is undecided: senders may be gone before their frames are, and others may not close when theirs are. */
  get #isDecided(): boolean {
    if (this.#feedback.size > 0 || this.#permits.taken > 0) return false;
    for (const { isEnded } of this.#gateway.keys()) if (!isEnded) return false;
    return ![...this.#router.apps.values()].some(({ isHoldRunning }) => isHoldRunning);
  }

  #reportOrphans(): void {
    for (const [app, { notifications }] of this.#options.holdStore?.sizes() ?? []) {
      if (!this.#router.apps.has(app)) this.#log.holdOrphaned({ app, notifications });
    }
  }

  async #listen(wanted: readonly ListenerSettings[], descriptors: readonly number[] = []): Promise<void> {
    // Nothing is awaited between this and the listeners that take them: they accept already.
    const inherited = new InheritedSockets(descriptors, tcpOptions);
    const opening = wanted.map((settings) => Listener.open(settings, this.#onListener, inherited.take(settings.port)));
    for (const port of inherited.closeOthers()) this.#log.socketUnused(port);
    const opened = await Promise.allSettled(opening);
    const listeners = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = opened.find((result) => result.status === "rejected");
    if (failure !== undefined || this.#closing !== undefined) {
      for (const listener of listeners) listener.close();
      throw failure?.reason ?? new ApnsError("ERR_APNS_LISTEN", "The bridge has been closed; start another.");
    }
    this.#listeners.push(...listeners);
  }

  readonly #onListener: ListenerHandlers = {
    mayConnect: (socket) => this.#mayConnect(socket),
    onPeer: (socket, peer, listener) => this.#onPeer(socket, { peer, listener }),
    onHandshakeFailed: (at, code, advice) => {
      this.#turnedAway.add("handshake");
      this.#log.handshakeFailed(at, code, advice);
    },
    onDamagedCertificate: (at, problem) => {
      this.#turnedAway.add("certificate");
      this.#log.certificateDamaged(at, problem);
    },
    onAcceptFailed: (listener, error) => this.#log.acceptFailed(listener, error),
    onFault: (at, error) => this.#log.connectionFault(at, error),
  };

  #mayConnect(socket: Socket): boolean {
    if (this.#limits.accept(socket, this.#options.limits)) return true;
    this.#turnedAway.add("limit");
    return false;
  }

  #onPeer(socket: TLSSocket, accepted: Accepted): void {
    const { peer, listener } = accepted;
    const isLate = this.#closing !== undefined;
    if (isLate && !(this.#servesLate && listener.name === "gateway")) {
      this.#refuse(socket, listener, "closing");
      return;
    }
    const sender = this.#router.find(peer, listener.certificateRequired);
    const row = this.#report.seen(peer, sender);
    if (sender === undefined) this.#onStranger(socket, accepted, row);
    else this.#serve(socket, sender, row, accepted);
    // Its handshake was under way when the end began: what it writes at once is taken, and the rest told by status code 10.
    if (isLate) setTimeout(() => this.#drainLate(), lateMs);
  }

  #drainLate(): void {
    for (const connection of this.#gateway.keys()) connection.drainWhenQuiet();
  }

  #onStranger(socket: TLSSocket, { peer, listener }: Accepted, row: SenderReportRow): void {
    const from = { listener: listener.name, address: peer.address, sender: undefined, app: undefined };
    const { holdsUnlisted, limits } = this.#options;
    if (holdsUnlisted && this.#unlisted.hold({ socket, peer, listener, row }, limits)) {
      this.#log.strangerHeld(from, peer);
    } else {
      this.#log.strangerTurnedAway(from, peer);
      this.#refuse(socket, listener, "stranger");
    }
  }

  /** Serves the connections held whose senders are listed now. */
  #serveListed(narrower: ReadonlySet<Listener>): void {
    const senderOf = ({ peer, listener }: Accepted): Sender | undefined =>
      this.#router.find(narrower.has(listener) ? withoutTrust(peer) : peer, listener.certificateRequired);
    for (const { socket, ...accepted } of this.#unlisted.take((connection) => senderOf(connection) !== undefined)) {
      const sender = senderOf(accepted)!;
      this.#serve(socket, sender, this.#report.seen(accepted.peer, sender), accepted);
    }
  }

  #serve(socket: TLSSocket, sender: Sender, row: SenderReportRow, accepted: Accepted): void {
    const { peer, listener } = accepted;
    const from = { listener: listener.name, address: peer.address };
    if (this.#connectionsOf(sender) >= sender.maxConnections) {
      this.#log.senderLimitReached({ ...from, sender: sender.name, app: sender.app });
      this.#refuse(socket, listener, "sender limit");
      return;
    }
    if (listener.name === "feedback") this.#serveFeedback(socket, sender, row, from);
    else this.#serveGateway(socket, sender, row, accepted);
  }

  #refuse(socket: TLSSocket, listener: Listener, cause: string): void {
    this.#turnedAway.add(cause);
    listener.refuse(socket);
  }

  #connectionsOf({ name }: Sender): number {
    let count = 0;
    for (const { sender } of this.#gateway.keys()) if (sender.name === name) count++;
    for (const sender of this.#feedback.values()) if (sender.name === name) count++;
    return count;
  }

  #serveGateway(socket: TLSSocket, sender: Sender, row: SenderReportRow, accepted: Accepted): void {
    const { address, tlsVersion } = accepted.peer;
    const { name: listener } = accepted.listener;
    const number = ++this.#served;
    const origin = { sender: sender.name, connection: number, address };
    const { window, passOverSimple, frames, errorLingerMs, limits } = this.#options;
    const { idleTimeoutMs } = limits;
    const holdsLeft = this.#options.holdStore !== undefined;
    const options = { window, passOverSimple, frames, errorLingerMs, idleTimeoutMs, holdsLeft };
    const route = { origin, sender, app: this.#router.appOf(sender), traffic: row };
    const handlers: ConnectionHandlers = {
      onTraffic: () => this.#report.active(row),
      onEnding: (connection, ending) => this.#onEnding(connection, ending),
      onClosed: (connection) => this.#gateway.delete(connection),
    };
    const connection = new GatewayConnection(socket, route, options, handlers);
    this.#gateway.set(connection, accepted);
    const { apnsIdPrefix } = connection;
    const from = { listener, address, sender: sender.name, app: sender.app };
    this.#log.connected(from, { tlsVersion, connection: number, apnsIdPrefix });
  }

  #onEnding({ origin }: GatewayConnection, ending: Ending): void {
    const how = ending.kind === "errorResponse" ? `status ${ending.statusCode}` : ending.kind;
    this.#endings.add(how);
    this.#log.ended(origin, how, ending);
  }

  #serveFeedback(socket: TLSSocket, sender: Sender, row: SenderReportRow, peer: ListenerPeer): void {
    const { feedbackStore, onlyUsualTokens } = this.#options;
    const { topic } = this.#router.appOf(sender);
    const from = { ...peer, sender: sender.name, app: sender.app };
    row.feedbackReads++;
    this.#feedback.set(socket, sender);
    socket.once("close", () => this.#feedback.delete(socket));
    serveFeedback(socket, topic, feedbackStore, onlyUsualTokens).then(
      (reading) => {
        if (reading.complete) this.#feedbackRead += reading.tuples;
        this.#log.feedbackRead(from, reading);
      },
      (error: Error) => {
        this.#log.feedbackFailed(from, error);
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
