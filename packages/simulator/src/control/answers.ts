// What the control API answers, as JSON schema: for readers and for those who generate clients. Nothing is checked against
// it when it is sent; a test does that.
import { faultSchema } from "../faults/fault-table.js";
import { quirksSchema } from "../quirks.js";
import type { JsonSchema } from "../rules.js";
import { environment, instant, object } from "./schemas.js";

const string: JsonSchema = { type: "string" };
const count: JsonSchema = { type: "integer", minimum: 0 };
const boolean: JsonSchema = { type: "boolean" };
const wire: JsonSchema = { enum: ["http2", "binary"] };
const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });

const verdict: JsonSchema = {
  oneOf: [
    object({ kind: { const: "accepted" }, "unregisteredAt?": instant }),
    object({
      kind: { const: "rejected" },
      reason: string,
      httpStatus: count,
      statusCode: count,
      "unregisteredAt?": instant,
      "retryAfter?": count,
    }),
  ],
};

const notification = object({
  wire,
  connection: count,
  deviceToken: string,
  topic: string,
  "pushType?": string,
  payload: string,
  "apnsId?": string,
  "apnsRequestId?": string,
  "channelId?": string,
  "collapseId?": string,
  "identifier?": count,
  "priority?": count,
  "expiration?": count,
  verdict,
  "lost?": { const: true },
  receivedAt: instant,
});

const wireStats = object({
  connections: count,
  connectionsOpen: count,
  received: count,
  accepted: count,
  rejected: count,
  discarded: count,
  rejectedByReason: { type: "object", additionalProperties: count },
});

const endpoint = object({ host: string, port: count, servername: string });
const pemIdentity = { cert: string, key: string };
const activeFault = object({ id: count, fault: faultSchema, fired: count });
const channel = object({ channelId: string, bundleId: string, messageStorage: { enum: ["none", "mostRecent"] } });
const app = object({ bundleId: string, teamId: string, "broadcast?": boolean });
const installedApp = object({ deviceToken: string, bundleId: string });

type Answer =
  | "endpoints"
  | "credentials"
  | "app"
  | "apps"
  | "key"
  | "certificate"
  | "deviceToken"
  | "feedback"
  | "channel"
  | "channels"
  | "fault"
  | "faults"
  | "quirks"
  | "received"
  | "stats"
  | "devices";

/** The bodies of answers, by what they are about. */
export const answers: Readonly<Record<Answer, JsonSchema>> = {
  endpoints: object({ http2: endpoint, channels: endpoint, gateway: endpoint, feedback: endpoint, ca: string }),
  credentials: object({
    bundleId: string,
    topic: string,
    teamId: string,
    keyId: string,
    signingKey: string,
    tls: object(pemIdentity),
    ca: string,
  }),
  app,
  apps: object({ apps: list(app) }),
  key: object({
    keyId: string,
    teamId: string,
    "environment?": environment,
    "topics?": list(string),
    "relatedKeyId?": string,
    "signingKey?": string,
  }),
  certificate: object(pemIdentity),
  deviceToken: object({ deviceToken: string, topic: string, environment, "unregisteredAt?": instant }),
  feedback: object({ tuples: list(object({ deviceToken: string, unregisteredAt: instant })) }),
  channel,
  channels: object({ channels: list(channel) }),
  fault: activeFault,
  faults: object({ faults: list(activeFault) }),
  quirks: quirksSchema,
  received: object({ total: count, notifications: list(notification) }),
  stats: object({
    http2: wireStats,
    channels: wireStats,
    binary: wireStats,
    feedback: object({ connections: count, connectionsOpen: count, tuples: count }),
  }),
  devices: object({
    devices: list(
      object({
        apps: list(installedApp),
        online: boolean,
        waiting: count,
        delivered: count,
        dropped: object({ notStored: count, replaced: count, expired: count, uninstalled: count, lost: count }),
      }),
    ),
  }),
};

const error = object({ error: object({ code: string, "field?": string, message: string }) });

/** The answer of a route, beside errors: a body, or none. */
export function answering(httpStatus: 200 | 201, body: JsonSchema): { readonly response: JsonSchema };
export function answering(httpStatus: 204): { readonly response: JsonSchema };
export function answering(httpStatus: number, body?: JsonSchema): { readonly response: JsonSchema } {
  const good = body === undefined ? { type: "null", description: "Done." } : { description: "Done.", ...body };
  return { response: { [httpStatus]: good, "4xx": { description: "What is wrong.", ...error } } };
}
