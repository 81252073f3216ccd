import { Child } from "@apns/processes";
import type { FaultCounts, FaultName, PhoneView } from "../../page/protocol.js";
import type { AcceptedCounts, Apple, TlsFiles } from "../../simulator/calls.js";
import type { WorkloadOptions } from "../../workload.js";
import type { AppleCalls, AppleEvent, PhoneAction, PhoneAddress } from "./calls.js";

export interface AppleListener {
  phones(phones: readonly PhoneView[]): void;
  faults(active: readonly FaultName[], struck: FaultCounts): void;
  /** The process has ended by itself. */
  ended(error: Error): void;
}

/** Apple's process, as the stage sees it. */
export class AppleProcess {
  readonly delayMs: number;
  readonly apple: Apple;
  /** For a server between a sender and Apple. */
  readonly server: TlsFiles;
  #addresses: readonly PhoneAddress[] = [];
  readonly #child: Child<AppleCalls, AppleEvent>;

  private constructor(delayMs: number, apple: Apple, server: TlsFiles, child: Child<AppleCalls, AppleEvent>) {
    this.delayMs = delayMs;
    this.apple = apple;
    this.server = server;
    this.#child = child;
  }

  /** @throws if Apple's stand-in cannot start */
  static async start(delayMs: number, listener: AppleListener): Promise<AppleProcess> {
    let started: AppleProcess | undefined;
    let addresses: readonly PhoneAddress[] = [];
    const child = new Child<AppleCalls, AppleEvent>(new URL("child.js", import.meta.url), {
      name: "Apple's stand-in",
      onEvent: (event) => {
        if (event.type === "faults") {
          listener.faults(event.active, event.struck);
          return;
        }
        addresses = event.addresses;
        if (started !== undefined) started.#addresses = addresses;
        listener.phones(event.phones);
      },
      onEnd: (error) => listener.ended(error),
    });
    try {
      const { apple, server } = await child.call("start", delayMs);
      started = new AppleProcess(delayMs, apple, server, child);
      started.#addresses = addresses;
      return started;
    } catch (error) {
      await child.end();
      throw error;
    }
  }

  address(phone: number): PhoneAddress {
    const address = this.#addresses[phone];
    if (address === undefined) throw new Error(`There is no phone ${phone}.`);
    return address;
  }

  prepare(workload: WorkloadOptions): Promise<void> {
    return this.#child.call("prepare", workload);
  }

  /** What was really received since `prepare`. */
  counts(): Promise<AcceptedCounts> {
    return this.#child.call("counts");
  }

  strike(name: FaultName): Promise<void> {
    return this.#child.call("strike", name);
  }

  clearFaults(): Promise<void> {
    return this.#child.call("clearFaults");
  }

  actOnPhone(phone: number, action: PhoneAction): Promise<void> {
    return this.#child.call("actOnPhone", { phone, action });
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
