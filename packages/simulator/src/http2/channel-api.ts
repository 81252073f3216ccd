import type { KnownReason } from "@apns/core";
import type { ServerContext } from "../server-context.js";
import type { MessageStorage } from "../world/channel-table.js";
import { accepted, type RejectedVerdict, rejection } from "../world/verdict.js";
import { makeId } from "./answer.js";
import type { Api, Decision, Exchange, Success } from "./api.js";
import { appProblem, bundleIdOf, channelProblem } from "./app-checks.js";
import type { Body } from "./body.js";
import { pushTypeProblem } from "./broadcast-api.js";
import { isUuid } from "./checks.js";

const appsPath = "/1/apps/";

/** The place of each is the number that APNs has for it. */
const policies: readonly MessageStorage[] = ["none", "mostRecent"];

/**
 * `/1/apps/…`: channels are made, read, listed and deleted here, on a port of its own.
 *
 * Source: Apple, "Sending channel management requests to APNs", and what was observed of it in 2026: the authorization is
 * looked at before the method; to delete what does not exist is a bad path. The rest of the order is inferred.
 */
export class ChannelApi implements Api {
  readonly name = "channel";
  readonly idName = "apns-request-id";
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  decide(exchange: Exchange, forced: RejectedVerdict | undefined): Decision {
    const { requestId, authorization } = exchange.request;
    const { log, random } = this.#context;
    const unauthorized = exchange.sender.authenticate(authorization);
    const done = forced ?? unauthorized ?? this.#perform(exchange);
    const verdict = typeof done === "string" ? rejection(done) : "kind" in done ? done : accepted;
    log.channels.decided(verdict);
    const id = isUuid(requestId) ? requestId : makeId(random, "upper");
    return { verdict, id, success: typeof done === "string" || "kind" in done ? undefined : done };
  }

  /** Does what the request asks for, or returns the reason to refuse it. */
  #perform(exchange: Exchange): Success | KnownReason {
    const { request, sender } = exchange;
    const { world, quirks } = this.#context;
    const { method, path } = request;
    const listed = bundleIdOf(path, appsPath, "/all-channels");
    const bundleId = listed ?? bundleIdOf(path, appsPath, "/channels");
    if (bundleId === undefined) return "BadPath";
    const allowed = listed === undefined ? ["POST", "GET", "DELETE"] : ["GET"];
    if (!allowed.includes(method)) return "MethodNotAllowed";
    if (request.duplicate) return "DuplicateHeaders";
    if (request.requestId !== undefined && !isUuid(request.requestId)) return "BadMessageId";
    const problem = appProblem(bundleId, sender, world, quirks);
    if (problem !== undefined) return problem;
    if (listed !== undefined) return this.#list(bundleId);
    if (method === "POST") return this.#create(bundleId, exchange.body);
    return method === "GET" ? this.#read(bundleId, request.channelId) : this.#delete(bundleId, request.channelId);
  }

  #create(bundleId: string, body: Body): Success | KnownReason {
    const { channels } = this.#context.world;
    const wanted = parseChannel(body);
    if (typeof wanted === "string") return wanted;
    if (!channels.hasRoom(bundleId)) return "CannotCreateChannelConfig";
    const { channelId } = channels.create(bundleId, wanted.messageStorage);
    return { httpStatus: 201, fields: [["apns-channel-id", channelId]] };
  }

  #read(bundleId: string, channelId: string | undefined): Success | KnownReason {
    const { world } = this.#context;
    const problem = channelProblem(bundleId, channelId, world);
    if (problem !== undefined) return problem;
    const policy = policies.indexOf(world.channels.get(bundleId, channelId!)!.messageStorage);
    return json({ "message-storage-policy": policy, "push-type": "LiveActivity" });
  }

  #delete(bundleId: string, channelId: string | undefined): Success | KnownReason {
    if (channelId === undefined || channelId === "") return "MissingChannelId";
    return this.#context.world.channels.delete(bundleId, channelId) ? { httpStatus: 204 } : "BadPath";
  }

  #list(bundleId: string): Success {
    return json({ channels: this.#context.world.channels.list(bundleId).map(({ channelId }) => channelId) });
  }
}

function json(value: object): Success {
  return { httpStatus: 200, body: Buffer.from(JSON.stringify(value)) };
}

/** The channel that a request asks for, or the reason to refuse it. That the policy must be given is inferred. */
function parseChannel(body: Body): { readonly messageStorage: MessageStorage } | KnownReason {
  let value: unknown;
  try {
    value = JSON.parse(body.text);
  } catch {
    return "BadRequestPayload";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "BadRequestPayload";
  const { "message-storage-policy": policy, "push-type": pushType, ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0) return "BadRequestParams";
  if (pushType !== undefined && typeof pushType !== "string") return "InvalidPushType";
  const problem = pushTypeProblem(pushType);
  if (problem !== undefined) return problem;
  const messageStorage = typeof policy === "number" ? policies[policy] : undefined;
  return messageStorage === undefined ? "BadRequestParams" : { messageStorage };
}
