// Which evidence ends a connection, which only its request, which neither: the table of docs/http2-faults.md.
import { reasonRow } from "@apns/core";

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

/** After so many round trips in which everything was refused, the connection is left. */
const maxRefusedRounds = 2;

/**
 * Tells a connection that refuses everything from one that refuses some. Refusals are counted by round trip, since a
 * thousand streams that were open at once may be refused for one reason, such as a lowered limit.
 */
export class RefusalRun {
  #rounds = 0;
  #roundEndsWith = 0;

  /** A request was decided about. */
  served(): void {
    this.#rounds = 0;
  }

  /** @param lastStreamId the last stream opened so far: a refusal of a later one belongs to a further round trip */
  refused(streamId: number, lastStreamId: number): void {
    if (this.#rounds > 0 && streamId <= this.#roundEndsWith) return;
    this.#rounds++;
    this.#roundEndsWith = lastStreamId;
  }

  /** Nothing but refusals for a while. */
  get isLong(): boolean {
    return this.#rounds >= maxRefusedRounds;
  }
}
