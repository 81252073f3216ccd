import type { FrameDecoderOptions } from "@apns/binary/wire";
import { type Clock, InvalidArgumentError, systemClock } from "@apns/core";
import { checkInteger, checkOneOf, checkText, maxTimerDelayMs } from "@apns/core/internal";
import type { ListenerSettings } from "./accept/listener.js";
import type { ReadCertificate } from "./accept/peer.js";
import type { SenderOptions } from "./accept/sender.js";
import { type BridgeTlsOptions, resolveTls } from "./accept/tls.js";
import { type BridgeLog, printableLog, silentLog } from "./admin/log.js";
import { memoryReportStore, type ReportStore } from "./admin/report-store.js";
import type { FeedbackStore } from "./feedback/feedback-store.js";
import type { HoldStore } from "./hold/hold-store.js";
import type { ResendMemoryOptions } from "./inbound/resend-dedup.js";
import type { AppOptions } from "./upstream/app-options.js";
import type { AuditedRejection } from "./upstream/audited-rejection.js";
import { type Rules, RuleTable } from "./upstream/rules.js";

/** A port to listen on. */
export interface ListenerOptions {
  /** 0 takes any free one. @default 2195 for the gateway, 2196 for the feedback service */
  readonly port?: number;
  /** @default "0.0.0.0" */
  readonly host?: string;
  /** Replaces options of the bridge's `tls` on this port. */
  readonly tls?: BridgeTlsOptions;
}

/** The limits of a bridge on connections, memory and time. */
export interface BridgeLimits {
  /** Connections at a time, handshakes included. @default 2_000 */
  readonly maxConnections?: number;
  /** Connections at a time from one address, handshakes included. @default 500 */
  readonly maxConnectionsPerAddress?: number;
  /** Notifications undecided at a time, in all: what memory is spent on. Each app has an equal share. @default 20_000 */
  readonly maxUndecided?: number;
  /** Connections held at a time for `unlistedSenders: "hold"`; more are refused. @default 200 */
  readonly maxUnlisted?: number;
  /** How long a TLS handshake may take, in milliseconds. @default 10_000 */
  readonly handshakeTimeoutMs?: number;
  /** A gateway connection without traffic for so long is closed, in milliseconds. @default 7_200_000 (2 hours, as seen) */
  readonly idleTimeoutMs?: number;
  /** The longest content of a frame of command 2, in bytes. @default 8_192 */
  readonly maxFrameBytes?: number;
}

