import type { ActiveFault, Simulator } from "@apns/simulator";
import type { FaultCounts, FaultName } from "../../page/protocol.js";
import { faultPlans } from "../faults.js";

interface Struck {
  readonly name: FaultName;
  readonly faults: ActiveFault[];
  readonly timers: NodeJS.Timeout[];
  roundsLeft: number;
  /** Whether it has met a notification or a connection. */
  hasStruck: boolean;
}

/** Adds the faults of the page's buttons to the simulator, and removes them. */
export class FaultBox {
  readonly #simulator: Simulator;
  readonly #onChange: () => void;
  #struck: Struck[] = [];
  readonly #counts = new Map<FaultName, number>();

  /** @param onChange told that other faults are on now */
  constructor(simulator: Simulator, onChange: () => void) {
    this.#simulator = simulator;
    this.#onChange = onChange;
  }

  /** Faults that have not struck yet, or go on. */
  get active(): readonly FaultName[] {
    return [...new Set(this.#struck.map(({ name }) => name))];
  }

  /** How often each was pressed and has struck since. */
  get counts(): FaultCounts {
    return Object.fromEntries(this.#counts);
  }

  strike(name: FaultName): void {
    if (name === "shutdown") {
      this.#simulator.shutdownGateway();
      this.#count(name);
      this.#onChange();
      return;
    }
    const plan = faultPlans[name];
    const struck: Struck = { name, faults: [], timers: [], roundsLeft: plan.rounds, hasStruck: false };
    const addRound = (): void => {
      struck.roundsLeft--;
      struck.faults.push(...plan.faults.map((fault) => this.#simulator.faults.add(fault)));
    };
    addRound();
    for (let round = 1; round < plan.rounds; round++) {
      struck.timers.push(setTimeout(addRound, round * plan.everyMs));
    }
    if (plan.forMs !== null) {
      struck.timers.push(
        setTimeout(() => {
          this.#remove(struck);
          this.#onChange();
        }, plan.forMs),
      );
    }
    this.#struck.push(struck);
    this.#onChange();
  }

  /** Counts faults that have struck, and removes those that have as often as they were to. */
  tidy(): void {
    const fresh = this.#struck.filter((struck) => this.#noteStrike(struck));
    const spent = this.#struck.filter(
      ({ roundsLeft, faults }) =>
        roundsLeft === 0 && faults.every(({ fault, fired }) => fired >= (fault.times ?? Number.POSITIVE_INFINITY)),
    );
    if (fresh.length + spent.length === 0) return;
    for (const struck of spent) this.#remove(struck);
    this.#onChange();
  }

  clear(): void {
    for (const struck of this.#struck) this.#remove(struck);
    this.#onChange();
  }

  /** @returns whether it has struck since it was looked at last, and not before */
  #noteStrike(struck: Struck): boolean {
    if (struck.hasStruck || struck.faults.every(({ fired }) => fired === 0)) return false;
    struck.hasStruck = true;
    this.#count(struck.name);
    return true;
  }

  #count(name: FaultName): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  #remove(struck: Struck): void {
    this.#noteStrike(struck);
    for (const timer of struck.timers) clearTimeout(timer);
    for (const fault of struck.faults) fault.remove();
    this.#struck = this.#struck.filter((other) => other !== struck);
  }
}
