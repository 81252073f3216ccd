import { InvalidArgumentError, show } from "@apns/core";
import type { BridgeOptions, ResolvedBridgeOptions } from "../options.js";
import { App, type AppSurroundings } from "../upstream/app.js";
import { ResendMemory } from "../wire/resend-memory.js";
import { Admission } from "./admission.js";
import type { Peer } from "./peer.js";
import { Sender } from "./sender.js";

/** Who may send for which app. Replaced as a whole when the options change. */
export class Directory {
  readonly apps: ReadonlyMap<string, App>;
  readonly senders: readonly Sender[];

  private constructor(apps: ReadonlyMap<string, App>, senders: readonly Sender[]) {
    this.apps = apps;
    this.senders = senders;
  }

  /**
   * Checks all of it before anything changes.
   * @param previous what was in force; its apps go on under their names, and its senders' memories with them
   * @throws {InvalidArgumentError} naming the option that is wrong
   */
  static make(
    options: BridgeOptions,
    resolved: ResolvedBridgeOptions,
    room: Admission,
    around: AppSurroundings,
    previous?: Directory,
  ): Directory {
    const made = options.apps.map((app, index) => named(`apps[${index}]`, () => new App(app, around)));
    const apps = new Map(made.map((app) => [app.name, app]));
    if (apps.size === 0) throw new InvalidArgumentError("apps", "is empty.");
    if (apps.size < made.length) throw new InvalidArgumentError("apps", "two have the same name.");
    // An equal share each, so that an app whose upstream is slow or closed leaves the others theirs.
    const share = Math.max(1, Math.floor(resolved.limits.maxUndecided / apps.size));
    const rooms = new Map(made.map(({ name }) => [name, new Admission(share, room)]));
    const memories = new Map(previous?.senders.map(({ name, memory }) => [name, memory]));
    const senders = options.senders.map((sender, index) => {
      const memory = memories.get(sender.name) ?? new ResendMemory(resolved.resends, resolved.clock);
      return new Sender(sender, `senders[${index}]`, rooms.get(sender.app) ?? room, memory);
    });
    checkSenders(senders, apps, resolved, options);
    for (const app of options.apps) {
      const kept = previous?.apps.get(app.name);
      if (kept === undefined) continue;
      kept.update(app, options.rules);
      apps.set(app.name, kept);
    }
    return new Directory(apps, senders);
  }

  /** The sender that a peer is, or `undefined` for a stranger. */
  find(peer: Peer, certificateRequired: boolean): Sender | undefined {
    return this.senders.find((sender) => sender.matches(peer, certificateRequired));
  }
}

/** Errors about a part of the options name the whole path to it. */
function named<Result>(field: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const problem = error.message.slice(error.field.length + 2);
    throw new InvalidArgumentError(`${field}.${error.field}`, problem, { cause: error, code: error.code });
  }
}

function checkSenders(
  senders: readonly Sender[],
  apps: ReadonlyMap<string, App>,
  { listeners }: ResolvedBridgeOptions,
  options: BridgeOptions,
): void {
  if (new Set(senders.map(({ name }) => name)).size < senders.length) {
    throw new InvalidArgumentError("senders", "two have the same name.");
  }
  for (const [index, sender] of senders.entries()) {
    const field = `senders[${index}]`;
    if (!apps.has(sender.app)) {
      throw new InvalidArgumentError(
        `${field}.app`,
        `no app is named ${show(sender.app)}; there are ${[...apps.keys()].join(", ")}.`,
      );
    }
    if (sender.needsAuthority && listeners.every(({ tls }) => tls.authorities.length === 0)) {
      throw new InvalidArgumentError(
        `${field}.match`,
        "uid and listedTopic mean certificates of authorities you trust: give those in tls.clientCa, or match by fingerprint.",
      );
    }
    if (sender.needsCertificate && listeners.every(({ tls }) => tls.clientCertificate === "off")) {
      throw new InvalidArgumentError(`${field}.match`, "asks for a certificate, but tls.clientCertificate is off.");
    }
    const required = listeners.every(({ tls }) => tls.clientCertificate === "required" && tls.authorities.length === 0);
    if (required && !sender.needsCertificate) {
      throw new InvalidArgumentError(
        `${field}.match`,
        "can never fit: certificates are required, and none is trusted. Match by fingerprint, give tls.clientCa, or make tls.clientCertificate optional or off.",
      );
    }
    if (options.senders[index]!.match.listedTopic !== undefined && options.readCertificate === undefined) {
      throw new InvalidArgumentError(`${field}.match.listedTopic`, "needs the option readCertificate.");
    }
  }
}
