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
  /** Which connection of its port it came over, counted from 1. */
  readonly connection: number;
  /** A fault has it reach no device. */
  readonly isLost: boolean;
}

/** What is answered to a request. */
export interface Decision {
  readonly verdict: Verdict;
  /** The id that the answer echoes: the sender's own, or a made one. */
  readonly id: string;
  /** Of a success that says more than 200 and the id. */
  readonly success?: Success | undefined;
}

/** The status, further header fields and the body of a success. */
export interface Success {
  readonly httpStatus: number;
  readonly fields?: readonly HeaderField[];
  readonly body?: Buffer;
}

/** One of Apple's interfaces: it turns requests into decisions, and keeps the books of them. */
export interface Api {
  readonly name: ReasonApi;
  /** The header that carries the id. */
  readonly idName: "apns-id" | "apns-request-id";
  /** `imposed` is what a fault has it say, whatever the world would. */
  decide(exchange: Exchange, imposed: RejectedVerdict | undefined): Decision;
}
