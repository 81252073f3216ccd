import type { ConnectionEnded } from "@apns/binary";
import type { ConnectionEvent, Outcome } from "@apns/core";
import type { FaultCost, WireName } from "../../page/protocol.js";
import type { DeviceKind } from "../../workload.js";

/** Refusals and endings come in pairs, at nearly the same time; more than this apart, and they are no pairs. */
const maxUnpaired = 1000;

/**
 * What faults cost a wire, apart from what its own workload costs it: a refusal counts if the device token was good, a connection
 * if neither a bad device token of the workload nor a barrier ended it.
 */
export class FaultCosts {
  readonly #wire: WireName;
  readonly #kindOf: (index: number) => DeviceKind;
  #refused = 0;
  #resent = 0;
  #unconfirmed = 0;
  #unsent = 0;
  #connections = 0;
  /** Legacy wire: whether each refusal was a fault's, until the end of its connection is told, in the same order. */
  #refusals: boolean[] = [];
  /** Legacy wire: the lost tail of each refusal, until the refusal is told. */
  #tails: number[] = [];
  /** HTTP/2: connections that drain because of a fault, counted already. */
  readonly #draining = new Set<number>();

  /** @param kindOf the kind of the device token with this index in the workload */
  constructor(wire: WireName, kindOf: (index: number) => DeviceKind) {
    this.#wire = wire;
    this.#kindOf = kindOf;
  }

  settled(index: number, outcome: Outcome): void {
    if (outcome.kind === "unconfirmed") this.#unconfirmed++;
    // A run that is stopped does not send what is queued.
    if (outcome.kind === "unsent" && outcome.cause.code !== "ERR_APNS_ABORTED") this.#unsent++;
    if (outcome.kind !== "rejected") return;
    const isFault = this.#kindOf(index) === "good";
    if (isFault) this.#refused++;
    if (this.#wire !== "binary") return;
    this.#refusals.push(isFault);
    this.#pair();
  }

  /** A connection of the legacy wire has ended. */
  ended({ ending, unprocessed }: ConnectionEnded): void {
    if (ending === "refused") {
      this.#tails.push(unprocessed);
      this.#pair();
    } else if (ending === "shutdown") {
      this.#connections++;
      this.#resent += unprocessed;
    } else if (ending === "lost" || ending === "unanswered" || ending === "unattributed") {
      this.#connections++;
    }
  }

  /** An event of a connection of HTTP/2: one that was not closed as planned. */
  connection({ connection, ...event }: ConnectionEvent): void {
    if (this.#wire !== "http2") return;
    const isFault = (event.type === "draining" || event.type === "closed") && event.cause !== undefined;
    const isGoodbye = event.type === "draining" && event.reason !== undefined;
    if ((isFault || isGoodbye) && !this.#draining.has(connection)) {
      this.#connections++;
      this.#draining.add(connection);
    }
    if (event.type === "closed") this.#draining.delete(connection);
  }

  /** @param resent by the transport, in all: over HTTP/2 nothing but faults makes it send again */
  total(resent: number): FaultCost {
    return {
      refused: this.#refused,
      resent: this.#wire === "http2" ? resent : this.#resent,
      unconfirmed: this.#unconfirmed,
      unsent: this.#unsent,
      connections: this.#connections,
    };
  }

  #pair(): void {
    while (this.#refusals.length > 0 && this.#tails.length > 0) {
      const tail = this.#tails.shift()!;
      if (!this.#refusals.shift()!) continue;
      this.#connections++;
      this.#resent += tail;
    }
    if (this.#refusals.length > maxUnpaired) this.#refusals = [];
    if (this.#tails.length > maxUnpaired) this.#tails = [];
  }
}
