// What APNs says to one notification, whichever wire it came over. The fronts ask; this decides; the fronts say it in
// the words of their wire.
import {
  deviceTokenProblem,
  type KnownReason,
  legacyStatusRow,
  maxPayloadBytes,
  type Reason,
  reasonRow,
  type Wire,
} from "@apns/core";
import { isTopicOf } from "./app.js";
import type { World } from "./world.js";

/** One notification, as far as the decision needs it. What only its form decides is the fronts' business. */
export interface Push {
  readonly wire: Wire;
  /** Legacy wire: 0, 1 or 2. */
  readonly command?: number;
  /** Hexadecimal text; anything at all over HTTP/2. */
  readonly deviceToken: string;
  readonly topic: string;
  /** `undefined` if the sender named none, as over the legacy wire. */
  readonly pushType: string | undefined;
  readonly payloadBytes: number;
  /** The payload as text. Decoded when asked for: the faithful verdict never does. */
  readonly payload: string;
  readonly priority: number | undefined;
  /** UNIX seconds. */
  readonly expiration: number | undefined;
}

export interface AcceptedVerdict {
  readonly kind: "accepted";
  /** Accepted, yet the app is gone since then: the legacy wire tells that through the feedback service only. */
  readonly unregisteredAt?: number;
}

export interface RejectedVerdict {
  readonly kind: "rejected";
  readonly reason: Reason;
  /** Over HTTP/2. */
  readonly httpStatus: number;
  /** Over the legacy wire. */
  readonly statusCode: number;
  /** With `Unregistered`: since when, in milliseconds. */
  readonly unregisteredAt?: number;
  /** Seconds to be sent as `retry-after`. No sighting of that header from Apple is known. */
  readonly retryAfter?: number;
}

export type Verdict = AcceptedVerdict | RejectedVerdict;

/** Decides about a notification. `faithful()` is what would be said without this function. */
export type VerdictFunction = (push: Push, faithful: () => Verdict) => Verdict;

export const accepted: AcceptedVerdict = Object.freeze({ kind: "accepted" });

/** A rejection with the statuses of core's reason table; 255, "unknown", where the legacy wire has no word for it. */
export function rejected(
  reason: Reason,
  more: { readonly statusCode?: number; readonly unregisteredAt?: number; readonly httpStatus?: number } = {},
): RejectedVerdict {
  const row = reasonRow(reason, more.httpStatus);
  return Object.freeze({
    kind: "rejected",
    reason,
    httpStatus: more.httpStatus ?? row.httpStatus,
    statusCode: more.statusCode ?? row.statusCode ?? 255,
    ...(more.unregisteredAt === undefined ? {} : { unregisteredAt: more.unregisteredAt }),
  });
}

const made = new Map<Reason, RejectedVerdict>();

/** The rejection for a reason of the table, made once. */
export function rejection(reason: KnownReason): RejectedVerdict {
  let verdict = made.get(reason);
  if (verdict === undefined) {
    verdict = rejected(reason);
    made.set(reason, verdict);
  }
  return verdict;
}

const badTokenSize = rejected("BadDeviceToken", { statusCode: 5 });

const minLegacyTokenBytes = 32;

/**
 * What Apple would say.
 *
 * Order over HTTP/2: payload, then device token, then whether it is registered (inferred; only "authorization before
 * device token" was observed). Over the legacy wire the device token is judged before the payload: a frame that has
 * neither gets status 2 (observed, pushy's barrier, 2013 to 2015). Sizes other than 32 to 100 bytes get status 5 there:
 * Apple's documentation, "up to 100"; a token of one byte was seen to get 5.
 */
export function faithfulVerdict(world: World, push: Push): Verdict {
  const { deviceToken } = push;
  if (push.wire === "binary") {
    if (deviceToken === "") return rejection("MissingDeviceToken");
    const tokenBytes = deviceToken.length / 2;
    if (tokenBytes < minLegacyTokenBytes || tokenBytes > world.quirks.legacyDeviceTokenBytes) return badTokenSize;
  }
  if (push.payloadBytes === 0) return rejection("PayloadEmpty");
  if (push.payloadBytes > payloadLimit(world, push)) return rejection("PayloadTooLarge");
  const { malformedPayload } = world.quirks;
  if (malformedPayload !== "accept" && parseObject(push.payload) === undefined) return rejection(malformedPayload);
  if (push.wire === "binary") {
    const problem = legacyPriorityProblem(world, push);
    if (problem !== undefined) return problem;
  }
  if (deviceToken === "") return rejection("MissingDeviceToken");
  const device = world.device(deviceToken);
  if (device === undefined) {
    // A malformed one is bad even where unknown ones are welcome; one that is known needs no second look.
    const accept = world.unknownDeviceTokens === "accept" && deviceTokenProblem(deviceToken) === undefined;
    return accept ? accepted : rejection("BadDeviceToken");
  }
  // "Belongs to the other environment" is part of what BadDeviceToken means.
  if (device.environment !== world.environment) return rejection("BadDeviceToken");
  if (device.topic !== push.topic && !isTopicOf(device.topic, push.topic)) return rejection("DeviceTokenNotForTopic");
  if (device.unregisteredAt === undefined) return accepted;
  return push.wire === "binary"
    ? { kind: "accepted", unregisteredAt: device.unregisteredAt }
    : rejected("Unregistered", { unregisteredAt: device.unregisteredAt });
}

function payloadLimit({ quirks }: World, { wire, command, pushType }: Push): number {
  if (wire !== "binary") return maxPayloadBytes(pushType ?? "alert", wire);
  const { legacyPayloadBytes, legacyUnframedPayloadBytes } = quirks;
  return command === 2 ? legacyPayloadBytes : Math.min(legacyPayloadBytes, legacyUnframedPayloadBytes);
}

const cannotParse = 128;
const badPriority = rejected(legacyStatusRow(cannotParse).reason, { statusCode: cannotParse });

function legacyPriorityProblem({ quirks }: World, push: Push): Verdict | undefined {
  const { priority } = push;
  const { legacyPriority, legacyBackgroundPriority10 } = quirks;
  if (legacyPriority !== "accept" && priority !== 10 && priority !== 5) return badPriority;
  if (legacyBackgroundPriority10 === "accept" || priority !== 10) return undefined;
  return isForBackground(push.payload) ? rejection(legacyBackgroundPriority10) : undefined;
}

/** Whether the user would not notice: `content-available`, and neither alert, badge nor sound. */
function isForBackground(payload: string): boolean {
  const aps = parseObject(payload)?.["aps"];
  if (typeof aps !== "object" || aps === null || !("content-available" in aps)) return false;
  return !("alert" in aps || "badge" in aps || "sound" in aps);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
