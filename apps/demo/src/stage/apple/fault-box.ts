import type { ActiveFault, Simulator } from "@apns/simulator";
import type { FaultName } from "../../page/protocol.js";
import { faultPlans } from "../faults.js";

interface Struck {
  readonly name: FaultName;
  readonly faults: ActiveFault[];
  readonly timers: NodeJS.Timeout[];
  roundsLeft: number;
}

/** Adds the faults of the page's buttons to the simulator, and removes them. */
export class FaultBox {
  readonly #simulator: Simulator;
  readonly #onChange: () => void;
  #struck: Struck[] = [];

  /** @param onChange told that other faults are on now */
  constructor(simulator: Simulator, onChange: () => void) {
    this.#simulator = simulator;
    this.#onChange = onChange;
  }

  /** Faults that have not struck yet, or go on. */
  get active(): readonly FaultName[] {
    return [...new Set(this.#struck.map(({ name }) => name))];
  }

  strike(name: FaultName): void {
    if (name === "shutdown") {
      this.#simulator.shutdownGateway();
      return;
    }
    const plan = faultPlans[name];
    const struck: Struck = { name, faults: [], timers: [], roundsLeft: plan.rounds };
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

  /** Removes faults that have struck as often as they were to. */
  tidy(): void {
    const spent = this.#struck.filter(
      ({ roundsLeft, faults }) =>
        roundsLeft === 0 && faults.every(({ fault, fired }) => fired >= (fault.times ?? Number.POSITIVE_INFINITY)),
    );
    if (spent.length === 0) return;
    for (const struck of spent) this.#remove(struck);
    this.#onChange();
  }

  clear(): void {
    for (const struck of this.#struck) this.#remove(struck);
    this.#onChange();
  }

  #remove(struck: Struck): void {
    for (const timer of struck.timers) clearTimeout(timer);
    for (const fault of struck.faults) fault.remove();
    this.#struck = this.#struck.filter((other) => other !== struck);
  }
}
