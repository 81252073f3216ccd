import type { ListenerName, ListenerPeer } from "../accept/listener.js";
import type { Peer } from "../accept/peer.js";
import type { Ending } from "../inbound/verdict-order.js";
import type { HeldApp } from "../upstream/app-options.js";
import type { Origin } from "../upstream/delivery.js";
import type { BridgeLog } from "./log.js";

/** The connection that a line is about. */
interface ConnectionFields extends ListenerPeer {
  readonly sender: string | undefined;
  readonly app: string | undefined;
}

/** Every line that the bridge logs. */
export class EventLog {
  readonly #log: BridgeLog;

  constructor(log: BridgeLog) {
    this.#log = log;
  }

  socketUnused(port: number): void {
    this.#log.warn(
      { port },
      "A socket that the process was started with is for no listener of the configuration; it was closed.",
    );
  }

  acceptFailed(listener: ListenerName, { message }: Error): void {
    this.#log.error({ listener, error: message }, "Accept failed.");
  }

  connectionFault(at: ListenerPeer, { message, stack }: Error): void {
    const fields = { ...at, error: message, stack };
    this.#log.error(fields, "A connection was ended by an error in the bridge; please report it.");
  }

  handshakeFailed(at: ListenerPeer, code: string | undefined, advice: string | undefined): void {
    const fields = { ...at, code };
    // Port scans and health checks of load balancers connect and leave; only a failure that an option could mend is worth a line.
    if (advice === undefined) this.#log.debug(fields, "A TLS handshake failed.");
    else this.#log.warn(fields, `A TLS handshake failed. ${advice}`);
  }

  certificateDamaged(at: ListenerPeer, problem: string): void {
    this.#log.warn({ ...at, problem }, "A sender whose certificate is damaged was turned away.");
  }

  strangerTurnedAway(connection: ConnectionFields, peer: Peer): void {
    this.#log.warn(
      { ...connection, ...claimsOf(peer) },
      "A sender that no entry of `senders` matches was turned away.",
    );
  }

  strangerHeld(connection: ConnectionFields, peer: Peer): void {
    const message = "A sender that no entry of `senders` matches is held; it is served as soon as one does.";
    this.#log.warn({ ...connection, ...claimsOf(peer) }, message);
  }

  senderLimitReached(connection: ConnectionFields): void {
    const message = "A sender has as many connections as it may have; one more was turned away.";
    this.#log.warn(connection, message);
  }

  connected(
    connection: ConnectionFields,
    details: { readonly tlsVersion: string; readonly connection: number; readonly apnsIdPrefix: string },
  ): void {
    this.#log.info({ ...connection, ...details }, "A sender connected.");
  }

  ended(origin: Origin, how: string, ending: Ending): void {
    const identifier = ending.kind === "errorResponse" ? ending.identifier : undefined;
    this.#log.info({ ...origin, how, identifier }, "A sender's connection ends.");
  }

  feedbackRead(connection: ConnectionFields, reading: { readonly tuples: number; readonly complete: boolean }): void {
    this.#log.info({ ...connection, ...reading }, "A sender read feedback.");
  }

  feedbackFailed(connection: ConnectionFields, { message }: Error): void {
    this.#log.error({ ...connection, error: message }, "Feedback could not be read from the store.");
  }

  feedbackLost({ app, deviceToken, error }: { app: string; deviceToken: string; error: Error }): void {
    this.#log.error({ app, deviceToken, error: error.message }, "A feedback tuple was not stored.");
  }

  held({ suspected, ...held }: HeldApp): void {
    const message = suspected
      ? "Upstream refuses one device token after the other and accepts none: the topic or the environment is probably wrong. Senders are kept waiting, not told to delete tokens; see suspectAfter."
      : "Upstream does not let this app in. Its senders are kept waiting until it does; correct its key, certificate or topic, and reload.";
    this.#log.error(held, message);
  }

  upstreamUnreachable(at: { readonly app: string; readonly problem: string }): void {
    this.#log.error(
      at,
      "Upstream cannot be reached. What is read goes to the hold on disk; without one it waits for its time, and senders are slowed.",
    );
  }

  upstreamReachable(at: { readonly app: string; readonly afterMs: number }): void {
    this.#log.info(at, "Upstream is reached again.");
  }

  holdBegan(at: { readonly app: string; readonly notifications: number }): void {
    this.#log.warn(at, "Notifications are held on disk. They go out when upstream takes them.");
  }

  holdEmptied(at: { readonly app: string; readonly notifications: number }): void {
    this.#log.info(at, "All notifications that were held on disk are decided.");
  }

  holdFull(at: { readonly app: string; readonly notifications: number; readonly bytes: number }): void {
    const message =
      "The hold on disk is full: senders are slowed, and those that are connected are told to resend. See hold.maxNotifications and hold.maxBytes.";
    this.#log.error(at, message);
  }

  holdFailed({ app, error }: { app: string; error: Error }): void {
    this.#log.error(
      { app, error: error.message },
      "The hold on disk fails; what upstream does not take is kept in memory.",
    );
  }

  holdOrphaned(at: { readonly app: string; readonly notifications: number }): void {
    this.#log.error(at, "Notifications of an app that is not configured are held on disk; they wait until it is.");
  }

  reportStoreFailed({ message }: Error): void {
    this.#log.error({ error: message }, "The report's store fails; what it counts may not outlive the bridge.");
  }
}

/** What a sender can be listed by. */
function claimsOf({ certificate, servername }: Peer): object {
  const { fingerprint, subject, uid, problem } = certificate ?? {};
  return { fingerprint, subject, uid, problem, servername };
}
