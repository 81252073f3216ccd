import type { Notification, Outcome, SendOptions, Transport, TransportStats } from "@apns/core";
import { waitingOnly } from "@apns/core/internal";

/** A notification that would have been sent. */
export interface ShadowSend {
  readonly deviceToken: string;
  readonly apnsId: string | undefined;
  readonly topic: string | undefined;
  readonly pushType: string;
  readonly priority: number | undefined;
  /** UNIX seconds; 0 for a single attempt. */
  readonly expiration: number | undefined;
  readonly payloadBytes: number;
}

/**
 * A transport that sends nothing, accepts everything, and reports what would have been sent: for a dry run in which
 * no notification reaches a device.
 */
export function shadowTransport(onSend: (send: ShadowSend) => void): Transport {
  return new ShadowTransport(onSend);
}

class ShadowTransport implements Transport {
  readonly protocol = "shadow";
  readonly #onSend: (send: ShadowSend) => void;

  constructor(onSend: (send: ShadowSend) => void) {
    this.#onSend = onSend;
  }

  async send(notification: Notification, deviceToken: string, { apnsId }: SendOptions = {}): Promise<Outcome> {
    const { topic, pushType, priority, expiration, encodedPayload } = notification;
    this.#onSend({ deviceToken, apnsId, topic, pushType, priority, expiration, payloadBytes: encodedPayload.length });
    return { kind: "accepted", deviceToken, apnsId, attempts: 0 };
  }

  stats(): TransportStats {
    return waitingOnly(0, 0);
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
