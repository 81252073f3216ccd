import type { FaultName, PhoneView } from "../../page/protocol.js";
import type { AcceptedCounts, Apple, TlsFiles } from "../../simulator/messages.js";
import type { WorkloadOptions } from "../../workload.js";
import { Child } from "../child-process.js";
import type { FromApple, PhoneAction, PhoneAddress, ToApple } from "./messages.js";

export interface AppleListener {
  phones(phones: readonly PhoneView[]): void;
  faults(active: readonly FaultName[]): void;
  /** The process has ended by itself. */
  ended(error: Error): void;
}

/** Apple's process, as the stage sees it. */
export class AppleProcess {
  readonly delayMs: number;
  readonly apple: Apple;
  /** For what stands between a sender and Apple. */
  readonly server: TlsFiles;
  #addresses: readonly PhoneAddress[] = [];
  readonly #child: Child<ToApple, FromApple>;

  private constructor(delayMs: number, apple: Apple, server: TlsFiles, child: Child<ToApple, FromApple>) {
    this.delayMs = delayMs;
    this.apple = apple;
    this.server = server;
    this.#child = child;
  }

  /** @throws if Apple's stand-in cannot start */
  static async start(delayMs: number, listener: AppleListener): Promise<AppleProcess> {
    let started: AppleProcess | undefined;
    let addresses: readonly PhoneAddress[] = [];
    const child = new Child<ToApple, FromApple>(
      new URL("child.js", import.meta.url),
      "Apple's stand-in",
      (message) => {
        if (message.type === "faults") listener.faults(message.active);
        if (message.type !== "phones") return;
        addresses = message.addresses;
        if (started !== undefined) started.#addresses = addresses;
        listener.phones(message.phones);
      },
      (error) => listener.ended(error),
    );
    try {
      const { apple, server } = await child.ask({ type: "start", delayMs }, "ready");
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

  async prepare(workload: WorkloadOptions): Promise<void> {
    await this.#child.ask({ type: "prepare", workload }, "prepared");
  }

  /** What was really received since `prepare`. */
  async counts(): Promise<AcceptedCounts> {
    return (await this.#child.ask({ type: "counts" }, "counts")).counts;
  }

  strike(name: FaultName): void {
    this.#child.send({ type: "fault", name });
  }

  clearFaults(): void {
    this.#child.send({ type: "clearFaults" });
  }

  actOnPhone(phone: number, action: PhoneAction): void {
    this.#child.send({ type: "phone", phone, action });
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
