import type { Endpoint } from "@apns/core";
import type { CertificateAuthority } from "@apns/credentials";
import { FeedbackService, type FeedbackStats } from "./binary/feedback.js";
import { Gateway } from "./binary/gateway.js";
import { type CredentialFiles, writeCredentialFiles } from "./credentials-folder.js";
import { Faults } from "./faults/faults.js";
import { channelService, http2Front, pushService } from "./http2/front.js";
import { type Identities, makeIdentities, type SimulatorCredentials } from "./identities.js";
import { Timers } from "./io/timers.js";
import { type PortName, type ResolvedOptions, resolveOptions, type SimulatorOptions } from "./options.js";
import { Ports } from "./ports.js";
import type { Quirks } from "./quirks.js";
import { seededRandom } from "./random.js";
import { ReceivedLog, type WireStats } from "./received.js";
import type { Surroundings } from "./surroundings.js";
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
  /** What a sender needs to be let in. */
  readonly credentials: SimulatorCredentials;
  /** Issues further push certificates that are trusted here. */
  readonly authority: CertificateAuthority;
  /** Apps, keys and device tokens. */
  readonly world: World;
  /** What goes wrong, and when. */
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
  readonly #atStart: () => void;
  #closed: Promise<void> | undefined;

  private constructor(
    around: Surroundings,
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
    this.world = around.world;
    this.faults = around.faults;
    this.quirks = around.quirks;
    this.received = around.log;
    this.#ports = ports;
    this.#timers = [around.timers, around.clockTimers];
    this.#gateway = fronts.gateway;
    this.#feedback = fronts.feedback;
    const { unknownDeviceTokens, verdict } = around.world;
    const quirks = { ...around.quirks };
    this.#atStart = () => {
      populate(around.world, identities);
      Object.assign(around.world, { unknownDeviceTokens, verdict });
      Object.assign(around.quirks, quirks);
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
    const around: Surroundings = { world, faults, quirks, log, clock, timers, clockTimers, random };
    const { ca } = identities.credentials;
    populate(world, identities);

    const legacyTls = { ca, ...options.legacyTls };
    const gateway = new Gateway(around, legacyTls, { errorLingerMs });
    const feedback = new FeedbackService(around, legacyTls);
    const ports = await Ports.open(around, options, identities, {
      http2: http2Front(around, pushService(around), ca),
      channels: http2Front(around, channelService(around), ca),
      gateway: gateway.acceptorFor,
      feedback: feedback.acceptorFor,
    });
    faults.onStanding = () => ports.follow(around);
    return new Simulator(around, identities, { gateway, feedback }, ports, host);
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
   * Makes everything as it was at the start, for the next test: the one app and key, no device tokens, channels, faults or
   * feedback, quirks as they were given, and an empty log. Connections stay open, counters go on, devices are disconnected.
   */
  reset(): void {
    this.faults.clear();
    this.world.clear();
    this.received.clear();
    this.#atStart();
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

/** What is there from the start: the app and its signing key. */
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
