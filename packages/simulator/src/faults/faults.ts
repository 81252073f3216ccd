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
  /** Of this simulator's faults, counted from 1. */
  readonly id: number;
  readonly fault: Fault;
  /** How often it struck so far. */
  readonly fired: number;
  /** Switches it off. What it already broke stays broken. */
  remove(): void;
}

/** Where a fault could strike. */
export interface Occasion {
  readonly wire: Wire;
  /** How many there were before it: notifications on its connection, or connections on its port. */
  readonly count: number;
  /** Which connection of its wire it is on, counted from 1. */
  readonly connection?: number;
  readonly deviceToken?: string;
  readonly api?: ReasonApi;
}

/** The faults that are on. Fronts ask at each place where one could strike; without faults that costs one comparison. */
export class Faults {
  readonly #seed: number;
  #active: Active[] = [];
  #made = 0;
  #clockSkewMs = 0;

  /** For the simulator: what is so for as long as a fault is on may have changed. */
  onStanding: () => void = () => {};

  constructor(seed: number) {
    this.#seed = seed;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /**
   * Switches a fault on, until `remove` or `clear`. Of several that could strike, the one added first does.
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

  /** For listeners: over which network a TCP connection that came in runs. */
  linkOf(occasion: Occasion): LinkFault | undefined {
    return this.#strike(occasion, ({ type }) => type === "link") as LinkFault | undefined;
  }

  /** For listeners: what becomes of a TCP connection that came in. */
  onConnection(occasion: Occasion): Exclude<ConnectionFault, LinkFault> | undefined {
    const fault = this.#strike(occasion, ({ type }) => momentOf(type) === "connection" && type !== "link");
    return fault as Exclude<ConnectionFault, LinkFault> | undefined;
  }

  /** For the fronts: a notification is about to be decided. */
  onNotification(
    occasion: Occasion,
  ): NotificationFault | { readonly type: "reject"; readonly verdict: RejectedVerdict } | undefined {
    const fault = this.#strike(occasion, ({ type }) => momentOf(type) === "notification");
    return fault?.type === "reject" ? { type: "reject", verdict: toVerdict(fault) } : (fault as NotificationFault);
  }

  /** For the fronts: what happens beside the answer to this notification; one of each kind at most. */
  besideNotification(occasion: Occasion): readonly SideFault[] {
    if (this.#active.length === 0) return none;
    const strikes = sideFaults.map((side) => this.#strike(occasion, ({ type }) => type === side));
    return strikes.filter((fault) => fault !== undefined) as SideFault[];
  }

  /** For the gateway: an error response is about to be sent; one of each kind at most. */
  onErrorResponse(occasion: Occasion, statusCode: number): ErrorResponseFaults {
    if (this.#active.length === 0) return nothing;
    const strike = <Type extends ErrorResponseFault["type"]>(kind: Type): OfType<Type> | undefined =>
      this.#strike(occasion, ({ type }) => type === kind) as OfType<Type> | undefined;
    return {
      sixBytes: strike("errorResponse"),
      wrongIdentifier: strike("wrongIdentifier"),
      identifierZero: statusCode === 2 ? strike("identifierZero") : undefined,
    };
  }

  /** For the feedback service: somebody asks. */
  onFeedback(occasion: Occasion): FeedbackFault | undefined {
    return this.#strike(occasion, ({ type }) => type === "feedback") as FeedbackFault | undefined;
  }

  #become(active: Active[]): void {
    this.#active = active;
    this.#clockSkewMs = 0;
    for (const { fault } of active) if (fault.type === "clockSkew") this.#clockSkewMs += fault.ms;
    this.onStanding();
  }

  #strike(occasion: Occasion, isCandidate: (fault: Fault) => boolean): Fault | undefined {
    for (const active of this.#active) {
      if (isCandidate(active.fault) && active.strikes(occasion)) return active.fault;
    }
    return undefined;
  }
}

/** Every notification is held against all of them. */
const maxActive = 1000;

type OfType<Type extends ErrorResponseFault["type"]> = Extract<ErrorResponseFault, { readonly type: Type }>;

/** What goes wrong with one error response. */
export interface ErrorResponseFaults {
  readonly sixBytes?: OfType<"errorResponse"> | undefined;
  readonly wrongIdentifier?: OfType<"wrongIdentifier"> | undefined;
  readonly identifierZero?: OfType<"identifierZero"> | undefined;
}

const nothing: ErrorResponseFaults = {};
const none: readonly SideFault[] = [];
const sideFaults = (Object.keys(faultTable) as Fault["type"][]).filter((type) => momentOf(type) === "beside");

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

  strikes({ wire, count, connection, deviceToken = "", api }: Occasion): boolean {
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

  /** The same for the same place, whatever happens on other connections meanwhile, and whichever other faults are on. */
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
