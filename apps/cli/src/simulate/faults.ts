import { InvalidArgumentError } from "@apns/core";
import type { ActiveFault, Fault, Simulator } from "@apns/simulator";
import { UsageError } from "../errors.js";

/**
 * A fault of `--fault`: JSON as the control API takes it, or its type alone where that is enough.
 * @throws {UsageError} if it is neither
 */
export function parseFault(text: string): Fault {
  if (/^[a-zA-Z]+$/.test(text)) return { type: text } as Fault;
  try {
    const fault: unknown = JSON.parse(text);
    if (typeof fault === "object" && fault !== null && !Array.isArray(fault)) return fault as Fault;
  } catch {
    // Said below.
  }
  throw new UsageError(
    `--fault takes a fault as JSON, such as '{"type":"reject","reason":"BadDeviceToken","share":0.1}', or its type, such as blackHole`,
  );
}

/** @throws {UsageError} if the simulator knows no such fault, naming what is wrong */
export function addFaults(simulator: Simulator, faults: readonly Fault[]): void {
  for (const fault of faults) {
    try {
      simulator.faults.add(fault);
    } catch (error) {
      throw error instanceof InvalidArgumentError ? new UsageError(`--fault: ${error.message}`) : error;
    }
  }
}

interface KeyFault {
  readonly title: string;
  readonly faults: readonly Fault[];
}

/** The faults that keys switch on and off while a simulator runs on a terminal. */
const keyFaults: Readonly<Record<string, KeyFault>> = {
  "1": {
    title: "refuse the next one: BadDeviceToken",
    faults: [{ type: "reject", reason: "BadDeviceToken", times: 1 }],
  },
  "2": {
    title: "refuse every fifth: ServiceUnavailable",
    faults: [{ type: "reject", reason: "ServiceUnavailable", share: 0.2 }],
  },
  "3": { title: "answer a second late", faults: [{ type: "delay", ms: 1000 }] },
  "4": { title: "cut the connection of the next one", faults: [{ type: "cut", how: "rst", times: 1 }] },
  "5": { title: "GOAWAY at the next one", faults: [{ type: "goAway", lastStream: "this", times: 1 }] },
  "6": { title: "take everything and answer nothing", faults: [{ type: "blackHole" }] },
};

/** What the keys do, a line each. */
export const keyHelp: readonly string[] = [
  ...Object.entries(keyFaults).map(([key, { title }]) => `  ${key}  ${title}`),
  "  0  all faults of keys off",
  "  q  end",
];

/** Switches faults by keys. */
export class FaultKeys {
  readonly #simulator: Simulator;
  readonly #on = new Map<string, readonly ActiveFault[]>();

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** Switches the fault of this key, if it has one. */
  press(key: string): void {
    if (key === "0") for (const on of [...this.#on.keys()]) this.#remove(on);
    const { faults } = keyFaults[key] ?? {};
    if (faults === undefined) return;
    if (this.#isOn(key)) this.#remove(key);
    else
      this.#on.set(
        key,
        faults.map((fault) => this.#simulator.faults.add(fault)),
      );
  }

  /** Those that are on, in words. */
  get text(): string {
    const on = [...this.#on.keys()].filter((key) => this.#isOn(key)).sort();
    return on.length === 0 ? "no fault is on" : `on: ${on.map((key) => keyFaults[key]!.title).join("; ")}`;
  }

  /** One that was to strike a few times, and has, is off. */
  #isOn(key: string): boolean {
    const active = this.#on.get(key);
    return active?.some(({ fault, fired }) => fired < (fault.times ?? Number.POSITIVE_INFINITY)) === true;
  }

  #remove(key: string): void {
    for (const fault of this.#on.get(key) ?? []) fault.remove();
    this.#on.delete(key);
  }
}
