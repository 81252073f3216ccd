import type { KnownReason } from "@apns/core";
import type { ReceivedNotification } from "../received.js";
import type { ServerContext } from "../server-context.js";
import { accepted, type RejectedVerdict, rejection, type Verdict } from "../world/verdict.js";
import { makeId } from "./answer.js";
import type { Api, Decision, Exchange } from "./api.js";
import { appProblem, bundleIdOf, channelProblem } from "./app-checks.js";
import { expirationProblem, isUuid, numberOf, priorityProblem } from "./checks.js";

export const broadcastPath = "/4/broadcasts/apps/";

/** The largest payload of a broadcast; that of a notification for one device is smaller. */
const maxPayloadBytes = 5120;

/**
 * `/4/broadcasts/apps/…`: notifications for all devices that are subscribed to a channel.
 *
 * Source: Apple, "Sending broadcast push notification requests to APNs", and what was observed of it in 2026. The order of
 * the checks is inferred. That a broadcast cannot start a Live Activity is not checked: nobody knows the reason for it.
 */
export class BroadcastApi implements Api {
  readonly name = "broadcast";
  readonly idName = "apns-request-id";
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  decide(exchange: Exchange, forced: RejectedVerdict | undefined): Decision {
    const { request } = exchange;
    const bundleId = bundleIdOf(request.path, broadcastPath, "") ?? "";
    const problem = this.#problem(exchange, bundleId);
    const verdict = forced ?? (problem === undefined ? accepted : rejection(problem));
    const id = isUuid(request.requestId) ? request.requestId : makeId(this.#context.random, "upper");
    this.#record(exchange, bundleId, verdict, id);
    return { verdict, id };
  }

  #problem({ request, body, sender }: Exchange, bundleId: string): KnownReason | undefined {
    const { world, quirks } = this.#context;
    const { channelId, expiration, pushType } = request;
    // Apple's pages: "the method or path is wrong" is a bad path to this interface.
    if (request.method !== "POST" || bundleId === "") return "BadPath";
    const early =
      sender.authenticate(request.authorization) ??
      (request.duplicate ? "DuplicateHeaders" : undefined) ??
      (isBadId(request.requestId) || isBadId(request.apnsId) ? "BadMessageId" : undefined) ??
      priorityProblem(request.priority) ??
      expirationProblem(expiration) ??
      pushTypeProblem(pushType) ??
      appProblem(bundleId, sender, world, quirks) ??
      channelProblem(bundleId, channelId, world);
    if (early !== undefined) return early;
    if (expiration === undefined && quirks.broadcastExpiration === "required") return "BadExpirationDate";
    const { messageStorage } = world.channels.get(bundleId, channelId!)!;
    if (messageStorage === "none" && expiration !== undefined && Number(expiration) !== 0) return "BadExpirationDate";
    if (body.bytes === 0) return "PayloadEmpty";
    return body.bytes > maxPayloadBytes ? "PayloadTooLarge" : undefined;
  }

  #record(
    { request, body, connection, isLost }: Exchange,
    bundleId: string,
    verdict: Verdict,
    apnsRequestId: string,
  ): void {
    const { pushType, channelId } = request;
    const priority = numberOf(request.priority);
    const expiration = numberOf(request.expiration);
    const received: ReceivedNotification = {
      wire: "http2",
      connection,
      deviceToken: "",
      topic: bundleId,
      payload: body.text,
      apnsRequestId,
      verdict,
      receivedAt: this.#context.clock.now(),
      ...(isLost ? { lost: true } : {}),
      ...(channelId === undefined ? {} : { channelId }),
      ...(pushType === undefined ? {} : { pushType }),
      ...(priority === undefined ? {} : { priority }),
      ...(expiration === undefined ? {} : { expiration }),
    };
    this.#context.log.record(received);
  }
}

/** Spelled in three ways on Apple's pages: in none of them with a meaning of its own. */
export function pushTypeProblem(pushType: string | undefined): KnownReason | undefined {
  if (pushType === undefined || pushType === "") return "MissingPushType";
  return pushType.toLowerCase() === "liveactivity" ? undefined : "InvalidPushType";
}

function isBadId(id: string | undefined): boolean {
  return id !== undefined && !isUuid(id);
}
