import { isIP } from "node:net";
import type { SecureVersion } from "node:tls";
import { type AppleEnvironment, type Clock, InvalidArgumentError, systemClock } from "@apns/core";
import { checkInteger, checkOneOf, checkText } from "@apns/core/internal";
import type { KeyType } from "@apns/credentials";
import { checkQuirks, defaultQuirks, type Quirks } from "./quirks.js";
import type { ReceivedNotification } from "./received.js";
import type { VerdictFunction } from "./world/verdict.js";

/** The ports of a simulator, by what listens there. */
export type PortName = "http2" | "channels" | "gateway" | "feedback";

/** A clock. With `after`, it also times the durations that options, quirks and faults set, in place of the machine's. */
export interface SimulatorClock extends Clock {
  /** Calls back after so many milliseconds of this clock; returns what cancels that. */
  after?(ms: number, callback: () => void): () => void;
}

export interface SimulatorOptions {
  /** The app everything is set up for. @default "com.example.App" */
  readonly bundleId?: string;
  /** @default "TEAM123456" */
  readonly teamId?: string;
  /** The id of the signing key that is made. @default "KEY1234567" */
  readonly keyId?: string;
  /** Which of Apple's environments this is. @default "production" */
  readonly environment?: AppleEnvironment;

  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** Ports; 0 takes any free one. @default 0 for each */
  readonly ports?: { readonly [Name in PortName]?: number };
  /** How many connections a port holds at a time; further ones are ended as soon as they come. @default 10_000 */
  readonly maxConnections?: number;
  /** Round trip of the simulated network, in milliseconds, TCP and TLS handshakes included. @default 0 */
  readonly latencyMs?: number;

  /** Decides about notifications in place of the faithful verdict, which goes on to decide about broadcasts. */
  readonly verdict?: VerdictFunction;
  /** The verdict about device tokens that were never registered. @default "reject" */
  readonly unknownDeviceTokens?: "reject" | "accept";
  /** Doubtful behaviour of Apple's, switched; see `Quirks` for each one's default. */
  readonly quirks?: Partial<Quirks>;

  /** How many of the newest notifications `received` keeps. @default 10_000 */
  readonly maxReceived?: number;
  /** Called for every notification decided, at once and before the answer leaves the process. */
  readonly onReceived?: (notification: ReceivedNotification) => void;

  /** How long the gateway keeps a connection open behind an error response, in milliseconds. @default 300 */
  readonly errorLingerMs?: number;
  /** TLS of gateway and feedback service. @default { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } */
  readonly legacyTls?: {
    readonly minVersion?: SecureVersion;
    readonly maxVersion?: SecureVersion;
    /** Senders that speak TLS 1.0 only need `minVersion: "TLSv1"` and `ciphers: "DEFAULT:@SECLEVEL=0"`. */
    readonly ciphers?: string;
  };
  /** The type of key in the certificates: `rsa`, as Apple's, for old senders; `ec` starts faster. @default "ec" */
  readonly keyType?: KeyType;
  /** Further names and addresses for the servers' certificate. @default none */
  readonly hosts?: readonly string[];

  /** The seed of every random choice: faults with a share, ids made up. @default 1 */
  readonly seed?: number;
  /**
   * Where the time comes from: of the age of provider tokens, of `receivedAt`, of expirations. With `after`, also of
   * `batchMs`, of what faults delay, and of idle time-outs, so that nothing of these waits for the machine.
   * @default the machine's clock
   */
  readonly clock?: SimulatorClock;
}

type Complete<T> = { readonly [Key in keyof T]-?: T[Key] };

export interface ResolvedOptions
  extends Complete<Omit<SimulatorOptions, "verdict" | "onReceived" | "legacyTls" | "quirks">> {
  readonly ports: { readonly [Name in PortName]: number };
  readonly quirks: Quirks;
  readonly verdict: VerdictFunction | undefined;
  readonly onReceived: ((notification: ReceivedNotification) => void) | undefined;
  readonly legacyTls: {
    readonly minVersion: SecureVersion;
    readonly maxVersion: SecureVersion;
    readonly ciphers: string | undefined;
  };
}

const tlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

/** @throws {InvalidArgumentError} naming the option that is wrong */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const { ports = {}, legacyTls = {}, latencyMs = 0 } = options;
  if (!(typeof latencyMs === "number" && latencyMs >= 0 && latencyMs <= 60_000)) {
    throw new InvalidArgumentError("latencyMs", `${String(latencyMs)} is not a number of milliseconds up to 60,000.`);
  }
  const host = checkText("host", options.host ?? "127.0.0.1");
  if (isIP(host) === 0 && host !== "localhost") {
    throw new InvalidArgumentError("host", `${JSON.stringify(host)} is not an IP address to listen on.`);
  }
  const port = (name: PortName): number => checkInteger(`ports.${name}`, ports[name] ?? 0, 0, 65_535);
  return {
    bundleId: checkText("bundleId", options.bundleId ?? "com.example.App"),
    teamId: checkText("teamId", options.teamId ?? "TEAM123456"),
    keyId: checkText("keyId", options.keyId ?? "KEY1234567"),
    environment: checkOneOf("environment", options.environment ?? "production", ["production", "development"] as const),
    host,
    ports: { http2: port("http2"), channels: port("channels"), gateway: port("gateway"), feedback: port("feedback") },
    maxConnections: checkInteger("maxConnections", options.maxConnections ?? 10_000, 1, 1_000_000),
    latencyMs,
    verdict: options.verdict,
    unknownDeviceTokens: checkOneOf("unknownDeviceTokens", options.unknownDeviceTokens ?? "reject", [
      "reject",
      "accept",
    ] as const),
    quirks: { ...defaultQuirks, ...checkQuirks(options.quirks ?? {}) },
    maxReceived: checkInteger("maxReceived", options.maxReceived ?? 10_000, 0, 10_000_000),
    onReceived: options.onReceived,
    errorLingerMs: checkInteger("errorLingerMs", options.errorLingerMs ?? 300, 0, 60_000),
    legacyTls: {
      minVersion: checkOneOf("legacyTls.minVersion", legacyTls.minVersion ?? "TLSv1.2", tlsVersions),
      maxVersion: checkOneOf("legacyTls.maxVersion", legacyTls.maxVersion ?? "TLSv1.2", tlsVersions),
      ciphers: legacyTls.ciphers,
    },
    keyType: checkOneOf("keyType", options.keyType ?? "ec", ["ec", "rsa"] as const),
    hosts: options.hosts ?? [],
    seed: checkInteger("seed", options.seed ?? 1, 0, 0xffff_ffff),
    clock: options.clock ?? systemClock,
  };
}
