// Upstream as a test wants it: there or away, with any answer, and a record of what it has seen.
import { ApnsError, type ConnectionEvent, type Outcome, type SendOptions, type Transport } from "@apns/core";

const refused = new ApnsError("ERR_APNS_CONNECT", "127.0.0.1:1: connection refused.");
const endpoint = "127.0.0.1:1";

/** What upstream answers to a device token. */
export type Answer = "accepted" | "unsent" | "unconfirmed" | 400 | 403 | 410 | 503;

const reasons = { 400: "BadDeviceToken", 403: "InvalidProviderToken", 410: "Unregistered", 503: "ServiceUnavailable" };

/** While upstream is away a send waits, until it is back or the signal fires; while it is there, it is answered at once. */
export class StandInUpstream implements Transport {
  readonly protocol = "test";
  /** The device tokens that upstream has seen, in order. */
  readonly seen: string[] = [];
  /** Those among them that it has accepted. */
  readonly accepted: string[] = [];
  answer: (deviceToken: string) => Answer | Promise<Answer> = () => "accepted";
  /** Whether a send waits for an upstream that is away, instead of being unsent at once. */
  waits = true;
  #isAway = false;
  #listener: ((event: ConnectionEvent) => void) | undefined;
  #connection = 0;
  readonly #waiting = new Set<() => void>();

  async send(_: unknown, deviceToken: string, { apnsId, signal }: SendOptions = {}): Promise<Outcome> {
    const base = { deviceToken, apnsId, attempts: 1 };
    while (this.#isAway) {
      const goesOn = this.waits && (await this.#isBack(signal));
      if (!goesOn) return { kind: "unsent", ...base, attempts: 0, cause: refused };
    }
    this.seen.push(deviceToken);
    const answer = await this.answer(deviceToken);
    if (answer === "accepted") {
      this.accepted.push(deviceToken);
      return { kind: "accepted", ...base };
    }
    if (answer === "unsent" || answer === "unconfirmed") return { kind: answer, ...base, cause: refused };
    return {
      kind: "rejected",
      ...base,
      reason: reasons[answer],
      httpStatus: answer,
      retryable: false,
      dropToken: false,
    };
  }

  /** The connection is lost, and no other can be opened. */
  leave(): void {
    this.#isAway = true;
    this.#listener?.({ type: "failed", connection: ++this.#connection, endpoint, cause: refused });
  }

  comeBack(): void {
    this.#isAway = false;
    this.#listener?.({ type: "opened", connection: ++this.#connection, endpoint });
    this.#listener?.({ type: "closed", connection: this.#connection, endpoint });
    for (const goOn of this.#waiting) goOn();
    this.#waiting.clear();
  }

  watchConnections(added: (event: ConnectionEvent) => void): () => void {
    this.#listener = added;
    if (this.#isAway) this.leave();
    return () => {};
  }

  stats(): never {
    return { queued: 0, inFlight: 0 } as never;
  }
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}

  #isBack(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.add(() => resolve(true));
      signal?.addEventListener("abort", () => resolve(false), { once: true });
    });
  }
}
