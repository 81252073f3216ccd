import { type Clock, InvalidArgumentError } from "@apns/core";
import { show } from "@apns/core/internal";
import { ResendDedup, type ResendMemoryOptions } from "../inbound/resend-dedup.js";
import { Semaphore } from "../inbound/semaphore.js";
import { App } from "../upstream/app.js";
import type { AppContext, AppOptions } from "../upstream/app-options.js";
import type { Rules } from "../upstream/rules.js";
import type { ListenerSettings } from "./listener.js";
import type { Peer, ReadCertificate } from "./peer.js";
import { Sender, type SenderOptions } from "./sender.js";

/** The options about apps and senders. */
export interface RouterOptions {
  readonly apps: readonly AppOptions[];
  readonly senders: readonly SenderOptions[];
  readonly rules?: Rules;
  readonly readCertificate?: ReadCertificate;
}

/** The checked options of the bridge that routing depends on. */
export interface RouterSettings {
  readonly listeners: readonly ListenerSettings[];
  readonly resends: ResendMemoryOptions;
  readonly limits: { readonly maxUndecided: number };
  readonly clock: Clock;
}

/** Maps each peer to its sender, and each sender to its app. Replaced as a whole when the options change. */
export class Router {
  readonly apps: ReadonlyMap<string, App>;
  readonly senders: readonly Sender[];

  private constructor(apps: ReadonlyMap<string, App>, senders: readonly Sender[]) {
    this.apps = apps;
    this.senders = senders;
  }

  /**
   * Checks all of the options before anything changes.
   * @param permits of the whole bridge
   * @param previous the router in force; its apps go on under their names, and its senders' resends with them
   * @throws {InvalidArgumentError} naming the option that is wrong
   */
  static make(
    options: RouterOptions,
    settings: RouterSettings,
    permits: Semaphore,
    context: AppContext,
    previous?: Router,
  ): Router {
    const { rules } = options;
    const made = options.apps.map((app, index) => named(`apps[${index}]`, () => new App(app, rules, context)));
    const apps = new Map(made.map((app) => [app.name, app]));
    if (apps.size === 0) throw new InvalidArgumentError("apps", "is empty.");
    if (apps.size < made.length) throw new InvalidArgumentError("apps", "two have the same name.");
    // An equal share each, so that an app whose upstream is slow or closed leaves the others theirs.
    const share = Math.max(1, Math.floor(settings.limits.maxUndecided / apps.size));
    const shares = new Map(made.map(({ name }) => [name, new Semaphore(share, permits)]));
    const kept = new Map(previous?.senders.map(({ name, resends }) => [name, resends]));
    const senders = options.senders.map((sender, index) => {
      const resends = kept.get(sender.name) ?? new ResendDedup(settings.resends, settings.clock);
      return new Sender(sender, `senders[${index}]`, shares.get(sender.app) ?? permits, resends);
    });
    checkSenders(senders, apps, settings, options);
    for (const app of options.apps) {
      const running = previous?.apps.get(app.name);
      if (running === undefined) continue;
      running.update(app, rules);
      apps.set(app.name, running);
    }
    return new Router(apps, senders);
  }

  /** The sender that a peer is, or `undefined` for a stranger. */
  find(peer: Peer, certificateRequired: boolean): Sender | undefined {
    return this.senders.find((sender) => sender.matches(peer, certificateRequired));
  }

  appOf({ app }: Sender): App {
    return this.apps.get(app)!;
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
  { listeners }: RouterSettings,
  options: RouterOptions,
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
