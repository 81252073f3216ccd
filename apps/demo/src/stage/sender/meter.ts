import type { ConnectionEnded } from "@apns/binary";
import { type Outcome, observe, type Transport, type TransportStats } from "@apns/core";
import { type Attempts, type Balance, Books } from "../../books.js";
import { bucketCount, bucketOf, percentileMs } from "../../page/latency-buckets.js";
import type { LaneSample, ReasonCount, WireName } from "../../page/protocol.js";
import { indexOf, type Workload } from "../../workload.js";
import { ConnectionLog } from "./connection-log.js";
import { FaultCosts } from "./fault-costs.js";

/** A transport whose figures may say how many streams it is allowed, as HTTP/2's do. */
export interface CountingTransport extends Transport {
  stats(): TransportStats & { readonly streamsAllowed?: number };
}

type Figures = Omit<LaneSample, "wire" | "state" | "elapsedMs" | "cpuMs">;

/** Reasons come from the far side: their number needs a bound. */
const maxReasons = 30;

/** Measures one transport, keeps its books, and notes what becomes of its connections. */
export class Meter {
  readonly wire: WireName;
  /** The transport to send by: what goes over it is measured. */
  readonly transport: Transport;
  readonly connections: ConnectionLog = new ConnectionLog();
  readonly #counting: CountingTransport;
  readonly #workload: Workload;
  readonly #faultCosts: FaultCosts;
  readonly #books: Books;
  /** Which notifications of the workload were handed to this transport. */
  readonly #handed: Uint8Array;
  readonly #histogram = new Uint32Array(bucketCount);
  readonly #counts: Record<Outcome["kind"], number> = { accepted: 0, rejected: 0, unsent: 0, unconfirmed: 0 };
  readonly #reasons = new Map<string, { kind: ReasonCount["kind"]; reason: string; count: number }>();
  #sent = 0;
  #settled = 0;

  /** @param attempts how often each notification may be handed to the transport */
  constructor(wire: WireName, transport: CountingTransport, workload: Workload, attempts: Attempts = "one") {
    const { count } = workload;
    this.wire = wire;
    this.#workload = workload;
    this.#faultCosts = new FaultCosts(wire, (index) => workload.kind(index));
    this.#counting = transport;
    this.#books = new Books(count, attempts);
    this.#handed = new Uint8Array(count);
    this.transport = observe<number>(transport, {
      started: ({ deviceToken }) => {
        const index = indexOf(deviceToken);
        this.#handed[index] = 1;
        this.#sent++;
        return index;
      },
      settled: (_, outcome, elapsedMs, index) => this.#settle(outcome, elapsedMs, index),
      connection: (event) => {
        this.connections.note(wire, event);
        this.#faultCosts.connection(event);
      },
    });
  }

  /** The legacy wire tells more about the end of a connection. */
  connectionEnded(ended: ConnectionEnded): void {
    this.connections.noteEnding(this.wire, ended);
    this.#faultCosts.ended(ended);
  }

  figures(): Figures {
    const { resent, queued, bytesWritten, connectionsOpened, streamsAllowed } = this.#counting.stats();
    return {
      ...this.#counts,
      sent: this.#sent,
      settled: this.#settled,
      reasons: [...this.#reasons.values()].map((row) => ({ ...row })),
      inFlight: this.#sent - this.#settled,
      queued,
      resent,
      byFaults: this.#faultCosts.total(resent),
      bytesWritten,
      connectionsOpened,
      connections: this.connections.views,
      streamsAllowed: streamsAllowed ?? null,
      histogram: [...this.#histogram],
      p50Ms: percentileMs(this.#histogram, 0.5),
      p99Ms: percentileMs(this.#histogram, 0.99),
    };
  }

  /** @param faulty faults were struck: a refusal proves nothing wrong with the books then */
  balance(accepted: Uint8Array, faulty: boolean): Balance {
    return this.#books.balance(
      accepted,
      (index) => (faulty ? "bad" : this.#workload.kind(index)),
      (index) => this.#handed[index] === 1,
    );
  }

  #settle(outcome: Outcome, elapsedMs: number, index: number): void {
    this.#books.enter(index, outcome.kind);
    this.#faultCosts.settled(index, outcome);
    this.#settled++;
    this.#counts[outcome.kind]++;
    this.#histogram[bucketOf(elapsedMs)]!++;
    if (outcome.kind === "accepted") return;
    const reason = outcome.kind === "rejected" ? outcome.reason : outcome.cause.code;
    const key = `${outcome.kind} ${reason}`;
    const row = this.#reasons.get(key);
    if (row !== undefined) row.count++;
    else if (this.#reasons.size < maxReasons) this.#reasons.set(key, { kind: outcome.kind, reason, count: 1 });
  }
}
