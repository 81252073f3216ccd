// The configuration file's shape. Names are those of the options, so that an error about an option points at its line.
import { maxTimerDelayMs } from "@apns/core/internal";
import { z } from "zod";
import type { BridgeConfig } from "./bridge-config.js";

const milliseconds = z.int().min(1).max(maxTimerDelayMs);
const port = z.int().min(0).max(65_535);
const text = z.string().min(1);
const oneOrMore = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.array(schema).min(1)]);
const tlsVersion = z.enum(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);

/** A secret is never in the file: the environment variable that holds it is. */
const passphraseEnv = text.optional();

const tls = z.strictObject({
  cert: text.optional(),
  key: text.optional(),
  pfx: text.optional(),
  passphraseEnv,
  minVersion: tlsVersion.optional(),
  maxVersion: tlsVersion.optional(),
  ciphers: text.optional(),
  clientCertificate: z.enum(["required", "optional", "off"]).optional(),
  clientCa: oneOrMore(text).optional(),
  acceptExpired: z.boolean().optional(),
});

const listener = z.strictObject({ host: text.optional(), port: port.optional(), tls: tls.optional() });

const statusRule = z.strictObject({ refuse: z.int().min(0).max(255) });
const lastRule = z.union([z.enum(["accept", "shutdown", "close"]), statusRule]);
const rule = z.union(
  [
    z.enum(["accept", "shutdown", "close", "feedback", "hold"]),
    statusRule,
    z.strictObject({ retryForMs: milliseconds, finally: lastRule }),
  ],
  "is not a rule; give accept, feedback, hold, shutdown, close, { refuse: status } or { retryForMs, finally }",
);
const rules = z.record(text, rule);

const upstream = z
  .strictObject({
    environment: z.union([
      z.enum(["production", "development"]),
      z.strictObject({ host: text, port: port.optional(), ca: text.optional(), servername: text.optional() }),
    ]),
    token: z.strictObject({ key: text, keyId: text, teamId: text }).optional(),
    certificate: z
      .strictObject({ cert: text.optional(), key: text.optional(), pfx: text.optional(), passphraseEnv })
      .optional(),
    port: port.optional(),
    maxConnections: z.int().min(1).max(100).optional(),
    timeoutMs: milliseconds.optional(),
    proxy: text.optional(),
  })
  .refine(({ token, certificate }) => (token === undefined) !== (certificate === undefined), {
    error: "gives no way to authenticate, or two; give token or certificate",
  });

const app = z.strictObject({
  name: text,
  topic: text,
  upstream,
  pushTypes: z.array(z.strictObject({ key: text.optional(), pushType: text })).optional(),
  maxPayloadBytes: z.int().min(1).max(5120).optional(),
  minDeviceTokenBytes: z.int().min(1).max(200).optional(),
  maxDeviceTokenBytes: z.int().min(1).max(200).optional(),
  absentExpiry: z.enum(["default", "once"]).optional(),
  hugeExpiry: z.enum(["once", "date"]).optional(),
  invalidJson: z.enum(["forward", "refuse"]).optional(),
  suspectAfter: z.int().min(0).optional(),
  rules: rules.optional(),
});

const sender = z.strictObject({
  name: text,
  app: text,
  match: z.strictObject({
    fingerprint: oneOrMore(text).optional(),
    uid: text.optional(),
    listedTopic: text.optional(),
    port: port.optional(),
    servername: text.optional(),
    address: text.optional(),
  }),
  maxConnections: z.int().min(1).optional(),
  maxUndecided: z.int().min(1).optional(),
});

export const configSchema: z.ZodType<BridgeConfig> = z.strictObject({
  gateway: oneOrMore(listener).optional(),
  feedback: z.union([listener, z.array(listener)]).optional(),
  /** The address of health, metrics and the report. */
  operations: z.strictObject({ host: text.optional(), port, allowedHosts: z.array(text).optional() }).optional(),
  tls,
  /** The directory of the feedback list, the hold and the report. */
  store: text,
  /** What is held on disk until upstream takes it. */
  hold: z
    .union([
      z.literal("off"),
      z.strictObject({ maxNotifications: z.int().min(1).optional(), maxBytes: z.int().min(1).optional() }),
    ])
    .optional(),
  apps: z.array(app).min(1),
  senders: z.array(sender).min(1),
  rules: rules.optional(),
  window: z.int().min(1).max(100_000).optional(),
  resends: z
    .strictObject({ maxRemembered: z.int().min(0).optional(), rememberForMs: z.int().min(0).optional() })
    .optional(),
  unlistedSenders: z.enum(["refuse", "hold"]).optional(),
  simpleFormat: z.enum(["close", "passOver"]).optional(),
  frames: z
    .strictObject({
      unknownItem: z.enum(["problem", "skip"]).optional(),
      duplicateItem: z.enum(["problem", "last"]).optional(),
    })
    .optional(),
  errorLingerMs: z.int().min(0).max(maxTimerDelayMs).optional(),
  feedbackTokens: z.enum(["usual", "all"]).optional(),
  limits: z
    .strictObject({
      maxConnections: z.int().min(1).optional(),
      maxConnectionsPerAddress: z.int().min(1).optional(),
      maxUndecided: z.int().min(1).optional(),
      maxUnlisted: z.int().min(1).optional(),
      handshakeTimeoutMs: milliseconds.optional(),
      idleTimeoutMs: milliseconds.optional(),
      maxFrameBytes: z.int().min(1).optional(),
    })
    .optional(),
  /** A file that gets a line of JSON for each notification that was not simply accepted. */
  audit: z.union([text, z.strictObject({ file: text, payload: z.boolean().optional() })]).optional(),
  logLevel: z.enum(["debug", "info", "warn", "error"]).optional(),
  /** How long a graceful end may take. */
  drainTimeoutMs: z.int().min(0).max(maxTimerDelayMs).optional(),
});
