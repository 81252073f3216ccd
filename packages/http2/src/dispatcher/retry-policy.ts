// What becomes of requests and connections when an answer is not a plain 200: the tables of docs/http2-faults.md.
import { reasonRow } from "@apns/core";
import type { RequestFailure } from "@apns/h2";

/**
 * What an answer says about the connection on which it came:
 * - `serves`: it decides about its request, so the connection works;
 * - `refuses`: any other request might have got it (403, 421, 429, 502, 503 …); only a run of them says something;
 * - `fails`: 500, after which APNs has been seen to answer every further request on the connection with an error;
 * - `leaves`: APNs says that the connection, or what it was authenticated with, is at its end.
 */
export type AnswerEvidence = "serves" | "refuses" | "fails" | "leaves";

export function evidenceOf(httpStatus: number, reason: string): AnswerEvidence {
  if (httpStatus < 300) return "serves";
  if (httpStatus === 500) return "fails";
  const { retry } = reasonRow(reason, httpStatus);
  if (retry === "newConnection" || retry === "newProviderToken") return "leaves";
  return httpStatus === 403 || httpStatus === 421 || httpStatus === 429 || httpStatus > 500 ? "refuses" : "serves";
}

/**
 * Whether a stream ended in a way that counts against its connection: reset by the peer, or answered by something that is no
 * answer. A stream above a GOAWAY's last one was only not seen, and one that we reset says nothing of the peer.
 */
export function isRefusal({ error }: RequestFailure): boolean {
  return error.scope === "stream" && error.initiator === "remote" && error.code !== "H2_GOAWAY";
}
