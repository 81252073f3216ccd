import type { Quirks } from "../quirks.js";
import type { ReceivedNotification } from "../received.js";
import type { ServerContext } from "../server-context.js";
import type { RejectedVerdict, Verdict } from "../world/verdict.js";
import { makeId } from "./answer.js";
import type { Api, Decision, Exchange } from "./api.js";
import { type Checked, checkRequest, isUuid, numberOf } from "./checks.js";

/**
 * `/3/device/…`: notifications for one device each.
 *
 * Source: Apple, "Sending notification requests to APNs".
 */
export class DeviceApi implements Api {
  readonly name = "device";
  readonly idName = "apns-id";
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  decide(exchange: Exchange, forced: RejectedVerdict | undefined): Decision {
    const { request, body, sender } = exchange;
    const { world, quirks, random } = this.#context;
    const checked = checkRequest(request, body, sender, world, quirks);
    const verdict = forced ?? checked.verdict;
    const id = isUuid(request.apnsId) ? echoOf(request.apnsId, quirks) : makeId(random, "upper");
    this.#record(exchange, checked, verdict, id);
    return { verdict, id };
  }

  #record({ request, body, connection, isLost }: Exchange, checked: Checked, verdict: Verdict, apnsId: string): void {
    const { pushType, collapseId } = request;
    const priority = numberOf(request.priority);
    const expiration = numberOf(request.expiration);
    const received: { -readonly [Key in keyof ReceivedNotification]: ReceivedNotification[Key] } = {
      wire: "http2",
      connection,
      deviceToken: checked.deviceToken,
      topic: checked.topic,
      payload: body.text,
      apnsId,
      verdict,
      receivedAt: this.#context.clock.now(),
    };
    if (isLost) received.lost = true;
    if (pushType !== undefined) received.pushType = pushType;
    if (collapseId !== undefined) received.collapseId = collapseId;
    if (priority !== undefined) received.priority = priority;
    if (expiration !== undefined) received.expiration = expiration;
    this.#context.log.record(received);
  }
}

function echoOf(apnsId: string, { apnsIdEcho }: Quirks): string {
  return apnsIdEcho === "upper" ? apnsId.toUpperCase() : apnsId;
}
