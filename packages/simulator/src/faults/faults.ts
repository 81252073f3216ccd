import { InvalidArgumentError, type ReasonApi, type Wire } from "@apns/core";
import { randomFor } from "../random.js";
import { type RejectedVerdict, rejected } from "../world/verdict.js";
import type {
  ConnectionFault,
  ErrorResponseFault,
  Fault,
  FeedbackFault,
  LinkFault,
  NotificationFault,
  RejectFault,
  SideFault,
} from "./fault.js";
import { checkFault, type FaultMoment, faultTable } from "./fault-table.js";
import { tokenPattern } from "./token-pattern.js";

/** A fault that was switched on. */
export interface ActiveFault {
  /** Counted from 1 for each simulator. */
  readonly id: number;
  readonly fault: Fault;
  /** How often it was applied so far. */
  readonly fired: number;
  /** Switches it off. What it already broke stays broken. */
  remove(): void;
}

/** A point at which a fault can be applied. */
export interface Occasion {
  readonly wire: Wire;
  /** How many preceded it: notifications on its connection, or connections on its port. */
  readonly count: number;
  /** The number of the connection, counted from 1 for each wire. */
  readonly connection?: number;
  readonly deviceToken?: string;
  readonly api?: ReasonApi;
}

/** The faults that are on. Servers ask at each point where one can be applied; without faults that costs one comparison. */
export class Faults {
  readonly #seed: number;
  #active: Active[] = [];
  #made = 0;
  #clockSkewMs = 0;

  /** For the simulator: called when a standing fault may have been switched on or off. */
  onStanding: () => void = () => {};

  constructor(seed: number) {
    this.#seed = seed;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /**
   * Switches a fault on, until `remove` or `clear`. Of several that match, the one added first is applied.
   * @throws {InvalidArgumentError} naming the field that is wrong
   */
  add(fault: Fault): ActiveFault {
    checkFault(fault);
    if (this.#active.length >= maxActive) {
      throw new InvalidArgumentError("fault", `${maxActive} faults are on already; remove some.`);
    }
    const active = new Active(++this.#made, { ...fault }, this.#seed, () =>
      this.#become(this.#active.filter((other) => other !== active)),
    );
    this.#become([...this.#active, active]);
    return active;
  }

  clear(): void {
    this.#become([]);
  }

  /** By how much the simulator's clock is ahead, in milliseconds. */
  get clockSkewMs(): number {
    return this.#clockSkewMs;
  }

  /** For listeners: whether nothing listens for this wire. */
  refusesConnections(wire: Wire): boolean {
    return this.#active.some(
      ({ fault }) => fault.type === "refuseConnections" && (fault.wire === undefined || fault.wire === wire),
    );
  }

  /** For listeners: the simulated network of a TCP connection that was accepted. */
  linkOf(occasion: Occasion): LinkFault | undefined {
    return this.#firing(occasion, ({ type }) => type === "link") as LinkFault | undefined;
  }

  /** For listeners: the fault of a TCP connection that was accepted. */
  onConnection(occasion: Occasion): Exclude<ConnectionFault, LinkFault> | undefined {
    const fault = this.#firing(occasion, ({ type }) => momentOf(type) === "connection" && type !== "link");
    return fault as Exclude<ConnectionFault, LinkFault> | undefined;
  }

  /** For the servers: the fault that takes the place of the answer to a notification. */
  onNotification(
    occasion: Occasion,
  ): NotificationFault | { readonly type: "reject"; readonly verdict: RejectedVerdict } | undefined {
    const fault = this.#firing(occasion, ({ type }) => momentOf(type) === "notification");
    return fault?.type === "reject" ? { type: "reject", verdict: toVerdict(fault) } : (fault as NotificationFault);
  }

  /** For the servers: the faults that apply beside the answer to a notification, at most one of each type. */
  sideFaultsAt(occasion: Occasion): readonly SideFault[] {
    if (this.#active.length === 0) return none;
    const strikes = sideFaults.map((side) => this.#firing(occasion, ({ type }) => type === side));
    return strikes.filter((fault) => fault !== undefined) as SideFault[];
  }

  /** For the gateway: the faults of an error response that is about to be sent, at most one of each type. */
  onErrorResponse(occasion: Occasion, statusCode: number): ErrorResponseFaults {
    if (this.#active.length === 0) return nothing;
    const strike = <Type extends ErrorResponseFault["type"]>(kind: Type): OfType<Type> | undefined =>
      this.#firing(occasion, ({ type }) => type === kind) as OfType<Type> | undefined;
    return {
      sixBytes: strike("errorResponse"),
      wrongIdentifier: strike("wrongIdentifier"),
      identifierZero: statusCode === 2 ? strike("identifierZero") : undefined,
    };
  }

  /** For the feedback service: the fault of a connection to it. */
  onFeedback(occasion: Occasion): FeedbackFault | undefined {
    return this.#firing(occasion, ({ type }) => type === "feedback") as FeedbackFault | undefined;
  }

  #become(active: Active[]): void {
    this.#active = active;
    this.#clockSkewMs = 0;
    for (const { fault } of active) if (fault.type === "clockSkew") this.#clockSkewMs += fault.ms;
    this.onStanding();
  }

  #firing(occasion: Occasion, isCandidate: (fault: Fault) => boolean): Fault | undefined {
    for (const active of this.#active) {
      if (isCandidate(active.fault) && active.fires(occasion)) return active.fault;
    }
    return undefined;
  }
}

/** Every notification is matched against all of them. */
const maxActive = 1000;

type OfType<Type extends ErrorResponseFault["type"]> = Extract<ErrorResponseFault, { readonly type: Type }>;

/** The faults of one error response. */
export interface ErrorResponseFaults {
  readonly sixBytes?: OfType<"errorResponse"> | undefined;
  readonly wrongIdentifier?: OfType<"wrongIdentifier"> | undefined;
  readonly identifierZero?: OfType<"identifierZero"> | undefined;
}

const nothing: ErrorResponseFaults = {};
const none: readonly SideFault[] = [];
const sideFaults = (Object.keys(faultTable) as Fault["type"][]).filter((type) => momentOf(type) === "answer");

function momentOf(type: Fault["type"]): FaultMoment {
  return faultTable[type].moment;
}

class Active implements ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  readonly remove: () => void;
  readonly #seed: number;
  readonly #isMeant: ((deviceToken: string) => boolean) | undefined;
  fired = 0;

  constructor(id: number, fault: Fault, seed: number, remove: () => void) {
    this.id = id;
    this.fault = fault;
    this.#seed = seed;
    this.#isMeant = fault.deviceToken === undefined ? undefined : tokenPattern(fault.deviceToken);
    this.remove = remove;
  }

  fires({ wire, count, connection, deviceToken = "", api }: Occasion): boolean {
    const { fault } = this;
    if (!faultTable[fault.type].wires.includes(wire) || (fault.wire !== undefined && fault.wire !== wire)) return false;
    if (fault.api !== undefined && fault.api !== api) return false;
    if (fault.connection !== undefined && fault.connection !== connection) return false;
    if (count < (fault.after ?? 0) || this.fired >= (fault.times ?? Infinity)) return false;
    if (this.#isMeant !== undefined && !this.#isMeant(deviceToken)) return false;
    if (fault.share !== undefined && this.#chance(wire, count, connection) >= fault.share) return false;
    this.fired++;
    return true;
  }

  /** The same number for the same notification or connection, whatever happens on others, and whichever other faults are on. */
  #chance(wire: Wire, count: number, connection = 0): number {
    return randomFor(this.#seed, this.id, wire === "binary" ? 1 : 0, connection, count);
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
