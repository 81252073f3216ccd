import type { ConnectionEnded } from "@apns/binary";
import { ApnsError, type ConnectionEvent, type Outcome } from "@apns/core";
import { expect, test } from "vitest";
import { FaultCosts } from "./fault-costs.js";

const kindOf = (index: number) => (index === 0 ? "good" : "bad");
const outcome = (kind: Outcome["kind"], code = "ERR_APNS_CONNECTION_LOST"): Outcome =>
  ({ kind, cause: new ApnsError(code as "ERR_APNS_ABORTED", "x") }) as unknown as Outcome;
const ending = (how: ConnectionEnded["ending"], unprocessed = 0): ConnectionEnded =>
  ({ ending: how, unprocessed }) as ConnectionEnded;
const event = (connection: number, details: object): ConnectionEvent =>
  ({ connection, endpoint: "localhost:1", ...details }) as ConnectionEvent;
const none = { refused: 0, resent: 0, unconfirmed: 0, unsent: 0, connections: 0 };

test("of the legacy wire's refusals, those of good device tokens count, with their connection and their tail", () => {
  const costs = new FaultCosts("binary", kindOf);
  // The outcome and the end of the connection come in either order.
  costs.ended(ending("refused", 300));
  costs.settled(1, outcome("rejected"));
  costs.settled(0, outcome("rejected"));
  costs.ended(ending("refused", 40));
  costs.settled(2, outcome("rejected"));
  costs.ended(ending("refused", 5));
  expect(costs.total(345)).toEqual({ ...none, refused: 1, resent: 40, connections: 1 });
});

test("barriers and idle connections cost nothing, what breaks and what shuts down does", () => {
  const costs = new FaultCosts("binary", kindOf);
  for (const how of ["confirmed", "idle", "connectFailed"] as const) costs.ended(ending(how, 9));
  expect(costs.total(27)).toEqual(none);
  costs.ended(ending("shutdown", 12));
  for (const how of ["lost", "unanswered", "unattributed"] as const) costs.ended(ending(how));
  costs.settled(3, outcome("unconfirmed"));
  expect(costs.total(39)).toEqual({ ...none, resent: 12, unconfirmed: 1, connections: 4 });
});

test("over HTTP/2 a connection counts once, if something ended it", () => {
  const costs = new FaultCosts("http2", kindOf);
  const cause = new ApnsError("ERR_APNS_GOAWAY", "x");
  costs.connection(event(1, { type: "opened" }));
  costs.connection(event(1, { type: "draining", reason: "Shutdown" }));
  costs.connection(event(1, { type: "closed", cause }));
  costs.connection(event(2, { type: "draining" }));
  costs.connection(event(2, { type: "closed" }));
  costs.connection(event(3, { type: "closed", cause }));
  expect(costs.total(7)).toEqual({ ...none, resent: 7, connections: 2 });
});

test("what a stopped run did not send is no cost of a fault", () => {
  const costs = new FaultCosts("http2", kindOf);
  costs.settled(0, outcome("unsent", "ERR_APNS_ABORTED"));
  costs.settled(0, outcome("unsent", "ERR_APNS_TIMEOUT"));
  costs.settled(1, outcome("rejected"));
  expect(costs.total(0)).toEqual({ ...none, unsent: 1 });
});