export interface BridgeOptions {
  /** @default one on port 2195 */
  readonly gateway?: ListenerOptions | readonly ListenerOptions[];
  /** An empty list: no feedback service. @default one on port 2196 */
  readonly feedback?: ListenerOptions | readonly ListenerOptions[];
  readonly tls: BridgeTlsOptions;
  readonly apps: readonly AppOptions[];
  /** The first that matches counts. */
  readonly senders: readonly SenderOptions[];
  /**
   * File descriptors of listening TCP sockets, opened by another process: a listener with the port of one uses it, so that the port
   * was never closed. `inheritedDescriptors()` has those of systemd's socket activation. Only `startBridge` looks at it. @default none
   */
  readonly inherited?: readonly number[];
  /**
   * The treatment of a sender that no entry of `senders` matches. `"refuse"`: its handshake fails (with TLS 1.3, the connection is
   * reset behind it), so that it reports an error. `"hold"`: nothing is read of it until `reload` lists it; then it is served, and
   * nothing is lost; log, `stats()` and `report()` show it meanwhile. @default "refuse"
   */
  readonly unlistedSenders?: "refuse" | "hold";
  /** Rules of the mapping, for all apps. */
  readonly rules?: Rules;
  /**
   * How many frames of one connection may be undecided at a time. 1 is exact and slow: nothing goes upstream before all
   * before it is accepted, so that nothing is ever reported as discarded that went out. More is fast, and resends of what
   * went out are recognised (see `resends`). @default 1_000
   */
  readonly window?: number;
  /** How resends are recognised. */
  readonly resends?: ResendMemoryOptions;
  /**
   * The effect of a refused frame of command 0, which has no identifier: end the connection without a byte, as the gateway
   * did, whereby the sender loses all frames behind it; or be passed over, and show up in the audit only.
   * @default "close"
   */
  readonly simpleFormat?: "close" | "passOver";
  /** The reading of items of command 2 other than 1 to 5, and of repeated ones. @default problems, as in the codec */
  readonly frames?: Pick<FrameDecoderOptions, "unknownItem" | "duplicateItem">;
  /** How long a connection stays open behind an error response, with its input thrown away, in ms. @default 300 */
  readonly errorLingerMs?: number;
  readonly limits?: BridgeLimits;
  /** Keeps the feedback tuples. The caller's: the bridge never closes it. */
  readonly feedbackStore: FeedbackStore;
  /**
   * Keeps, on disk, the notifications that upstream does not take: all that are read while it is away, and those of senders that have
   * left. They go out once it takes them, up to their own expiry. The caller's. @default nothing is held on disk
   */
  readonly holdStore?: HoldStore | undefined;
  /** Keeps the report beyond the bridge's end. The caller's, and for one bridge only. @default the report ends with the bridge */
  readonly reportStore?: ReportStore;
  /** The interval at which changes of the report are saved, in ms: a crash may lose those of one interval. @default 10_000 */
  readonly reportSaveIntervalMs?: number;
  /** Whether device tokens of other lengths than 32 bytes are told as feedback. Most old readers lose step. @default "usual" */
  readonly feedbackTokens?: "usual" | "all";
  /** Reads the topics that certificates list; `describePushCertificate` of @apns/credentials, adapted. */
  readonly readCertificate?: ReadCertificate;
  /** @default none */
  readonly log?: BridgeLog;
  /** The audit: called for every notification that was not simply accepted. Must not throw. */
  readonly onRejected?: (rejection: AuditedRejection) => void;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

export interface ResolvedBridgeOptions {
  readonly listeners: readonly ListenerSettings[];
  readonly window: number;
  readonly resends: ResendMemoryOptions;
  readonly passOverSimple: boolean;
  readonly holdsUnlisted: boolean;
  readonly frames: FrameDecoderOptions;
  readonly errorLingerMs: number;
  readonly limits: Required<BridgeLimits>;
  readonly feedbackStore: FeedbackStore;
  readonly holdStore: HoldStore | undefined;
  readonly reportStore: ReportStore;
  readonly reportSaveIntervalMs: number;
  readonly onlyUsualTokens: boolean;
  readonly log: BridgeLog;
  readonly onRejected: (rejection: AuditedRejection) => void;
  readonly clock: Clock;
}

/**
 * Checks everything but apps and senders, and fills in the defaults.
 * @throws {InvalidArgumentError} naming the option
 */
export function resolveBridgeOptions(options: BridgeOptions): ResolvedBridgeOptions {
  const limits = resolveLimits(options.limits ?? {});
  const simpleFormat = checkOneOf("simpleFormat", options.simpleFormat ?? "close", ["close", "passOver"] as const);
  const unlisted = checkOneOf("unlistedSenders", options.unlistedSenders ?? "refuse", ["refuse", "hold"] as const);
  const tokens = checkOneOf("feedbackTokens", options.feedbackTokens ?? "usual", ["usual", "all"] as const);
  if (options.feedbackStore === undefined) {
    throw new InvalidArgumentError("feedbackStore", "is missing; openStores({ path }) makes one on disk.");
  }
  new RuleTable(options.rules);
  return {
    listeners: [
      ...resolveListeners("gateway", 2195, options, limits),
      ...resolveListeners("feedback", 2196, options, limits),
    ],
    window: checkInteger("window", options.window ?? 1_000, 1, 100_000),
    resends: options.resends ?? {},
    passOverSimple: simpleFormat === "passOver",
    holdsUnlisted: unlisted === "hold",
    // Payload and device token have limits of the app's own, with status codes that fit.
    frames: { ...options.frames, maxFrameBytes: limits.maxFrameBytes },
    errorLingerMs: checkInteger("errorLingerMs", options.errorLingerMs ?? 300, 0, maxTimerDelayMs),
    limits,
    feedbackStore: options.feedbackStore,
    holdStore: options.holdStore,
    reportStore: options.reportStore ?? memoryReportStore(),
    reportSaveIntervalMs: checkInteger(
      "reportSaveIntervalMs",
      options.reportSaveIntervalMs ?? 10_000,
      1,
      maxTimerDelayMs,
    ),
    onlyUsualTokens: tokens === "usual",
    log: options.log === undefined ? silentLog : printableLog(options.log),
    onRejected: options.onRejected ?? (() => {}),
    clock: options.clock ?? systemClock,
  };
}

function resolveLimits(limits: BridgeLimits): Required<BridgeLimits> {
  const check = (name: keyof BridgeLimits, usual: number, max?: number): number =>
    checkInteger(`limits.${name}`, limits[name] ?? usual, 1, max);
  return {
    maxConnections: check("maxConnections", 2_000),
    maxConnectionsPerAddress: check("maxConnectionsPerAddress", 500),
    maxUndecided: check("maxUndecided", 20_000),
    maxUnlisted: check("maxUnlisted", 200),
    handshakeTimeoutMs: check("handshakeTimeoutMs", 10_000, maxTimerDelayMs),
    idleTimeoutMs: check("idleTimeoutMs", 7_200_000, maxTimerDelayMs),
    maxFrameBytes: check("maxFrameBytes", 8_192, 1024 * 1024),
  };
}

function resolveListeners(
  name: "gateway" | "feedback",
  usualPort: number,
  options: BridgeOptions,
  limits: Required<BridgeLimits>,
): ListenerSettings[] {
  const { readCertificate, tls } = options;
  return [options[name] ?? {}].flat().map((listener: ListenerOptions, index) => ({
    name,
    host: checkText(`${name}[${index}].host`, listener.host ?? "0.0.0.0"),
    port: checkInteger(`${name}[${index}].port`, listener.port ?? usualPort, 0, 65_535),
    tls: resolveTls(listener.tls === undefined ? "tls" : `${name}[${index}].tls`, { ...tls, ...listener.tls }),
    handshakeTimeoutMs: limits.handshakeTimeoutMs,
    readCertificate,
  }));
}
