import type { Endpoint } from "@apns/core";
import type { CertificateAuthority } from "@apns/credentials";
import { FeedbackService, type FeedbackStats } from "./binary/feedback.js";
import { Gateway } from "./binary/gateway.js";
import { type CredentialFiles, writeCredentialFiles } from "./credentials-folder.js";
import { Faults } from "./faults/faults.js";
import { channelService, http2Server, pushService } from "./http2/http2-server.js";
import { type Identities, makeIdentities, type SimulatorCredentials } from "./identities.js";
import { Timers } from "./io/timers.js";
import { type PortName, type ResolvedOptions, resolveOptions, type SimulatorOptions } from "./options.js";
import { Ports } from "./ports.js";
import type { Quirks } from "./quirks.js";
import { seededRandom } from "./random.js";
import { ReceivedLog, type WireStats } from "./received.js";
import type { ServerContext } from "./server-context.js";
import { World } from "./world/world.js";

export interface SimulatorStats {
  readonly http2: WireStats;
  /** Requests to channel management. */
  readonly channels: WireStats;
  readonly binary: WireStats;
  readonly feedback: FeedbackStats;
}

/** Apple's side of push notifications, running in this process. */
export class Simulator {
  /** Where notifications and broadcasts are sent to; give it to a transport as its `environment`. */
  readonly http2: Required<Endpoint>;
  /** Where channels are managed; give it to a `ChannelClient` as its `environment`. */
  readonly channels: Required<Endpoint>;
  /** Where the legacy gateway listens; give it to a transport. */
  readonly gateway: Required<Endpoint>;
  /** Where the feedback service listens; likewise. */
  readonly feedback: Required<Endpoint>;
  /** Keys and certificates that senders need. */
  readonly credentials: SimulatorCredentials;
  /** Issues further push certificates that are trusted here. */
  readonly authority: CertificateAuthority;
  /** Apps, keys and device tokens. */
  readonly world: World;
  /** The faults that are on, and the way to switch them. */
  readonly faults: Faults;
  /** Doubtful behaviour, switchable at any time. */
  readonly quirks: Quirks;
  /** The newest notifications received. */
  readonly received: ReceivedLog;
  readonly #ports: Ports;
  readonly #timers: readonly Timers[];
  readonly #gateway: Gateway;
  readonly #feedback: FeedbackService;
  readonly #identities: Identities;
  readonly #restoreStart: () => void;
  #closed: Promise<void> | undefined;

  private constructor(
    context: ServerContext,
    identities: Identities,
    fronts: { readonly gateway: Gateway; readonly feedback: FeedbackService },
    ports: Ports,
    host: string,
  ) {
    const endpoint = (name: PortName): Required<Endpoint> => ({
      // Nobody can connect to "every address".
      host: host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host,
      port: ports.numberOf(name),
      ca: identities.credentials.ca,
      servername: "localhost",
    });
    this.http2 = endpoint("http2");
    this.channels = endpoint("channels");
    this.gateway = endpoint("gateway");
    this.feedback = endpoint("feedback");
    this.credentials = identities.credentials;
    this.#identities = identities;
    this.authority = identities.authority;
    this.world = context.world;
    this.faults = context.faults;
    this.quirks = context.quirks;
    this.received = context.log;
    this.#ports = ports;
    this.#timers = [context.timers, context.clockTimers];
    this.#gateway = fronts.gateway;
    this.#feedback = fronts.feedback;
    const { unknownDeviceTokens, verdict } = context.world;
    const quirks = { ...context.quirks };
    this.#restoreStart = () => {
      populate(context.world, identities);
      Object.assign(context.world, { unknownDeviceTokens, verdict });
      Object.assign(context.quirks, quirks);
    };
  }

  /** See `startSimulator`. */
  static async start(options: ResolvedOptions): Promise<Simulator> {
    const { environment, unknownDeviceTokens, verdict, quirks, host, errorLingerMs, onReceived } = options;
    const identities = await makeIdentities(options);
    const random = seededRandom(options.seed);
    const timers = new Timers();
    const { clock: given } = options;
    const clockTimers = new Timers(given.after?.bind(given));
    const faults = new Faults(options.seed);
    const clock = { now: () => options.clock.now() + faults.clockSkewMs };
    const world = new World({ environment, clock, unknownDeviceTokens, verdict, quirks, random, timers: clockTimers });
    const log = new ReceivedLog(options.maxReceived, (notification) => {
      world.deliver(notification);
      onReceived?.(notification);
    });
    const context: ServerContext = { world, faults, quirks, log, clock, timers, clockTimers, random };
    const { ca } = identities.credentials;
    populate(world, identities);

    const legacyTls = { ca, ...options.legacyTls };
    const gateway = new Gateway(context, legacyTls, { errorLingerMs });
    const feedback = new FeedbackService(context, legacyTls);
    const ports = await Ports.open(context, options, identities, {
      http2: http2Server(context, pushService(context), ca),
      channels: http2Server(context, channelService(context), ca),
      gateway: gateway.acceptorFor,
      feedback: feedback.acceptorFor,
    });
    faults.onStanding = () => ports.follow(context);
    return new Simulator(context, identities, { gateway, feedback }, ports, host);
  }

  /** Counters since the start. */
  stats(): SimulatorStats {
    const { http2, channels, binary } = this.received;
    return {
      http2: http2.snapshot(),
      channels: channels.snapshot(),
      binary: binary.snapshot(),
      feedback: this.#feedback.stats(),
    };
  }

  /**
   * Writes the keys and certificates to a folder, for programs that want files: authority, `.p8`, `.p12` and PEM, and a
   * README of how PHP, Python, Java, Go and curl use them. The folder is made if need be; files of these names in it are
   * replaced.
   */
  writeCredentials(folder: string): Promise<CredentialFiles> {
    const { http2, channels, gateway, feedback } = this;
    return writeCredentialFiles(folder, this.#identities, { http2, channels, gateway, feedback });
  }

  /**
   * The gateway goes down for maintenance, as Apple's did: every open connection gets status 10 with the last accepted
   * identifier, and is closed. New connections are welcome.
   */
  shutdownGateway(): void {
    this.#gateway.shutdown();
  }

  /**
   * Restores the state at the start, for the next test: the one app and key, no device tokens, channels, faults or
   */
  reset(): void {
    this.faults.clear();
    this.world.clear();
    this.received.clear();
    this.#restoreStart();
  }

  /** Ends every connection and frees the ports. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const timers of this.#timers) timers.close();
    this.world.close();
    this.received.close();
    await this.#ports.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Adds the app and the signing key that every simulator starts with. */
function populate(world: World, { credentials, signingPublicKey }: Identities): void {
  const { bundleId, teamId, keyId } = credentials;
  world.addApp({ bundleId, teamId });
  world.addSigningKey({ keyId, teamId, key: signingPublicKey });
}

/**
 * Starts Apple's side on this machine: the HTTP/2 provider API with broadcasts and channels, the legacy gateway and the feedback service, with keys
 * and certificates of their own.
 * @throws {InvalidArgumentError} naming the option that is wrong
 * @throws {ApnsError} `ERR_APNS_LISTEN` if a port cannot be listened on
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return Simulator.start(resolveOptions(options));
}
