// Every type of fault: on which wires it exists, when it can be applied, and its fields. Checks, JSON schema and the
// servers' queries all use this table.
import { InvalidArgumentError, type Wire } from "@apns/core";
import { checkOneOf } from "@apns/core/internal";
import {
  boolean,
  checkFields,
  either,
  type Fields,
  integer,
  type JsonSchema,
  oneOf,
  optional,
  required,
  schemaOf,
  share,
  text,
} from "../rules.js";
import type { Fault } from "./fault.js";

/**
 * When a fault can be applied: for as long as it is on; when a TCP connection is accepted; at a notification; beside its
 * answer; when an error response leaves the gateway; when a connection to the feedback service is accepted.
 */
export type FaultMoment = "standing" | "connection" | "notification" | "answer" | "errorResponse" | "feedback";

export interface FaultRow {
  readonly wires: readonly Wire[];
  readonly moment: FaultMoment;
  readonly fields: Fields;
}

const both: readonly Wire[] = ["http2", "binary"];
const modern: readonly Wire[] = ["http2"];
const legacy: readonly Wire[] = ["binary"];

const max32 = 0xffff_ffff;
const max31 = 0x7fff_ffff;
const ms = integer(0, 3_600_000);
const positiveMs = integer(1, 3_600_000);
const day = 86_400_000;
const bytesPerSecond = optional(integer(1, 1_000_000_000));

export const faultTable: Readonly<Record<Fault["type"], FaultRow>> = {
  refuseConnections: { wires: both, moment: "standing", fields: {} },
  clockSkew: { wires: both, moment: "standing", fields: { ms: required(integer(-365 * day, 365 * day)) } },
  stallTls: { wires: both, moment: "connection", fields: {} },
  tlsAlert: { wires: both, moment: "connection", fields: { alert: optional(integer(0, 255)) } },
  serverCertificate: {
    wires: both,
    moment: "connection",
    fields: { is: required(oneOf("expired", "untrusted", "otherName")) },
  },
  dropConnection: { wires: both, moment: "connection", fields: { how: required(oneOf("fin", "rst")) } },
  link: {
    wires: both,
    moment: "connection",
    fields: {
      latencyMs: optional(integer(0, 60_000)),
      jitterMs: optional(integer(0, 60_000)),
      uploadBytesPerSecond: bytesPerSecond,
      downloadBytesPerSecond: bytesPerSecond,
    },
  },
  blackHole: { wires: both, moment: "notification", fields: { answersPing: optional(boolean) } },
  cut: {
    wires: both,
    moment: "notification",
    fields: { how: required(oneOf("closeNotify", "fin", "rst")), midFrame: optional(boolean) },
  },
  goAway: {
    wires: modern,
    moment: "notification",
    fields: {
      reason: optional(text),
      errorCode: optional(integer(0, max32)),
      lastStream: optional(either(integer(0, max31), oneOf("this", "previous"))),
      close: optional(boolean),
      announced: optional(boolean),
    },
  },
  refuseStream: { wires: modern, moment: "notification", fields: {} },
  resetStream: {
    wires: modern,
    moment: "notification",
    fields: { errorCode: required(integer(0, max32)), decided: optional(boolean) },
  },
  wedge: { wires: modern, moment: "notification", fields: {} },
  shutdown: { wires: legacy, moment: "notification", fields: {} },
  reject: {
    wires: both,
    moment: "notification",
    fields: {
      reason: required(text),
      httpStatus: optional(integer(400, 599)),
      statusCode: optional(integer(0, 255)),
      retryAfter: optional(integer(0, 1_000_000)),
    },
  },
  settings: {
    wires: modern,
    moment: "answer",
    fields: {
      maxConcurrentStreams: optional(integer(0, max32)),
      initialWindowBytes: optional(integer(0, max31)),
      maxFrameBytes: optional(integer(16_384, 0xff_ffff)),
      headerTableBytes: optional(integer(0, 65_536)),
      forMs: optional(positiveMs),
    },
  },
  stopReading: { wires: both, moment: "answer", fields: { forMs: optional(positiveMs) } },
  lose: { wires: both, moment: "answer", fields: {} },
  delay: { wires: modern, moment: "answer", fields: { ms: required(ms), jitterMs: optional(ms) } },
  reorder: { wires: modern, moment: "answer", fields: { depth: required(integer(2, 10_000)) } },
  errorResponse: {
    wires: legacy,
    moment: "errorResponse",
    fields: {
      how: required(oneOf("missing", "split", "reset", "delayed", "garbled", "trailing", "open")),
      at: optional(integer(1, 5)),
      ms: optional(positiveMs),
      jitterMs: optional(ms),
    },
  },
  wrongIdentifier: {
    wires: legacy,
    moment: "errorResponse",
    fields: { names: required(oneOf("zero", "previous", "random")) },
  },
  identifierZero: { wires: legacy, moment: "errorResponse", fields: {} },
  feedback: {
    wires: legacy,
    moment: "feedback",
    fields: { how: required(oneOf("split", "truncated", "reset", "open", "twice", "kept")) },
  },
};

const faultTypes = Object.keys(faultTable) as Fault["type"][];

/** The fields that say when a fault is applied, as far as its moment has them. */
function triggerFields({ wires, moment }: FaultRow): Fields {
  const wire = optional(oneOf(...wires));
  if (moment === "standing") return { wire };
  const often = { wire, share: optional(share), times: optional(integer(1, Number.MAX_SAFE_INTEGER)) };
  const after = optional(integer(0, Number.MAX_SAFE_INTEGER));
  if (moment === "connection" || moment === "feedback") return { ...often, after };
  const connection = optional(integer(1, Number.MAX_SAFE_INTEGER));
  const deviceToken = optional(text);
  if (moment === "errorResponse") return { ...often, connection, deviceToken };
  return {
    ...often,
    after,
    connection,
    deviceToken,
    ...(wires.includes("http2") ? { api: optional(oneOf("device", "broadcast", "channel")) } : {}),
  };
}

function fieldsOf(type: Fault["type"]): Fields {
  const row = faultTable[type];
  return { type: required(oneOf(type)), ...triggerFields(row), ...row.fields };
}

/** @throws {InvalidArgumentError} naming the field that is wrong */
export function checkFault(fault: Fault): void {
  if (typeof fault !== "object" || fault === null) throw new InvalidArgumentError("fault", "is not an object.");
  checkFields("fault", fault, fieldsOf(checkOneOf("fault.type", fault.type, faultTypes)));
}

/** Faults as JSON schema: one for each type. */
export const faultSchema: JsonSchema = {
  oneOf: faultTypes.map((type) => schemaOf(fieldsOf(type), { title: type })),
};
