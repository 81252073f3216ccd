import type { ReasonApi, Wire } from "@apns/core";
import { type RejectedVerdict, rejected } from "../world/verdict.js";
import { checkFault, wiresOf } from "./check-fault.js";
import type { ErrorResponseFault, Fault, NotificationFault, RejectFault, SideFault } from "./fault.js";

/** A fault that was switched on. */
export interface ActiveFault {
  readonly fault: Fault;
  /** How often it struck so far. */
  readonly fired: number;
  /** Switches it off. What it already broke stays broken. */
  remove(): void;
}

/** The faults that are on. Fronts ask at each place where one could strike; without faults that costs one comparison. */
export class Faults {
  readonly #random: () => number;
  #active: Active[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** Switches a fault on, until `remove` or `clear`. Of several that could strike, the one added first does. */
  add(fault: Fault): ActiveFault {
    checkFault(fault);
    const active = new Active(fault, this.#random, () => {
      this.#active = this.#active.filter((other) => other !== active);
    });
    this.#active = [...this.#active, active];
    return active;
  }

  clear(): void {
    this.#active = [];
  }

  /** For the fronts: a TCP connection was accepted. */
  strikesConnection(wire: Wire): boolean {
    return (
      this.#active.some(({ fault }) => fault.type === "stallTls") && this.#strike(["stallTls"], wire) !== undefined
    );
  }

  /** For the fronts: a notification is about to be decided; `count` is how many came before it on its connection. */
  onNotification(
    wire: Wire,
    count: number,
    deviceToken: string,
    api: ReasonApi,
  ): NotificationFault | { readonly type: "reject"; readonly verdict: RejectedVerdict } | undefined {
    if (this.#active.length === 0) return undefined;
    const fault = this.#strike(notificationFaults, wire, count, deviceToken, api);
    return fault?.type === "reject" ? { type: "reject", verdict: toVerdict(fault) } : (fault as NotificationFault);
  }

  /** For the provider API: what happens beside the answer to this notification. */
  besideNotification(count: number, deviceToken: string, api: ReasonApi): readonly SideFault[] {
    if (this.#active.length === 0) return none;
    const strikes = sideFaults.map((type) => this.#strike([type], "http2", count, deviceToken, api));
    return strikes.filter((fault) => fault !== undefined) as SideFault[];
  }

  /** For the gateway: an error response is about to be sent. */
  onErrorResponse(statusCode: number): ErrorResponseFault[] {
    if (this.#active.length === 0) return [];
    const strikes = [this.#strike(["errorResponse"], "binary")];
    if (statusCode === 2) strikes.push(this.#strike(["identifierZero"], "binary"));
    return strikes.filter((fault) => fault !== undefined) as ErrorResponseFault[];
  }

  #strike(
    types: readonly Fault["type"][],
    wire: Wire,
    count = Infinity,
    deviceToken?: string,
    api?: ReasonApi,
  ): Fault | undefined {
    for (const active of this.#active) {
      if (types.includes(active.fault.type) && active.strikes(wire, count, deviceToken, api)) return active.fault;
    }
    return undefined;
  }
}

const none: readonly SideFault[] = [];
const sideFaults: readonly Fault["type"][] = ["settings", "stopReading", "reorder", "delay"];
const notificationFaults: readonly Fault["type"][] = [
  "blackHole",
  "cut",
  "goAway",
  "refuseStream",
  "resetStream",
  "shutdown",
  "reject",
];

class Active implements ActiveFault {
  readonly fault: Fault;
  readonly remove: () => void;
  readonly #random: () => number;
  fired = 0;

  constructor(fault: Fault, random: () => number, remove: () => void) {
    this.fault = fault;
    this.#random = random;
    this.remove = remove;
  }

  strikes(wire: Wire, count: number, deviceToken: string | undefined, api: ReasonApi | undefined): boolean {
    const { fault } = this;
    if (!wiresOf[fault.type].includes(wire) || (fault.wire !== undefined && fault.wire !== wire)) return false;
    if (fault.api !== undefined && fault.api !== api) return false;
    if (count < (fault.after ?? 0) || this.fired >= (fault.times ?? Infinity)) return false;
    if (fault.deviceToken !== undefined && !deviceToken?.startsWith(fault.deviceToken.toLowerCase())) return false;
    if (fault.share !== undefined && this.#random() >= fault.share) return false;
    this.fired++;
    return true;
  }
}

function toVerdict(fault: RejectFault): RejectedVerdict {
  const { httpStatus, statusCode, retryAfter } = fault;
  const verdict = rejected(fault.reason, {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(statusCode === undefined ? {} : { statusCode }),
  });
  return retryAfter === undefined ? verdict : { ...verdict, retryAfter };
}
