import { type AppleEnvironment, deviceTokenProblem, legacyStatusRow, maxPayloadBytes } from "@apns/core";
import type { Quirks } from "../quirks.js";
import { isTopicOf } from "./app.js";
import type { Device } from "./device-table.js";
import { accepted, type Push, rejected, rejection, type Verdict } from "./verdict.js";

/** The part of the world that the faithful verdict depends on. */
export interface VerdictContext {
  readonly environment: AppleEnvironment;
  readonly quirks: Quirks;
  /** The verdict about device tokens that were never registered. */
  readonly unknownDeviceTokens: "reject" | "accept";
  device(deviceToken: string): Device | undefined;
}

const badTokenSize = rejected("BadDeviceToken", { statusCode: 5 });

const minLegacyTokenBytes = 32;

/**
 * The verdict that Apple would give.
 *
 * Order over HTTP/2: payload, then device token, then whether it is registered (inferred; only "authorization before
 * device token" was observed). Over the legacy wire the device token is judged before the payload: a frame that has
 * neither gets status 2 (observed, pushy's barrier, 2013 to 2015). Sizes other than 32 to 100 bytes get status 5 there:
 * Apple's documentation, "up to 100"; a token of one byte was seen to get 5.
 */
export function faithfulVerdict(world: VerdictContext, push: Push): Verdict {
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

function payloadLimit({ quirks }: VerdictContext, { wire, command, pushType }: Push): number {
  if (wire !== "binary") return maxPayloadBytes(pushType ?? "alert", wire);
  const { legacyPayloadBytes, legacyUnframedPayloadBytes } = quirks;
  return command === 2 ? legacyPayloadBytes : Math.min(legacyPayloadBytes, legacyUnframedPayloadBytes);
}

const cannotParse = 128;
const badPriority = rejected(legacyStatusRow(cannotParse).reason, { statusCode: cannotParse });

function legacyPriorityProblem({ quirks }: VerdictContext, push: Push): Verdict | undefined {
  const { priority } = push;
  const { legacyPriority, legacyBackgroundPriority10 } = quirks;
  if (legacyPriority !== "accept" && priority !== 10 && priority !== 5) return badPriority;
  if (legacyBackgroundPriority10 === "accept" || priority !== 10) return undefined;
  return isForBackground(push.payload) ? rejection(legacyBackgroundPriority10) : undefined;
}

/** Whether the user would notice nothing: `content-available`, and neither alert, badge nor sound. */
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
