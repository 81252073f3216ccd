// From a request to its verdict, without a server: what is checked, in which order.
//
// The order is inferred, except that the method is checked before the authorization, and the authorization before the
// device token (both observed 2026).
import { type KnownReason, pushTypeRow, pushTypes } from "@apns/core";
import type { Quirks } from "../quirks.js";
import { type Push, rejection, type Verdict } from "../world/verdict.js";
import type { World } from "../world/world.js";
import type { Body } from "./body.js";
import type { Request } from "./request.js";
import type { Sender } from "./sender.js";

export interface Checked {
  readonly verdict: Verdict;
  /** As far as the checks came. */
  readonly deviceToken: string;
  readonly topic: string;
}

const devicePath = "/3/device/";
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isNumber = /^\d{1,15}$/;
const maxCollapseIdBytes = 64;

/** Whether an `apns-id` or `apns-request-id` can be echoed. */
export function isUuid(id: string | undefined): id is string {
  return id !== undefined && uuid.test(id);
}

/** The device token of a path, or an empty text. */
export function deviceTokenOf(path: string): string {
  return path.startsWith(devicePath) ? path.slice(devicePath.length).toLowerCase() : "";
}

/** The verdict about a request, with the parts of it that were found on the way. */
export function checkRequest(request: Request, body: Body, sender: Sender, world: World, quirks: Quirks): Checked {
  const deviceToken = deviceTokenOf(request.path);
  const named = request.topic ?? "";
  const problem = checkTarget(request) ?? sender.authenticate(request.authorization) ?? checkHeaders(request, quirks);
  if (problem !== undefined) return { verdict: rejection(problem), deviceToken, topic: named };
  const resolved = sender.resolveTopic(request.topic);
  if (typeof resolved === "string") return { verdict: rejection(resolved), deviceToken, topic: named };
  const { topic } = resolved;
  const { topicOfOtherPushType } = quirks;
  if (topicOfOtherPushType !== "accept" && !fitsPushType(topic, request.pushType)) {
    return { verdict: rejection(topicOfOtherPushType), deviceToken, topic };
  }
  return { verdict: world.judge(new RequestPush(request, body, deviceToken, topic)), deviceToken, topic };
}

/** Whether the topic has the suffix of the push type; for a push type without a suffix, whether it has no other's. */
function fitsPushType(topic: string, pushType: string | undefined): boolean {
  if (pushType === undefined) return true;
  const { topicSuffix } = pushTypeRow(pushType);
  if (topicSuffix !== "") return topic.endsWith(topicSuffix);
  return !Object.values(pushTypes).some((row) => row.topicSuffix !== "" && topic.endsWith(row.topicSuffix));
}

/** A request as the world is asked about it. */
class RequestPush implements Push {
  readonly wire = "http2";
  readonly deviceToken: string;
  readonly topic: string;
  readonly pushType: string | undefined;
  readonly payloadBytes: number;
  readonly priority: number | undefined;
  readonly expiration: number | undefined;
  readonly #body: Body;

  constructor(request: Request, body: Body, deviceToken: string, topic: string) {
    this.deviceToken = deviceToken;
    this.topic = topic;
    this.pushType = request.pushType;
    this.payloadBytes = body.bytes;
    this.priority = numberOf(request.priority);
    this.expiration = numberOf(request.expiration);
    this.#body = body;
  }

  get payload(): string {
    return this.#body.text;
  }
}

function checkTarget({ method, path }: Request): KnownReason | undefined {
  if (method !== "POST") return "MethodNotAllowed";
  // An empty device token is a matter for later: the path as such is right.
  return path.startsWith(devicePath) && !path.includes("/", devicePath.length) ? undefined : "BadPath";
}

function checkHeaders(request: Request, quirks: Quirks): KnownReason | undefined {
  const { apnsId, expiration, priority, pushType, collapseId } = request;
  if (request.duplicate) return "DuplicateHeaders";
  if (apnsId !== undefined && !isUuid(apnsId)) return "BadMessageId";
  const delivery = expirationProblem(expiration) ?? priorityProblem(priority);
  if (delivery !== undefined) return delivery;
  if (pushType !== undefined && !Object.hasOwn(pushTypes, pushType)) return "InvalidPushType";
  if (pushType === "background" && priority === "10" && quirks.backgroundPriority10 !== "accept") {
    return quirks.backgroundPriority10;
  }
  // Header values reach us one character for each byte, and bytes are what Apple counts.
  return collapseId !== undefined && collapseId.length > maxCollapseIdBytes ? "BadCollapseId" : undefined;
}

export function expirationProblem(expiration: string | undefined): KnownReason | undefined {
  return expiration === undefined || isNumber.test(expiration) ? undefined : "BadExpirationDate";
}

export function priorityProblem(priority: string | undefined): KnownReason | undefined {
  return priority === undefined || priority === "10" || priority === "5" || priority === "1"
    ? undefined
    : "BadPriority";
}

/** The number in a header; `undefined` if its value is no number. */
export function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && isNumber.test(text) ? Number(text) : undefined;
}
