import type { ReasonApi } from "@apns/core";
import type { HeaderField } from "@apns/h2";
import type { RejectedVerdict, Verdict } from "../world/verdict.js";
import type { Body } from "./body.js";
import type { Request } from "./request.js";
import type { Sender } from "./sender.js";

/** One request, and who made it. */
export interface Exchange {
  readonly request: Request;
  readonly body: Body;
  readonly sender: Sender;
  /** The number of the connection, counted from 1 for each port. */
  readonly connection: number;
  /** A fault keeps the notification from its device. */
  readonly isLost: boolean;
}

/** The answer to a request. */
export interface Decision {
  readonly verdict: Verdict;
  /** The id that the answer echoes: the sender's own, or a made one. */
  readonly id: string;
  /** The success, where it is more than HTTP status 200 and the id. */
  readonly success?: Success | undefined;
}

/** The status, further header fields and the body of a success. */
export interface Success {
  readonly httpStatus: number;
  readonly fields?: readonly HeaderField[];
  readonly body?: Buffer;
}

/** One of Apple's interfaces: it decides about requests, and records the decisions. */
export interface Api {
  readonly name: ReasonApi;
  /** The header that carries the id. */
  readonly idName: "apns-id" | "apns-request-id";
  /** @param forced the verdict of a fault, which takes the place of the world's */
  decide(exchange: Exchange, forced: RejectedVerdict | undefined): Decision;
}
